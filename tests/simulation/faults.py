"""What goes wrong, how often, and how often it did."""

import random
from collections import Counter
from collections.abc import Callable
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


@dataclass(slots=True)
class DiskFaults:
    """`rate` of all calls fail while `on`."""

    chance: random.Random
    rate: float
    counts: Counter[str]
    tell: Callable[[str], None]
    on: bool = True

    def maybe_fail(self, call: str, path: str) -> None:
        if not self.on or self.chance.random() >= self.rate:
            return
        error = self.chance.choice(_CAUSES[call])
        self.counts[f"disk {error.__name__}"] += 1
        self.counts[f"disk {call} failed"] += 1
        self.tell(f"the disk fails: {call} {path}: {error.__name__}")
        raise error(path, f"{path} simulated {error.__name__} in {call}")


NETWORK_FAULTS = (
    "request lost",
    "answer lost",
    "duplicate",
    "late effect",
    "trouble",
    "trouble after effect",
    "throttled",
    "garbage",
    "truncated",
    "wrong bytes",
)


@dataclass(slots=True)
class NetworkFaults:
    """`rates` by fault: the share of all calls that it befalls while `on`."""

    chance: random.Random
    rates: dict[str, float]
    counts: Counter[str]
    tell: Callable[[str], None]
    on: bool = True
    offline: bool = False
    late: list[Callable[[], None]] = field(default_factory=list)

    def draw(self, among: tuple[str, ...], what: str) -> str | None:
        if not self.on:
            return None
        for fault in among:
            if self.chance.random() < self.rates.get(fault, 0.0):
                self.counts[f"network {fault}"] += 1
                self.tell(f"the network fails: {what}: {fault}")
                return fault
        return None
