"""A failing scenario to a smaller one: fewer actions, then faults, then devices, then sizes.

Leaving something out shifts every dice after it, so that the same failure may need another throw:
each candidate is played with a few streams before it is given up.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from tests.simulation.faults import NETWORK_FAULTS
from tests.simulation.scenario import Action, Names, Scenario, Verb
from tests.simulation.world import Result, play

_Item = TypeVar("_Item")
_Change = Callable[[Scenario], Scenario]
_THROWS = 3
_LONGEST_S = 180.0


class Shrinker:
    def __init__(self, scenario: Scenario, tell: Callable[[str], None]) -> None:
        self.smallest = scenario
        self._tell = tell
        self._result = play(scenario)
        self._wanted = _way(self._result.failure)
        self._end = time.monotonic() + _LONGEST_S

    def run(self) -> Scenario:
        """One that fails in the same way: two failures' first words are the same."""
        steps = (self._fewer_actions, self._fewer_faults, self._plainer, self._smaller)
        while sum(step() for step in steps) and time.monotonic() < self._end:
            self._tell(f"{len(self.smallest.actions)} actions, {len(self._faults())} faults")
        return self.smallest

    def _faults(self) -> list[str]:
        return [label for label in self._result.faults if label not in self.smallest.spared]

    def _fails(self, candidate: Scenario, throws: int = _THROWS) -> bool:
        """Whether it fails as wanted, with some throw; then it is the smallest from now on."""
        for throw in range(throws):
            if time.monotonic() > self._end:
                return False
            streams = candidate.streams + throw * 1_000_003
            tried = replace(candidate, streams=streams)
            result: Result = play(tried)
            if _way(result.failure) == self._wanted:
                self.smallest, self._result = tried, result
                return True
        return False

    def _fewer_actions(self) -> bool:
        return self._fewer(
            lambda: self.smallest.actions,
            lambda kept: replace(self.smallest, actions=tuple(kept)),
        )

    def _fewer_faults(self) -> bool:
        """All of a kind first, then by halves, to the last one."""
        smaller = self._any(_FEWER_KINDS)

        def sparing(kept: Sequence[str]) -> Scenario:
            spared = {*self.smallest.spared, *self._faults()} - set(kept)
            return replace(self.smallest, spared=frozenset(spared))

        return self._fewer(self._faults, sparing, throws=1) or smaller

    def _fewer(
        self,
        items: Callable[[], Sequence[_Item]],
        keeping: Callable[[Sequence[_Item]], Scenario],
        *,
        throws: int = _THROWS,
    ) -> bool:
        """Leave out runs of items, the longest first."""
        smaller, size = False, max(1, len(items()) // 2)
        while size:
            start = 0
            while start < len(items()):
                kept = [*items()[:start], *items()[start + size :]]
                if self._fails(keeping(kept), throws):
                    smaller = True
                else:
                    start += size
            size //= 2
        return smaller

    def _plainer(self) -> bool:
        return self._any(_PLAINER)

    def _any(self, changes: Iterable[_Change]) -> bool:
        """Each of these on what the ones before have left, where it changes anything."""
        smaller = False
        for change in changes:
            candidate = change(self.smallest)
            smaller = (candidate != self.smallest and self._fails(candidate)) or smaller
        return smaller

    def _smaller(self) -> bool:
        smaller = False
        for index in range(len(self.smallest.actions)):
            for plain in _plainer_actions(self.smallest.actions[index]):
                actions = self.smallest.actions
                changed = (*actions[:index], plain, *actions[index + 1 :])
                smaller = self._fails(replace(self.smallest, actions=changed)) or smaller
        return smaller


def shrink(scenario: Scenario, *, tell: Callable[[str], None] = lambda _: None) -> Scenario:
    return Shrinker(scenario, tell).run()


def _way(failure: str | None) -> str | None:
    """Without names of devices and what follows a colon; of an exception its last line."""
    if failure is None:
        return None
    line = failure.strip().splitlines()[-1].partition(":")[0]
    return " ".join(word for word in line.split() if len(word) > 1 and word.isalpha())


def _without_network_fault(fault: str) -> _Change:
    def without(scenario: Scenario) -> Scenario:
        kept = tuple(rate for rate in scenario.network_rates if rate[0] != fault)
        return replace(scenario, network_rates=kept)

    return without


def _with_a_device_less(scenario: Scenario) -> Scenario:
    devices = scenario.devices - 1
    if devices < 2 or any(action.device == devices for action in scenario.actions):
        return scenario
    return replace(
        scenario,
        devices=devices,
        names=scenario.names[:-1],
        has_bit=scenario.has_bit[:-1],
        skew_ms=scenario.skew_ms[:-1],
    )


_FEWER_KINDS: tuple[_Change, ...] = (
    lambda scenario: replace(scenario, disk_rate=0.0),
    lambda scenario: replace(scenario, hint_loss=0.0),
    *(_without_network_fault(fault) for fault in NETWORK_FAULTS),
)
_PLAINER: tuple[_Change, ...] = (
    _with_a_device_less,
    _with_a_device_less,
    lambda scenario: replace(scenario, skew_ms=(0,) * scenario.devices),
    lambda scenario: replace(scenario, names=(Names.EXACT,) * scenario.devices),
    lambda scenario: replace(scenario, has_bit=(True,) * scenario.devices),
    lambda scenario: replace(scenario, offers="all"),
    lambda scenario: replace(scenario, copies=False),
    lambda scenario: replace(scenario, locked=False),
    lambda scenario: replace(scenario, twins=False),
)


def _plainer_actions(action: Action) -> Iterator[Action]:
    if action.within:
        yield replace(action, within=False)
    if action.verb is Verb.MANY:
        yield replace(action, verb=Verb.CREATE)
    if action.at != round(action.at):
        yield replace(action, at=float(round(action.at)))
