"""What goes wrong, how often, and how often it did.

Every fault that happens has a label (`a disk 3`: the third on a's disk). A scenario may *spare*
labels: the dice fall as before and that fault does not happen, so that a story can be shrunk to the
faults that it needs.
"""

import random
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from dreamsync.local.protocol import DiskError, InputOutput, NoSpace, NotPermitted

_CAUSES: dict[str, tuple[type[DiskError], ...]] = {
    "list": (NotPermitted, InputOutput),
    "look": (NotPermitted, InputOutput),
    "read": (NotPermitted, InputOutput),
    "stage": (NoSpace, InputOutput),
    "write": (NoSpace, InputOutput),
    "flush": (NoSpace, InputOutput),
    "place": (NoSpace, NotPermitted),
    "make": (NoSpace, NotPermitted),
    "move": (NotPermitted, InputOutput),
    "trash": (NotPermitted, NoSpace),
    "mode": (NotPermitted,),
    "sync": (InputOutput,),
    "purge": (InputOutput,),
}

DISK_CALLS = tuple(_CAUSES)
NETWORK_FAULTS = (
    "request lost",
    "answer lost",
    "duplicate",
    "late effect",
    "trouble",
    "trouble after effect",
    "throttled",
    "garbage",
    "signed out",
    "truncated",
    "wrong bytes",
    "url expired",
    "quota full",
)


@dataclass(slots=True)
class Happenings:
    """Numbers the faults of one part of one device, and tells the story of them."""

    whose: str
    spared: Collection[str]
    counts: Counter[str]
    tell: Callable[[str], None]
    labels: list[str] = field(default_factory=list)

    def happens(self, count: str, text: str) -> bool:
        label = f"{self.whose} {len(self.labels) + 1}"
        self.labels.append(label)
        if label in self.spared:
            return False
        self.counts[count] += 1
        self.tell(f"{text} [{label}]")
        return True


@dataclass(slots=True)
class DiskFaults:
    """`rate` of all calls fail while `on`; items whose inode is `locked` cannot be read at all."""

    chance: random.Random
    rate: float
    happenings: Happenings
    on: bool = True
    locked: set[int] = field(default_factory=set)
    tries_of_locked: int = 0

    def maybe_fail(self, call: str, path: str) -> None:
        if not self.on or self.chance.random() >= self.rate:
            return
        error = self.chance.choice(_CAUSES[call])
        text = f"the disk fails: {call} {path}: {error.__name__}"
        if self.happenings.happens(f"disk {error.__name__}", text):
            self.happenings.counts[f"disk {call} failed"] += 1
            raise error(path, f"{path} simulated {error.__name__} in {call}")

    def refuse_locked(self, inode: int, path: str) -> None:
        if inode in self.locked:
            self.tries_of_locked += 1
            raise NotPermitted(path, f"{path} is locked")


@dataclass(slots=True)
class NetworkFaults:
    """`rates` by fault: the share of all calls that it befalls while `on`."""

    chance: random.Random
    rates: dict[str, float]
    happenings: Happenings
    on: bool = True
    offline: int = 0
    late: list[Callable[[], None]] = field(default_factory=list)

    def draw(self, among: tuple[str, ...], what: str) -> str | None:
        if not self.on:
            return None
        for fault in among:
            drawn = self.chance.random() < self.rates.get(fault, 0.0)
            if drawn and self.happens(what, fault):
                return fault
        return None

    def happens(self, what: str, fault: str) -> bool:
        text = f"the network fails: {what}: {fault}"
        return self.on and self.happenings.happens(f"network {fault}", text)
