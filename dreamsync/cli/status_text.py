"""The state in words: one line that answers "is everything fine?", then what needs a person."""

from collections.abc import Iterator, Sequence

from dreamsync.core.nodes import Side
from dreamsync.core.status import (
    Damaged,
    Direction,
    Hold,
    Paused,
    PauseReason,
    Problem,
    Push,
    State,
    Status,
    TransferStatus,
)
from dreamsync.i18n import _, ngettext, translated
from dreamsync.text import about, ago, changes, count, files, local_time, printable, size

_MOST_PROBLEMS = 10
_MOST_TRANSFERS = 5
_OUT_OF_TOUCH = frozenset({State.STOPPED, State.OFFLINE, State.SIGNED_OUT})


def status_lines(status: Status, *, now_ms: int) -> Sequence[str]:
    """What `dreamsync status` prints."""
    return list(_lines(status, now_ms))


def _lines(status: Status, now_ms: int) -> Iterator[str]:
    yield headline(status, now_ms=now_ms)
    yield from _place(status, now_ms)
    yield from _transfers(status.transfers)
    yield from _problems(status.problems)
    for hold in status.holds:
        yield from hold_lines(hold)
    yield from _skipped(status)


def headline(status: Status, *, now_ms: int) -> str:
    """One line: the state with its counts."""
    waiting = changes(status.pending)
    match status.state:
        case State.IDLE:
            return _up_to_date(status, now_ms)
        case State.STARTING:
            return _("Starting: looking at the folder")
        case State.SYNCING:
            return _("Syncing: {changes} to go, {files} here").format(
                changes=waiting, files=files(status.files)
            )
        case State.PAUSED:
            return _paused(status, waiting)
        case State.OFFLINE:
            return _("Offline: the server does not answer; {changes} waiting").format(
                changes=waiting
            )
        case State.ATTENTION:
            return _("Needs your attention: {what}").format(what=_attention(status))
        case State.ERROR:
            return _("Stopped by an error: {what}").format(what=_attention(status))
        case State.SIGNED_OUT:
            return _("Signed out: sign in again with: dreamsync login")
        case State.STOPPED:
            return _("Not running: {files} here, {changes} waiting").format(
                files=files(status.files), changes=waiting
            )


def state_word(state: State) -> str:
    return {
        State.STARTING: _("starting"),
        State.IDLE: _("in sync"),
        State.SYNCING: _("syncing"),
        State.PAUSED: _("paused"),
        State.OFFLINE: _("offline"),
        State.ATTENTION: _("needs attention"),
        State.ERROR: _("error"),
        State.SIGNED_OUT: _("signed out"),
        State.STOPPED: _("not running"),
    }[state]


def _up_to_date(status: Status, now_ms: int) -> str:
    told = ngettext(
        "Up to date: {n} file matches the server", "Up to date: {n} files match the server",
        status.files,
    ).format(n=count(status.files))  # fmt: skip
    verified = status.verified
    if verified is None:
        return told
    when = ago(verified.at_ms, now_ms)
    if verified.files == status.files:
        return _("{state}, checked {ago}").format(state=told, ago=when)
    return _("{state} ({n} when they were checked {ago})").format(
        state=told, n=count(verified.files), ago=when
    )


def _paused(status: Status, waiting: str) -> str:
    paused = status.paused or Paused(PauseReason.PERSON)
    if paused.reason is PauseReason.BATTERY:
        told = _("Paused while the computer runs on its battery; {changes} waiting")
    elif paused.reason is PauseReason.METERED:
        told = _("Paused while the network counts what is sent; {changes} waiting")
    elif paused.until_ms is None:
        told = _("Paused by you, until you resume; {changes} waiting")
    else:
        until = local_time(paused.until_ms)
        return _("Paused by you until {time}; {changes} waiting").format(
            time=until, changes=waiting
        )
    return told.format(changes=waiting)


def _attention(status: Status) -> str:
    parts = []
    if status.holds:
        number = len(status.holds)
        parts.append(ngettext("{n} question", "{n} questions", number).format(n=number))
    if status.problems:
        number = len(status.problems)
        parts.append(ngettext("{n} problem", "{n} problems", number).format(n=number))
    if status.pending:
        parts.append(_("{changes} to go").format(changes=changes(status.pending)))
    return ", ".join(parts) or _("see the log with: dreamsync logs")


def _place(status: Status, now_ms: int) -> Iterator[str]:
    if status.folder:
        yield _("  Folder  {folder}").format(folder=printable(status.folder))
    if status.server:
        yield _("  Server  {server}, as {account} on {device}").format(
            server=_server(status),
            account=printable(status.account) or "?",
            device=printable(status.device_name) or "?",
        )
    if status.missing_capabilities:
        yield _("  This server goes without: {features}").format(
            features=", ".join(map(translated, status.missing_capabilities))
        )
    if status.last_sync_ms is not None and status.state is not State.IDLE:
        yield _("  Last in sync {ago}").format(ago=ago(status.last_sync_ms, now_ms))
    if status.damaged is not None:
        yield _damaged(status.damaged, now_ms)
    elif status.conflicts is not None:
        yield _conflicts(status.conflicts.copies)
    if status.state is State.PAUSED:
        yield _("  Go on with: dreamsync resume")
    if status.state is State.STOPPED:
        yield _("  Start it with: dreamsync start")


def _damaged(damaged: Damaged, now_ms: int) -> str:
    return ngettext(
        "  {n} file was found damaged on this disk {ago}; the server's version is back, and what "
        "was here is kept beside it: dreamsync conflicts",
        "  {n} files were found damaged on this disk, the last {ago}; the server's versions are "
        "back, and what was here is kept beside them: dreamsync conflicts",
        damaged.files,
    ).format(n=count(damaged.files), ago=ago(damaged.at_ms, now_ms))


def _conflicts(copies: int) -> str:
    return ngettext(
        "  {n} conflict copy to look at: dreamsync conflicts",
        "  {n} conflict copies to look at: dreamsync conflicts",
        copies,
    ).format(n=count(copies))


def _server(status: Status) -> str:
    """With how changes arrive from it, while any can."""
    address = printable(status.server)
    if status.state in _OUT_OF_TOUCH:
        return address
    return _("{server} ({push})").format(server=address, push=_push(status.push))


def _push(push: Push) -> str:
    return {
        Push.REALTIME: _("changes arrive at once"),
        Push.CONNECTING: _("connecting"),
        Push.POLLING: _("asked now and then"),
        Push.DEGRADED: _("asked now and then; its push does not work at the moment"),
    }[push]


def _transfers(transfers: Sequence[TransferStatus]) -> Iterator[str]:
    for one in transfers[:_MOST_TRANSFERS]:
        arrow = "↑" if one.direction is Direction.UP else "↓"
        share = 100 * one.bytes // one.total if one.total else 100
        yield _("  {arrow} {path}  {share} % of {size}").format(
            arrow=arrow, path=printable(one.path), share=share, size=size(one.total)
        )
    if len(transfers) > _MOST_TRANSFERS:
        yield _("  and {n} more").format(n=count(len(transfers) - _MOST_TRANSFERS))


def _problems(problems: Sequence[Problem]) -> Iterator[str]:
    if not problems:
        return
    yield ""
    yield _("Problems")
    for one in problems[:_MOST_PROBLEMS]:
        yield from problem_lines(one)
    if len(problems) > _MOST_PROBLEMS:
        more = count(len(problems) - _MOST_PROBLEMS)
        yield _("  and {n} more: dreamsync status --json").format(n=more)


def problem_lines(problem: Problem) -> Iterator[str]:
    """What happened, to which path, and what to do next."""
    path = printable(problem.path) or _("the whole folder")
    yield "  " + about(path, printable(translated(problem.message)))
    if problem.hint:
        yield f"    {printable(translated(problem.hint))}"


def hold_lines(hold: Hold) -> Iterator[str]:
    """The question, a sample, and the two answers as they are typed."""
    yield ""
    where = _("on this computer") if hold.side is Side.LOCAL else _("on another device")
    yield ngettext(
        "{n} deletion {where} waits for your answer ({reason})",
        "{n} deletions {where} wait for your answer ({reason})",
        hold.deletes,
    ).format(n=count(hold.deletes), where=where, reason=printable(translated(hold.reason)))
    for path in hold.sample:
        yield f"  {printable(path)}"
    if hold.deletes > len(hold.sample) > 0:
        yield _("  and {n} more").format(n=count(hold.deletes - len(hold.sample)))
    yield _("  Delete them everywhere:  dreamsync confirm {id}").format(id=hold.id)
    yield _("  Bring them back:         dreamsync confirm {id} --reject").format(id=hold.id)


def _skipped(status: Status) -> Iterator[str]:
    if status.skipped:
        number = len(status.skipped)
        yield ""
        yield ngettext(
            "{n} item is left out (a link, a special file, a name this system cannot read): "
            "dreamsync status --json",
            "{n} items are left out (links, special files, names this system cannot read): "
            "dreamsync status --json",
            number,
        ).format(n=count(number))
