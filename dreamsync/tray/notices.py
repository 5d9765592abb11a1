"""What is told on the screen: values, so that news are a pure function."""

from dataclasses import dataclass
from enum import Enum

from dreamsync.tray.actions import Action


class Kind(Enum):
    """Each has one place on the screen: a later notice replaces the one before. The values are
    the settings in `[notifications]`."""

    CONFLICTS = "conflicts"
    PROBLEMS = "problems"
    DELETIONS = "deletions"
    FIRST_SYNC = "first_sync"
    SIGNED_OUT = "signed_out"


@dataclass(frozen=True, slots=True)
class Button:
    label: str
    action: Action


@dataclass(frozen=True, slots=True)
class Notice:
    """`click` is what a click on the message itself does; some systems show it as one more button.
    `needs_answer`: it stays until then."""

    kind: Kind
    title: str
    text: str
    buttons: tuple[Button, ...] = ()
    click: Button | None = None
    needs_answer: bool = False
