"""What a menu item may ask for: values, so that a menu is one too."""

from dataclasses import dataclass
from enum import Enum

from dreamsync.text import tomorrow_ms


class Do(Enum):
    """What needs no more to be said."""

    OPEN_FOLDER = "open-folder"
    START = "start"
    SYNC = "sync"
    RESUME = "resume"
    SETTINGS = "settings"
    SILENCE = "silence"
    SPEAK = "speak"
    HELP = "help"
    QUIT_TRAY = "quit-tray"
    QUIT_ALL = "quit-all"


class PauseFor(Enum):
    HALF_HOUR = "half-hour"
    HOUR = "hour"
    TOMORROW = "tomorrow"
    UNTIL_RESUMED = "until-resumed"


@dataclass(frozen=True, slots=True)
class ShowItem:
    """Show what is at `path` (relative to the folder) in the file manager."""

    path: str


@dataclass(frozen=True, slots=True)
class ShowHeld:
    """Show all paths that wait under a hold."""

    hold_id: str


@dataclass(frozen=True, slots=True)
class AnswerHold:
    hold_id: str
    reject: bool


Action = Do | PauseFor | ShowItem | ShowHeld | AnswerHold


def pause_end(span: PauseFor, now_ms: int) -> int | None:
    """When a pause that begins now is over; None for one without end."""
    match span:
        case PauseFor.HALF_HOUR:
            return now_ms + 30 * 60_000
        case PauseFor.HOUR:
            return now_ms + 60 * 60_000
        case PauseFor.TOMORROW:
            return tomorrow_ms(now_ms)
        case PauseFor.UNTIL_RESUMED:
            return None
