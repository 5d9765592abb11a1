"""The view in words: the lines that menu and tooltip share."""

from collections.abc import Iterator

from dreamsync.core.nodes import Side
from dreamsync.core.status import (
    Act,
    Activity,
    Direction,
    Hold,
    Paused,
    PauseReason,
    Problem,
    State,
    Status,
    TransferStatus,
)
from dreamsync.i18n import _, ngettext, translated
from dreamsync.text import about, changes, clock_time, count, printable, shortened, size
from dreamsync.tray.view import Absence, View

_MOST_TRANSFERS = 3
_MOST_PATH = 48
_MOST_SENTENCE = 90


def headline(view: View) -> str:
    """The state in one line."""
    status = view.status
    if status is None:
        return _absence_words(view.absence)
    match status.state:
        case State.IDLE:
            return ngettext(
                "Up to date: {n} file matches the server",
                "Up to date: {n} files match the server",
                status.files,
            ).format(n=count(status.files))
        case State.SYNCING:
            return _("Syncing: {changes} to go").format(changes=changes(status.pending))
        case State.PAUSED:
            return _paused(status, view.now_ms)
        case _:
            return _plain_words(status.state)


def _absence_words(absence: Absence) -> str:
    return {
        Absence.NOT_RUNNING: _("Not running"),
        Absence.STARTING: _("Starting"),
        Absence.SILENT: _("No answer from the program that syncs"),
    }[absence]


def _plain_words(state: State) -> str:
    words = {
        State.STARTING: _("Starting: looking at the folder"),
        State.OFFLINE: _("Offline: the server does not answer"),
        State.ATTENTION: _("Needs your attention"),
        State.ERROR: _("Stopped by an error"),
        State.SIGNED_OUT: _("Signed out"),
    }
    return words.get(state) or _("Not running")


def _paused(status: Status, now_ms: int) -> str:
    paused = status.paused or Paused(PauseReason.PERSON)
    if paused.reason is PauseReason.BATTERY:
        return _("Paused on battery")
    if paused.reason is PauseReason.METERED:
        return _("Paused in a network that counts what is sent")
    if paused.until_ms is None:
        return _("Paused until you resume")
    return _("Paused until {time}").format(time=clock_time(paused.until_ms, now_ms))


def detail_lines(view: View) -> Iterator[str]:
    """What goes on, and since when all is well."""
    status = view.status
    yield from trouble_lines(view)
    if status is None:
        return
    if status.state is State.SIGNED_OUT:
        yield _("Sign in again with: dreamsync login")
    if status.pending and status.state not in {State.SYNCING, State.STARTING}:
        yield _("{changes} waiting").format(changes=changes(status.pending))
    yield from transfer_lines(status, view.speed)
    if status.last_sync_ms is not None:
        yield _("Last in sync {time}").format(time=clock_time(status.last_sync_ms, view.now_ms))


def trouble_lines(view: View) -> Iterator[str]:
    """What went wrong last, and what to do."""
    if view.trouble is not None:
        yield sentence(translated(view.trouble.message))
        if view.trouble.hint:
            yield sentence(translated(view.trouble.hint))


def transfer_lines(status: Status, speed: float | None) -> Iterator[str]:
    for one in status.transfers[:_MOST_TRANSFERS]:
        yield _transfer(one)
    if len(status.transfers) > _MOST_TRANSFERS:
        yield _("and {n} more").format(n=count(len(status.transfers) - _MOST_TRANSFERS))
    if speed is not None and status.transfers:
        yield _("{size} per second").format(size=size(round(speed)))


def _transfer(one: TransferStatus) -> str:
    return _("{arrow} {path}  {share} % of {size}").format(
        arrow="↑" if one.direction is Direction.UP else "↓",
        path=path_words(one.path),
        share=100 * one.bytes // one.total if one.total else 100,
        size=size(one.total),
    )


def verified_line(view: View) -> str:
    verified = view.status.verified if view.status else None
    if verified is None:
        return _("Contents not yet compared with the server")
    return ngettext(
        "Contents of {n} file compared {time}", "Contents of {n} files compared {time}",
        verified.files,
    ).format(n=count(verified.files), time=clock_time(verified.at_ms, view.now_ms))  # fmt: skip


def account_line(status: Status) -> str:
    account = printable(status.account)
    if status.quota_limit is not None:
        return _("{account}: {used} of {limit} used").format(
            account=account, used=size(status.quota_used), limit=size(status.quota_limit)
        )
    if status.quota_used:
        return _("{account}: {used} used").format(account=account, used=size(status.quota_used))
    return account


def problem_line(problem: Problem) -> str:
    path = problem.path or _("The whole folder")
    return sentence(about(path, translated(problem.message)))


def hold_line(hold: Hold) -> str:
    if hold.side is Side.LOCAL:
        told = ngettext(
            "{n} deletion on this computer waits for your answer",
            "{n} deletions on this computer wait for your answer",
            hold.deletes,
        )
    else:
        told = ngettext(
            "{n} deletion on another device waits for your answer",
            "{n} deletions on another device wait for your answer",
            hold.deletes,
        )
    return told.format(n=count(hold.deletes))


def activity_line(one: Activity, now_ms: int) -> str:
    time = clock_time(one.at_ms, now_ms)
    return f"{time}  {_SIGNS[one.act]} {path_words(one.path)}"


_SIGNS = {
    Act.UPLOADED: "↑",
    Act.DOWNLOADED: "↓",
    Act.MOVED_HERE: "→",
    Act.MOVED_THERE: "→",
    Act.DELETED_HERE: "✕",
    Act.DELETED_THERE: "✕",
    Act.FOLDER_HERE: "↓",
    Act.FOLDER_THERE: "↑",
    Act.CONFLICT: "≠",
    Act.EXECUTABLE: "•",
}


def path_words(path: str) -> str:
    return shortened(printable(path), _MOST_PATH)


def sentence(text: str) -> str:
    """A menu is as wide as its longest line: none may fill the screen."""
    return shortened(printable(text), _MOST_SENTENCE)
