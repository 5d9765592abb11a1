"""What every part of the engine shares: the seams to the outside, and this device's settings."""

from dataclasses import dataclass, field
from typing import Protocol

from dreamsync.core.nodes import ROOT, NodeKey, Side
from dreamsync.core.status import PauseReason
from dreamsync.core.trees import entry_of
from dreamsync.engine.beside import AtOnce, Beside, Spare
from dreamsync.journal.contents import INDEXED_ABOVE
from dreamsync.journal.journal import Journal
from dreamsync.local.protocol import Disk
from dreamsync.message import N_
from dreamsync.remotes.errors import Interrupted
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
    """Delays in seconds. A path at which something has come to an end is looked at after
    `settle_finished`, or after `settle_alone` where little else is going on, and after any other
    event after `settle`. Deletions are sent only `quiet` after the last local event, one that comes
    alone `quiet_alone` after it, in a folder of few files `quiet_alone_of_few`. Each file's bytes
    are read once more within `reread` (0: never). Content of more bytes than `copy_above` is not
    sent where the server can copy it."""

    device_id: str
    device_name: str
    builtin_ignores: bool = True
    settle_alone: float = 0.01
    settle_finished: float = 0.1
    settle: float = 0.3
    quiet: float = 2.0
    quiet_alone: float = 0.03
    quiet_alone_of_few: float = 0.3
    poll: float = 30.0
    full_scan: float = 3600.0
    root_check: float = 5.0
    window: int = 5000
    parallel: int = 4
    trash_days: int = 30
    reread: float = 30 * 24 * 3600.0
    copy_above: int = INDEXED_ABOVE


@dataclass(slots=True)
class Transfer:
    """Bytes on their way, counted by the job and read by the status. `broken_off` is set by the
    engine, from another thread: the job ends with its next piece."""

    path: str
    up: bool
    total: int
    done: int = 0
    broken_off: bool = False

    def count(self, size: int) -> None:
        """So many more bytes. Raise `Interrupted` where there are to be no more."""
        self.done += size
        if self.broken_off and self.done < self.total:
            raise Interrupted(N_("{path} was broken off by a pause", path=self.path))


@dataclass(slots=True)
class Context:
    journal: Journal
    disk: Disk
    remote: Remote
    clock: Clock
    random: Random
    settings: EngineSettings
    paused_by: PauseReason | None = None
    """The rule that pauses now, as whoever runs the engine has seen."""
    beside: Beside = field(default_factory=AtOnce)
    spare: Spare = field(default_factory=Spare)
    transfers: dict[NodeKey, Transfer] = field(default_factory=dict)
    _paths: dict[tuple[Side | None, NodeKey], str | None] = field(default_factory=dict)
    _paths_as_of: int = -1

    def break_transfers_off(self) -> None:
        """Those under way end with their next piece, and go on where they were some other time."""
        for transfer in self.transfers.values():
            transfer.broken_off = True

    def path(self, node: NodeKey, side: Side = Side.LOCAL) -> str:
        """The wire path, as people know it; of a node on neither side an empty text."""
        return self.path_on(side, node) or self.path_on(side.other, node) or ""

    def path_on(self, side: Side, node: NodeKey) -> str | None:
        """The wire path on one side; None where the node, or a folder above it, is not there."""
        entry = entry_of(self.journal.trees, side, node)
        if entry is None:
            return "" if node == ROOT else None
        return self._below(side, entry.parent, entry.name)

    def disk_path(self, node: NodeKey) -> str | None:
        """The path on this disk; None where the node is not here."""
        entry = self.journal.trees.local(node)
        if entry is None:
            return "" if node == ROOT else None
        return self._below(None, entry.parent, entry.disk_name)

    def _below(self, side: Side | None, parent: NodeKey, name: str) -> str | None:
        """Folders' paths are remembered until one of them may have changed: many files share one.
        `side` None stands for the names on this disk."""
        if parent == ROOT:
            return name
        if self._paths_as_of != self.journal.trees.folders_changed:
            self._paths_as_of = self.journal.trees.folders_changed
            self._paths.clear()
        key = side, parent
        if key not in self._paths:
            self._paths[key] = (
                self.disk_path(parent) if side is None else self.path_on(side, parent)
            )
        above = self._paths[key]
        return None if above is None else f"{above}/{name}"
