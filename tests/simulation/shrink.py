"""A failing scenario to a smaller one: fewer actions first, then faults, then devices."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.simulation.scenario import Scenario
from tests.simulation.world import play


def shrink(scenario: Scenario, *, tell: Callable[[str], None] = lambda _: None) -> Scenario:
    """One that fails in the same way: what two failures have in common are their first words."""
    smallest, smaller = scenario, True
    wanted = _way(play(scenario).failure)
    while smaller:
        smaller = False
        for candidate in _candidates(smallest):
            if _way(play(candidate).failure) == wanted:
                tell(f"{len(candidate.actions)} actions still fail")
                smallest, smaller = candidate, True
                break
    return smallest


def _way(failure: str | None) -> str | None:
    """Without names of devices and what follows a colon; of an exception its last line."""
    if failure is None:
        return None
    line = failure.strip().splitlines()[-1].partition(":")[0]
    return " ".join(word for word in line.split() if len(word) > 1)


def _candidates(scenario: Scenario) -> Iterator[Scenario]:
    actions = scenario.actions
    size = len(actions) // 2
    while size:
        for start in range(0, len(actions), size):
            yield replace(scenario, actions=actions[:start] + actions[start + size :])
        size //= 2
    yield from _with_fewer_faults(scenario)
    yield from _plainer(scenario)


def _with_fewer_faults(scenario: Scenario) -> Iterator[Scenario]:
    if scenario.disk_rate:
        yield replace(scenario, disk_rate=0.0)
    for rate in scenario.network_rates:
        kept = tuple(other for other in scenario.network_rates if other != rate)
        yield replace(scenario, network_rates=kept)
    if scenario.hint_loss:
        yield replace(scenario, hint_loss=0.0)


def _plainer(scenario: Scenario) -> Iterator[Scenario]:
    actions = scenario.actions
    if any(scenario.skew_ms):
        yield replace(scenario, skew_ms=(0,) * scenario.devices)
    if any(scenario.folds):
        yield replace(scenario, folds=(False,) * scenario.devices)
    if not all(scenario.has_bit):
        yield replace(scenario, has_bit=(True,) * scenario.devices)
    if scenario.offers != "all":
        yield replace(scenario, offers="all")
    if scenario.devices > 2 and all(action.device < 2 for action in actions):
        yield replace(scenario, devices=2)
    for index, action in enumerate(actions):
        if action.within:
            plain = replace(action, within=False)
            yield replace(scenario, actions=(*actions[:index], plain, *actions[index + 1 :]))
