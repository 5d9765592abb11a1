"""One thing that is added to a file manager, and what came of adding it."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file manager must know of an instance. `mark` tells instances apart in file names;
    `command` starts this program for that instance."""

    mark: str
    folder: str
    socket: str
    command: tuple[str, ...]


class Added(Enum):
    """How it was added, which decides how it is taken away."""

    FOUND = "found"
    """Somebody else had: it stays."""
    INSERTED = "inserted"
    MADE = "made"
    """With the file that it is in."""


class Unsuited(Exception):
    """It cannot be added here; the text says why, and what a person can do."""


class Part(Protocol):
    @property
    def key(self) -> str:
        """What the record calls it; never translated."""

    @property
    def title(self) -> str:
        """What a person calls it."""

    def add(self) -> Added:
        """Nothing changes where it is there already. Raise `Unsuited` or `OSError`."""

    def take_away(self, how: Added) -> None:
        """As if it had never been added; nothing where it is gone."""

    def is_there(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """`note`: why it is not there, and what to do."""

    key: str
    title: str
    there: bool
    note: str = ""
