"""What every part of the engine shares: the seams to the outside, and this device's settings."""

from dataclasses import dataclass, field
from typing import Protocol

from dreamsync.core.nodes import ROOT, NodeKey, Side
from dreamsync.core.trees import path_of
from dreamsync.journal.journal import Journal
from dreamsync.local.protocol import Disk
from dreamsync.remotes.protocol import Remote


class Clock(Protocol):
    def now_ms(self) -> int:
        """Wall-clock time: for people and for names, never for order."""

    def monotonic(self) -> float:
        """Seconds that only go forward: for every delay."""


class Random(Protocol):
    def token(self) -> str:
        """A fresh idempotency key or id: 32 hexadecimal digits."""

    def jitter(self) -> float:
        """Uniform in 0.5 to 1.5."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Delays in seconds. A path is looked at `settle_closed` after a writer has closed it and
    `settle` after any other event; deletions are sent only `quiet` after the last local event."""

    device_id: str
    device_name: str
    builtin_ignores: bool = True
    settle_closed: float = 0.1
    settle: float = 0.3
    quiet: float = 2.0
    poll: float = 30.0
    full_scan: float = 3600.0
    root_check: float = 5.0
    window: int = 5000
    parallel: int = 4
    trash_days: int = 30


@dataclass(slots=True)
class Transfer:
    """Bytes on their way, counted by the job and read by the status."""

    path: str
    up: bool
    total: int
    done: int = 0


@dataclass(slots=True)
class Context:
    journal: Journal
    disk: Disk
    remote: Remote
    clock: Clock
    random: Random
    settings: EngineSettings
    transfers: dict[NodeKey, Transfer] = field(default_factory=dict)

    def path(self, node: NodeKey, side: Side = Side.LOCAL) -> str:
        """The wire path, as people know it; of a node on neither side an empty text."""
        trees = self.journal.trees
        return path_of(trees, side, node) or path_of(trees, side.other, node) or ""

    def disk_path(self, node: NodeKey) -> str | None:
        """The path on this disk; None where the node is not here."""
        names: list[str] = []
        while node != ROOT:
            entry = self.journal.trees.local(node)
            if entry is None:
                return None
            names.append(entry.disk_name)
            node = entry.parent
        return "/".join(reversed(names))
