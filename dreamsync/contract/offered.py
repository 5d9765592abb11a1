"""What is behind capabilities: history, trash, batches, large files, push, acknowledgements."""

import json
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx

from dreamsync.contract.bench import Bench, Json, new_key, of_json, sha256
from dreamsync.contract.reading import cursor_now
from dreamsync.contract.verdicts import NotMet, expect
from dreamsync.message import N_
from dreamsync.remotes.rest.addresses import ensure_storage_allowed
from dreamsync.remotes.rest.api import transport_errors_translated
from dreamsync.wire.batch import (
    BATCH_TYPE,
    DownloadResult,
    ItemResult,
    decode_frame,
    encode_frame,
    split_contents,
)
from dreamsync.wire.fields import Fields, WireError
from dreamsync.wire.messages import Listing, VersionMessage
from dreamsync.wire.problems import ProblemCode
from dreamsync.wire.sync_file import SyncFile
from dreamsync.wire.uploads import BlockListMessage, TicketMessage, UploadMessage

_PUSH_WITHIN_S = 10.0


def history_is_kept(bench: Bench) -> None:
    file = bench.change(bench.put(bench.path("history.txt"), b"one"), b"two")
    answer = bench.ask("GET", f"sync/files/{file.id}/versions")
    items = bench.parsed(answer, Listing.parse, 200).items
    versions = [VersionMessage.parse(item) for item in items]
    told = [(one.version, one.change, one.digest) for one in versions]
    wanted = [(2, "content", sha256(b"two")), (1, "created", sha256(b"one"))]
    expect(told == wanted, N_("the history is {told}", told=told))


def an_old_version_comes_back(bench: Bench) -> None:
    file = bench.change(bench.put(bench.path("restored.txt"), b"one"), b"two")
    body = {"version": 1, "baseVersion": file.version}
    back = bench.file(bench.mutate("POST", f"sync/files/{file.id}/restore", body), 200)
    expect(back.version == file.version + 1, N_("a restored version is not the newest"))
    expect(back.digest == sha256(b"one"), N_("the restored content is not the old one"))


def the_trash_lists_what_was_deleted(bench: Bench) -> None:
    file = bench.put(bench.path("trashed.txt"))
    tombstone = bench.file(bench.delete(file), 200)
    listed = bench.parsed(bench.ask("GET", "sync/trash"), Listing.parse, 200).items
    there = [SyncFile.parse(item).id for item in listed]
    expect(
        file.id in there, N_("a file that was just deleted is not on the first page of the trash")
    )
    body = {"version": 1, "baseVersion": tombstone.version}
    back = bench.file(bench.mutate("POST", f"sync/files/{file.id}/restore", body), 200)
    expect(not back.deleted, N_("a restored tombstone has a deletedAt"))


def an_answer_travels_on_the_tombstone(bench: Bench) -> None:
    file = bench.put(bench.path("confirmed.txt"))
    params = {"baseVersion": "1", "confirmed": "true"}
    answer = bench.ask("DELETE", f"sync/files/{file.id}", key=new_key(), params=params)
    expect(bench.file(answer, 200).confirmed, N_("a person's answer is not on the tombstone"))
    expect(bench.now(file).confirmed, N_("a person's answer is not in the feed"))


def content_is_copied_from_where_it_may_be_read(bench: Bench) -> None:
    content = b"copied " * 100
    file = bench.put(bench.path("original.bin"), content)
    path = bench.path("copy.bin")
    body = {
        "version": file.version,
        "fileSize": len(content),
        "digest": sha256(content),
        "fileName": path,
        "baseVersion": 0,
    }
    unknown = bench.mutate("POST", f"sync/files/{uuid.uuid4()}/copy", body)
    bench.refused(unknown, 404, ProblemCode.NOT_FOUND)
    other = {**body, "digest": sha256(b"other")}
    refused = bench.mutate("POST", f"sync/files/{file.id}/copy", other)
    bench.refused(refused, 422, ProblemCode.DIGEST_MISMATCH)
    copy = bench.file(bench.mutate("POST", f"sync/files/{file.id}/copy", body), 201)
    expect(copy.id != file.id, N_("the copy is the same node as what it was made from"))
    expect(copy.digest == sha256(content), N_("the copy has another content"))


def blocks_are_told(bench: Bench) -> None:
    content = b"block" * 100
    file = bench.put(bench.path("blocks.bin"), content)
    answer = bench.ask("GET", f"sync/files/{file.id}/blocks")
    listed = bench.parsed(answer, BlockListMessage.parse, 200)
    expect(listed.sha256 == (sha256(content),), N_("the blocks are not those of the file"))


def each_item_of_a_batch_has_its_own_result(bench: Bench) -> None:
    taken = bench.put(bench.path("taken.txt"))
    names = [bench.path("one.txt"), taken.file_name, bench.path("two.txt")]
    results = _batch_upload(bench, [(name, name.encode()) for name in names])
    statuses = [one.status for one in results]
    expect(
        statuses == [201, 409, 201],
        N_("a batch of three, one of them refused, is answered {statuses}", statuses=statuses),
    )
    told = {one.file_name: one.digest for one in bench.news()}
    for name in (names[0], names[2]):
        expect(told.get(name) == sha256(name.encode()), N_("a file of a batch is not there"))


def a_repeated_batch_has_one_effect(bench: Bench) -> None:
    items = [_item(bench.path("again.txt"), b"one")]
    first = _send_batch(bench, items, [b"one"])
    again = _send_batch(bench, items, [b"one"])
    expect(first == again, N_("the same batch is answered in another way"))
    file = first[0].file
    expect(file is not None and bench.now(file).version == 1, N_("it had a second effect"))


def a_batch_gives_contents(bench: Bench) -> None:
    files = [bench.put(bench.path(f"{n}.txt"), f"content {n}".encode()) for n in range(3)]
    items = [{"fileId": file.id, "version": file.version} for file in files]
    answer = bench.ask("POST", "sync/batch/download", json={"items": items})
    expect(answer.status_code == 200, N_("answered {status}", status=answer.status_code))
    try:
        header, content = decode_frame(answer.content)
        results = Fields.of(header, "batch").messages("results", DownloadResult.parse)
        bodies = split_contents(content, [one.file_size for one in results])
    except WireError as error:
        raise NotMet(N_("the answer is no batch: {error}", error=error)) from error
    expect(list(bodies) == [b"content 0", b"content 1", b"content 2"], N_("other bytes, or order"))


def a_batch_deletes_one_by_one(bench: Bench) -> None:
    path = bench.path("subtree")
    file = bench.put(f"{path}/inside.txt")
    newcomer = bench.put(f"{path}/newcomer.txt")
    folder = bench.at(path)
    items = [
        {"key": new_key(), "fileId": one.id, "baseVersion": one.version} for one in (file, folder)
    ]
    answer = bench.mutate("POST", "sync/batch/delete", {"items": items})
    statuses = [one.status for one in _results(bench, answer)]
    expect(
        statuses == [200, 409],
        N_("deleting a file and its full folder is answered {statuses}", statuses=statuses),
    )
    expect(not bench.now(newcomer).deleted, N_("a file beside those named was deleted"))


def a_large_file_goes_in_blocks(bench: Bench) -> None:
    content = b"large, in blocks" * 256
    path = bench.path("session.bin")
    answer = bench.mutate("POST", "sync/uploads", {"fileName": path, "fileSize": len(content)})
    session = bench.parsed(answer, UploadMessage.parse, 201)
    expect(session.block_size > 0, N_("no blockSize"))
    ticket = _ticket(bench, session.upload_id, content)
    wrong = _put(bench, ticket, content[::-1])
    expect(
        wrong.status_code == 422,
        N_("a block of other bytes is answered {status}", status=wrong.status_code),
    )
    right = _put(bench, ticket, content)
    expect(
        right.status_code in (200, 201, 204),
        N_("a block is answered {status}", status=right.status_code),
    )
    body = {"digest": sha256(content), "fileSize": len(content)}
    done = bench.mutate("POST", f"sync/uploads/{session.upload_id}/complete", body)
    expect(bench.file(done).digest == sha256(content), N_("the digest is not that of its blocks"))


def completing_too_early_tells_what_is_missing(bench: Bench) -> None:
    body = {"fileName": bench.path("early.bin"), "fileSize": 100}
    session = bench.parsed(bench.mutate("POST", "sync/uploads", body), UploadMessage.parse, 201)
    path = f"sync/uploads/{session.upload_id}"
    whole = {"digest": "0" * 64, "fileSize": 100}
    refused = bench.refused(
        bench.mutate("POST", f"{path}/complete", whole), 409, ProblemCode.INCOMPLETE
    )
    expect(refused.missing == (0,), N_("missing is {missing}", missing=refused.missing))
    ended = bench.ask("DELETE", path, key=new_key())
    expect(
        ended.status_code == 204,
        N_("giving an upload up is answered {status}", status=ended.status_code),
    )


def push_tells_of_commits(bench: Bench) -> None:
    with _events(bench) as cursors:
        first = next(cursors, None)
        expect(first is not None, N_("no cursor is told on connection"))
        bench.put(bench.path("pushed.txt"))
        second = next(cursors, None)
    expect(second is not None and second != first, N_("a commit is not told"))


def how_far_a_device_is_is_noted(bench: Bench) -> None:
    body = {"cursor": cursor_now(bench), "missing": []}
    answer = bench.mutate("POST", "sync/ack", body)
    expect(answer.status_code == 204, N_("answered {status}", status=answer.status_code))


def _batch_upload(bench: Bench, files: Sequence[tuple[str, bytes]]) -> Sequence[ItemResult]:
    items = [_item(path, content) for path, content in files]
    return _send_batch(bench, items, [content for _, content in files])


def _item(path: str, content: bytes) -> Json:
    return {"key": new_key(), "kind": "file", "fileName": path, "fileSize": len(content)}


def _send_batch(
    bench: Bench, items: Sequence[Json], contents: Sequence[bytes]
) -> Sequence[ItemResult]:
    frame = b"".join(encode_frame({"items": list(items)}, contents))
    headers = {"Content-Type": BATCH_TYPE}
    answer = bench.ask("POST", "sync/batch/upload", key=new_key(), content=frame, headers=headers)
    return _results(bench, answer)


def _results(bench: Bench, answer: httpx.Response) -> Sequence[ItemResult]:
    return bench.parsed(
        answer, lambda value: Fields.of(value, "batch").messages("results", ItemResult.parse), 200
    )


def _ticket(bench: Bench, upload_id: str, content: bytes) -> TicketMessage:
    block = {"index": 0, "sha256": sha256(content), "size": len(content)}
    answer = bench.mutate("POST", f"sync/uploads/{upload_id}/blocks", {"blocks": [block]})
    expect(
        answer.status_code == 200,
        N_("asking for a block's URL is answered {status}", status=answer.status_code),
    )
    try:
        (ticket,) = Fields.of(of_json(answer), "blocks").messages("blocks", TicketMessage.parse)
    except (WireError, ValueError) as error:
        raise NotMet(N_("the answer is not the contract's: {error}", error=error)) from error
    return ticket


def _put(bench: Bench, ticket: TicketMessage, content: bytes) -> httpx.Response:
    if ticket.url is None:
        raise NotMet(N_("a block of a new file is said to be present"))
    hosts = frozenset(bench.capabilities.storage_hosts)
    ensure_storage_allowed(ticket.url, server=bench.connection.origin, hosts=hosts)
    with transport_errors_translated():
        return bench.client.put(ticket.url, content=content, headers=dict(ticket.headers))


@contextmanager
def _events(bench: Bench) -> Iterator[Iterator[str]]:
    """The cursors that the push stream tells; none where it stays silent."""
    with transport_errors_translated(), bench.client.stream(
        "GET",
        f"{bench.connection.url.rstrip('/')}/sync/events",
        headers={"Authorization": f"Bearer {bench.token}", "Accept": "text/event-stream"},
        timeout=httpx.Timeout(_PUSH_WITHIN_S),
    ) as answer:  # fmt: skip
        expect(answer.status_code == 200, N_("answered {status}", status=answer.status_code))
        yield _cursors(answer)


def _cursors(answer: httpx.Response) -> Iterator[str]:
    deadline = time.monotonic() + 2 * _PUSH_WITHIN_S
    for line in answer.iter_lines():
        name, _, value = line.partition(":")
        if name == "data":
            try:
                yield str(json.loads(value)["cursor"])
            except (ValueError, KeyError, TypeError) as error:
                raise NotMet(N_("an event is not {cursor}")) from error
        if time.monotonic() > deadline:
            return
