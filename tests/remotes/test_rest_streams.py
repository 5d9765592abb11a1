"""What is streamed to and from the server: uploads, batches, hints."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from dreamsync.core.nodes import Content
from dreamsync.remotes.errors import (
    ContentMismatch,
    NotTheContract,
    Unreachable,
)
from tests.remotes.accounts import SentBytes, at, file_put
from tests.remotes.faulty_remote import (
    CONTENT,
    LOGIN_PAGE,
    NODE,
    after_status,
    remote_to,
)
from tests.remotes.faulty_server import (
    Received,
    answer,
    json_answer,
)


class TestUploads:
    @pytest.mark.promise(17)
    @pytest.mark.fault("changed while sent")
    def test_a_file_that_grew_while_it_was_sent_is_not_completed(self) -> None:
        with remote_to(after_status(lambda _: json_answer({}))) as (remote, server):
            with pytest.raises(ContentMismatch):
                remote.upload(file_put(at("a"), b"before"), SentBytes(b"before and after"))

            assert server.calls("POST /sync/upload") == 0

    def test_a_name_arrives_as_it_is_whatever_is_in_it(self) -> None:
        name = 'a "b"; name=c – 사진\\.txt'
        node = {"id": "n", "fileName": name, "version": 1}
        with remote_to(after_status(lambda _: json_answer(node))) as (remote, server):
            remote.upload(file_put(at(name), b"a"), SentBytes(b"a"))

            assert f'name="name"\r\n\r\n{name}\r\n'.encode() in server.received[-1].body

    def test_a_source_that_fails_keeps_its_own_error(self) -> None:
        class Broken(SentBytes):
            def __iter__(self) -> Iterator[bytes]:
                yield b"a"
                raise PermissionError("locked")

        with (
            remote_to(after_status(lambda _: json_answer({}))) as (remote, _),
            pytest.raises(PermissionError),
        ):
            remote.upload(file_put(at("a"), b"abc"), Broken(b"abc"))

    def test_a_batch_with_a_result_missing_is_refused(self) -> None:
        reply = json_answer({"results": []})
        put = replace(file_put(at("a"), b"a"), content=Content(1))
        with (
            remote_to(after_status(lambda _: reply)) as (remote, _),
            pytest.raises(NotTheContract),
        ):
            remote.upload_batch([(put, b"a")])

    def test_a_batch_of_downloads_must_account_for_every_byte(self) -> None:
        result = {"status": 200, "fileId": "node", "version": 1, "fileSize": 1000}
        frame = json.dumps({"results": [result]}).encode() + b"\n" + CONTENT + b"!"
        with (
            remote_to(after_status(lambda _: answer(200, frame))) as (remote, _),
            pytest.raises(NotTheContract),
        ):
            remote.download_batch([NODE])


class TestHints:
    def test_a_server_that_says_nothing_is_unreachable(self) -> None:
        over = threading.Event()

        def silent(_: Received) -> bytes:
            over.wait(10)
            return b""

        with remote_to(after_status(silent)) as (remote, _), pytest.raises(Unreachable):
            next(remote.hints())

        over.set()

    def test_comments_and_cursors_are_told_until_the_stream_breaks(self) -> None:
        stream = b': hello\n\nevent: cursor\ndata: {"cursor": "5.c"}\n\nevent: other\ndata: x\n\n'
        reply = answer(200, stream, headers={"Content-Type": "text/event-stream"}, length=10_000)
        with remote_to(after_status(lambda _: reply)) as (remote, _):
            told: list[str | None] = []
            with pytest.raises(Unreachable):
                told.extend(remote.hints())

            assert told == [None, "5.c"]

    def test_another_document_is_no_push_stream(self) -> None:
        with (
            remote_to(after_status(lambda _: LOGIN_PAGE)) as (remote, _),
            pytest.raises(NotTheContract),
        ):
            next(remote.hints())
