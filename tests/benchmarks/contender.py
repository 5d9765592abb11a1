"""Who takes part: dreamsync, a peer, or the limit of what disk and processor can do."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

DREAMSYNC = "dreamsync"
LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Usage:
    """What a command took: wall time, and the most memory that its largest process had resident."""

    seconds: float
    peak_bytes: int


class Pair(Protocol):
    """Folders `a` and `b`, which a program keeps the same."""

    @property
    def a(self) -> Path: ...

    @property
    def b(self) -> Path: ...

    def cross(self) -> None:
        """Carry what is in `a` to `b`. Returns at once where a running daemon does that."""

    def pids(self) -> Mapping[str, int]:
        """The processes that run all the time, by their part; none where commands do the work."""


class Contender(Protocol):
    @property
    def name(self) -> str: ...

    def missing(self) -> str | None:
        """What must be installed first, and how; None where it can take part."""

    def pair(self, folder: Path) -> AbstractContextManager[Pair]:
        """A pair that is ready, in a folder that does not exist yet; at the end all of it ends."""


@runtime_checkable
class Checks(Protocol):
    """A contender with a command that looks through a whole folder for what changed."""

    def unchanged(
        self, folder: Path, fill: Callable[[Path], None]
    ) -> AbstractContextManager[Callable[[], Usage]]:
        """What runs the check once, in a folder that was filled and is in sync."""
