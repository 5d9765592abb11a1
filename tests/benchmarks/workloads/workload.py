"""What a workload is: measures with their targets, and what runs each contender once."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from tests.benchmarks.contender import Contender


class Against(StrEnum):
    PEER = "fastest peer"
    LIMIT = "limit"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Target:
    """dreamsync's median, divided by the other's where there is another, is at most `at_most`; of
    what grows better, at least `at_least`."""

    against: Against
    at_most: float | None = None
    at_least: float | None = None

    def met_by(self, ratio_or_value: float) -> bool:
        if self.at_least is not None:
            return ratio_or_value >= self.at_least
        return self.at_most is None or ratio_or_value <= self.at_most

    def __str__(self) -> str:
        sign, value = ("≥", self.at_least) if self.at_least is not None else ("≤", self.at_most)
        return f"{sign} {value:g}" + ("" if self.against is Against.VALUE else f" × {self.against}")


def at_most(value: float, against: Against = Against.VALUE) -> tuple[Target, ...]:
    return (Target(against, at_most=value),)


def at_least(value: float) -> tuple[Target, ...]:
    return (Target(Against.VALUE, at_least=value),)


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of a workload. `key` names it within the workload."""

    key: str
    title: str
    unit: str
    targets: tuple[Target, ...] = ()


Figures = Mapping[str, float]
"""By a measure's key."""

Trial = Callable[[], Figures]
"""Runs once; what was prepared for it before is not counted."""


class Workload(Protocol):
    """`prepare` gives what runs one contender once, again and again; leaving its context ends all
    that was started. It returns None for who cannot take part in this."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def measures(self) -> Sequence[Measure]: ...

    def prepare(
        self, contender: Contender, folder: Path
    ) -> AbstractContextManager[Trial] | None: ...
