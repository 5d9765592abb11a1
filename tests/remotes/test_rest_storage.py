"""Presigned URLs: where the client goes, and what it takes for the file."""

import logging

import pytest

from dreamsync.remotes.errors import (
    ContentMismatch,
    HostRefused,
    NotTheContract,
    Unreachable,
)
from dreamsync.remotes.protocol import Block, BlockTicket
from tests.remotes.accounts import content_of
from tests.remotes.faulty_remote import (
    CONTENT,
    LOGIN_PAGE,
    NODE,
    after_status,
    remote_to,
    storage,
)
from tests.remotes.faulty_server import (
    answer,
    faulty_server,
    json_answer,
)


class TestPresignedUrls:
    @pytest.mark.security(3)
    def test_no_token_goes_to_storage(self) -> None:
        with remote_to(storage(lambda _: answer(200, CONTENT))) as (remote, server):
            assert b"".join(remote.download(NODE)) == CONTENT

            assert "authorization" not in server.received[-1].headers

    @pytest.mark.security(3)
    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.1:{port}/x",
            "https://evil.example/x",
            "file:///etc/passwd",
            "http://user:password@127.0.0.1:{port}/x",
            "not a url",
            "",
        ],
    )
    def test_no_other_host_is_contacted(self, url: str) -> None:
        with faulty_server(lambda _: answer(200, CONTENT)) as other:
            port = other.url.rpartition(":")[2]
            ticket = json_answer({"url": url.format(port=port), "version": 1})
            with (
                remote_to(after_status(lambda _: ticket)) as (remote, _),
                pytest.raises(HostRefused),
            ):
                list(remote.download(NODE))

            assert other.connections == 0

    @pytest.mark.security(3)
    def test_a_redirect_of_storage_is_not_followed(self) -> None:
        with faulty_server(lambda _: answer(200, CONTENT)) as other:
            redirect = answer(302, headers={"Location": other.url})
            with (
                remote_to(storage(lambda _: redirect)) as (remote, _),
                pytest.raises(NotTheContract),
            ):
                list(remote.download(NODE))

            assert other.connections == 0

    @pytest.mark.promise(18)
    @pytest.mark.fault("wrong bytes")
    def test_a_short_body_is_unreachable_after_what_came(self) -> None:
        short = answer(200, CONTENT[:400], length=len(CONTENT))
        with remote_to(storage(lambda _: short)) as (remote, _):
            came: list[bytes] = []
            with pytest.raises(Unreachable):
                came.extend(remote.download(NODE))

            assert CONTENT.startswith(b"".join(came))

    @pytest.mark.promise(18)
    @pytest.mark.fault("wrong bytes")
    @pytest.mark.parametrize(
        "reply",
        [
            answer(200, CONTENT + b"!"),
            answer(200, CONTENT[:-1]),
            LOGIN_PAGE,
            answer(200, CONTENT, headers={"Content-Encoding": "gzip"}),
            answer(204),
        ],
    )
    def test_a_body_of_another_length_is_not_the_file(self, reply: bytes) -> None:
        with (
            remote_to(storage(lambda _: reply)) as (remote, _),
            pytest.raises((NotTheContract, Unreachable)),
        ):
            list(remote.download(NODE))

    @pytest.mark.promise(18)
    @pytest.mark.fault("wrong bytes")
    def test_more_bytes_than_the_file_has_are_not_handed_on(self) -> None:
        chunk = f"{len(CONTENT) + 1:x}\r\n".encode() + CONTENT + b"!\r\n0\r\n\r\n"
        reply = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk
        with (
            remote_to(storage(lambda _: reply)) as (remote, _),
            pytest.raises(NotTheContract),
        ):
            list(remote.download(NODE))

    def test_storage_that_ignores_ranges_still_resumes(self) -> None:
        with remote_to(storage(lambda _: answer(200, CONTENT))) as (remote, server):
            assert b"".join(remote.download(NODE, offset=700)) == CONTENT[700:]
            assert server.received[-1].headers["range"] == "bytes=700-"

    def test_another_range_than_asked_for_is_refused(self) -> None:
        wrong = answer(206, CONTENT[600:], headers={"Content-Range": "bytes 600-999/1000"})
        with (
            remote_to(storage(lambda _: wrong)) as (remote, _),
            pytest.raises(NotTheContract),
        ):
            list(remote.download(NODE, offset=700))

    @pytest.mark.fault("url expired")
    def test_an_expired_url_is_asked_for_anew(self) -> None:
        replies = iter([answer(403, b"<Error>expired</Error>"), answer(200, CONTENT)])
        with remote_to(storage(lambda _: next(replies))) as (remote, server):
            assert b"".join(remote.download(NODE)) == CONTENT
            assert server.calls("GET /sync/download/node") == 2

    @pytest.mark.fault("url expired")
    def test_urls_that_expire_for_ever_end_in_unreachable(self) -> None:
        with (
            remote_to(storage(lambda _: answer(403))) as (remote, _),
            pytest.raises(Unreachable),
        ):
            list(remote.download(NODE))

    def test_a_ticket_for_other_content_is_refused(self) -> None:
        with (
            remote_to(storage(lambda _: b"", digest="0" * 64)) as (remote, _),
            pytest.raises(ContentMismatch),
        ):
            list(remote.download(NODE))

    @pytest.mark.security(3)
    def test_a_ticket_cannot_make_the_client_send_its_own_headers(self) -> None:
        block = Block(0, content_of(CONTENT).digest or "", len(CONTENT))
        with remote_to(after_status(lambda _: answer(200))) as (remote, server):
            ticket = BlockTicket(0, f"{server.url}/storage/x", (("Host", "metadata"),))
            with pytest.raises(NotTheContract):
                remote.send_block(ticket, block, CONTENT)

    @pytest.mark.security(4)
    def test_signed_urls_and_tokens_reach_no_log(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        with remote_to(storage(lambda _: answer(200, CONTENT))) as (remote, _):
            list(remote.download(NODE))

        assert "canary" not in caplog.text
        assert "Bearer" not in caplog.text
