"""The feed, its cursors, and downloads."""

from datetime import UTC, datetime, timedelta

from dreamsync.contract.bench import Bench, sha256
from dreamsync.contract.verdicts import expect
from dreamsync.message import N_
from dreamsync.wire.messages import PROTOCOL, DownloadTicket, StatusMessage
from dreamsync.wire.problems import ProblemCode
from dreamsync.wire.sync_file import SyncFile

_LONGEST_URL = timedelta(minutes=10, seconds=5)
_CONTENT = b"0123456789" * 100


def status_names_all(bench: Bench) -> None:
    bench.need_full()
    status = bench.parsed(bench.ask("GET", "sync/status"), StatusMessage.parse, 200)
    expect(status.cursor, N_("no cursor"))
    expect(
        status.protocol == PROTOCOL,
        N_("protocol is {protocol}, not {wanted}", protocol=status.protocol, wanted=PROTOCOL),
    )
    expect(status.space_id, N_("no space.id"))


def a_node_is_told_once_as_it_is(bench: Bench) -> None:
    bench.need_full()
    file = bench.change(bench.put(bench.path("twice.txt"), b"one"), b"two, longer")
    told = [one for one in bench.news() if one.id == file.id]
    expect(len(told) == 1, N_("one node is told {n} times", n=len(told)))
    expect(
        told[0].version == file.version,
        N_("version {version}, not {wanted}", version=told[0].version, wanted=file.version),
    )
    expect(told[0].digest == sha256(b"two, longer"), N_("the digest is not that of its bytes"))


def pages_add_up(bench: Bench) -> None:
    bench.need_full()
    files = {bench.put(bench.path(f"{number}.txt")).id for number in range(3)}
    paged, last = bench.pages(bench.since, limit=2)
    expect(files <= {one.id for one in paged}, N_("small pages do not tell of every change"))
    told = bench.page(last)
    expect(not told.files, N_("the cursor of the last page is not the head of the feed"))


def the_first_listing_has_no_tombstones(bench: Bench) -> None:
    bench.need_full()
    file = bench.put(bench.path("gone.txt"))
    bench.file(bench.delete(file), 200)
    listed, last = bench.pages(None)
    expect(
        not [one for one in listed if one.deleted], N_("a listing from zero tells of tombstones")
    )
    after = bench.put(bench.path("after.txt"))
    told = {one.id for one in bench.pages(last)[0]}
    expect(after.id in told, N_("the last cursor of a listing does not continue the feed"))


def the_feed_goes_on_after_a_cursor(bench: Bench) -> None:
    bench.need_full()
    before = bench.put(bench.path("before.txt"))
    cursor = cursor_now(bench)
    file = bench.put(bench.path("later.txt"))
    told = [one.id for one in bench.pages(cursor)[0] if bench.is_own(one)]
    expect(file.id in told, N_("a change after the cursor is not told"))
    expect(before.id not in told, N_("what was before the cursor is told again"))


def an_unknown_commit_is_another_history(bench: Bench) -> None:
    bench.need_full()
    answer = bench.ask("GET", "sync/files", params={"since": foreign_cursor(cursor_now(bench))})
    bench.refused(answer, 410, ProblemCode.HISTORY_REPLACED)


def garbage_is_no_cursor(bench: Bench) -> None:
    bench.need_full()
    answer = bench.ask("GET", "sync/files", params={"since": "no cursor at all"})
    bench.refused(answer, 400, ProblemCode.INVALID_CURSOR)


def what_is_not_there_is_404(bench: Bench) -> None:
    bench.need_full()
    unknown = "00000000-0000-4000-8000-000000000000"
    for path in (f"sync/files/{unknown}", f"sync/download/{unknown}"):
        bench.refused(bench.ask("GET", path), 404, ProblemCode.NOT_FOUND)


def urls_expire(bench: Bench) -> None:
    bench.need_full()
    ticket = _ticket(bench, bench.put(bench.path("url.txt"), _CONTENT))
    expect(ticket.expires_at, N_("no expiresAt"))
    if ticket.expires_at is not None:
        left = ticket.expires_at - (_server_time(bench) or datetime.now(UTC))
        expect(timedelta(0) < left <= _LONGEST_URL, N_("the URL is good for {left}", left=left))


def urls_cannot_be_changed(bench: Bench) -> None:
    bench.need_full()
    url = _ticket(bench, bench.put(bench.path("signed.txt"), _CONTENT)).url
    answer = bench.fetch(url[:-1] + ("0" if url[-1] != "0" else "1"))
    expect(
        answer.status_code in (400, 403, 404),
        N_("a changed URL answers {status}", status=answer.status_code),
    )


def ranges_are_honoured(bench: Bench) -> None:
    bench.need_full()
    url = _ticket(bench, bench.put(bench.path("ranges.bin"), _CONTENT)).url
    answer = bench.fetch(url, range_of=(10, 19))
    expect(
        answer.status_code == 206,
        N_("a range is answered {status}", status=answer.status_code),
    )
    expect(answer.content == _CONTENT[10:20], N_("a range gives other bytes"))


def _ticket(bench: Bench, file: SyncFile) -> DownloadTicket:
    return bench.parsed(bench.ask("GET", f"sync/download/{file.id}"), DownloadTicket.parse, 200)


def cursor_now(bench: Bench) -> str:
    return bench.parsed(bench.ask("GET", "sync/status"), StatusMessage.parse, 200).cursor


def _server_time(bench: Bench) -> datetime | None:
    return bench.parsed(bench.ask("GET", "sync/status"), StatusMessage.parse, 200).server_time


def foreign_cursor(cursor: str) -> str:
    """Of the same form, naming a commit that never was: letters and digits in its second half are
    changed, since a cursor is opaque but for our own server's."""
    head, dot, rest = cursor.partition(".")
    changed = "".join(_other(letter) for letter in (rest if dot else head))
    return f"{head}.{changed}" if dot else changed


def _other(letter: str) -> str:
    if letter.isdigit():
        return str((int(letter) + 1) % 10)
    return "a" if letter in "bcdef" else letter
