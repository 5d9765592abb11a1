"""What the tray knows when it draws itself: one value, from which menu, icon and tooltip follow."""

from dataclasses import dataclass
from enum import Enum

from dreamsync.control.commands import CommandError
from dreamsync.core.status import Activity, State, Status
from dreamsync.tray.icons import Mark


class Absence(Enum):
    """Why there is no status."""

    NOT_RUNNING = "not-running"
    STARTING = "starting"
    SILENT = "silent"
    """A daemon is there and gives no answer that could be read."""


@dataclass(frozen=True, slots=True)
class View:
    """`status` None: `absence` holds. `trouble` is what went wrong last when a daemon was started,
    or when something was asked of it. `speed` is in bytes a second.

    `folder` is the synced folder; `recent` is newest first.
    """

    now_ms: int
    status: Status | None = None
    absence: Absence = Absence.NOT_RUNNING
    trouble: CommandError | None = None
    recent: tuple[Activity, ...] = ()
    speed: float | None = None
    folder: str = ""


_MARKS = {
    State.STARTING: Mark.ARROWS,
    State.IDLE: Mark.TICK,
    State.SYNCING: Mark.ARROWS,
    State.PAUSED: Mark.BARS,
    State.OFFLINE: Mark.OUTLINE,
    State.ATTENTION: Mark.EXCLAMATION,
    State.ERROR: Mark.CROSS,
    State.SIGNED_OUT: Mark.DOTS,
    State.STOPPED: Mark.SLASH,
}


def mark_of(view: View) -> Mark:
    if view.status is not None:
        return _MARKS[view.status.state]
    return Mark.ARROWS if view.absence is Absence.STARTING else Mark.SLASH
