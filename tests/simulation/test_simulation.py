"""Seeds that gate, and some that nobody has seen yet.

A failing one is replayed by `python -m tests.simulation --seed N --shrink`. Each part keeps to one
process, so that it can tell whether everything occurred in it; several parts share the cores.
"""

import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.simulation.campaign import play_seeds, replay_command
from tests.simulation.must_occur import MUST_OCCUR
from tests.simulation.scenario import scenario_of
from tests.simulation.world import play

_PARTS, _GROUPS_A_PART, _SEEDS_A_GROUP = 2, 20, 50
_FRESH_SECONDS = 30.0
_FAILED_ONCE = (
    261, 262, 288, 365, 486, 592, 841, 949, 1091, 1426, 2177, 2252, 2674, 2755, 2773, 10084, 10399,
    10665, 10737, 100297, 101173, 200007, 200370, 201200, 400039, 400059, 500436, 500930, 501493,
    600030, 700070, 1000150, 218630796512, 257651691000, 257651691093, 648755846439,
    457660234423, 457660234492, 457660234547, 692350018586, 1098995060821,
    901363, 902088, 902366, 905593, 907265, 909310, 911181, 2001766, 3008256,
    3009366, 3009998, 3011067, 3014422, 1067620679309,
)  # fmt: skip
"""Beyond the groups: seeds that once found a defect of the engine or of the oracle."""

_OCCURRED: dict[int, Counter[str]] = {}


def _in_part(part: int, *values: object) -> object:
    return pytest.param(part, *values, marks=pytest.mark.xdist_group(f"simulator {part}"))


@pytest.mark.parametrize(
    ("part", "group"),
    [_in_part(part, group) for part in range(_PARTS) for group in range(_GROUPS_A_PART)],
)
@pytest.mark.promise(1, 2, 3, 6, 9, 10, 18, 22, 24, 25)
@pytest.mark.fault("killed")
def test_whatever_happens_all_devices_agree_in_the_end_and_nothing_is_lost(
    part: int, group: int
) -> None:
    first = (part * _GROUPS_A_PART + group) * _SEEDS_A_GROUP

    report = play_seeds(first, _SEEDS_A_GROUP)

    _OCCURRED.setdefault(part, Counter()).update(report.counts)
    assert report.failures == {}


@pytest.mark.parametrize("part", [_in_part(part) for part in range(_PARTS)])
def test_every_fault_and_every_kind_of_work_did_occur(part: int) -> None:
    if part not in _OCCURRED:
        pytest.skip("counts what the groups of the same part have played")

    assert [name for name in MUST_OCCUR if not _OCCURRED[part][name]] == []


@pytest.mark.parametrize("part", [_in_part(part) for part in range(_PARTS)])
def test_what_nobody_has_seen_yet_is_played_and_told(
    part: int, record_property: Callable[[str, object], None]
) -> None:
    """Only fixed seeds gate: what fails here becomes one of them, with its fix."""
    first = secrets.randbelow(2**40)

    report = play_seeds(first, 1_000_000, seconds=_FRESH_SECONDS)

    failed = [f"\n  failed: {replay_command(seed)}" for seed in report.failures]
    told = f"simulator: {report.runs} fresh seeds from {first} on{''.join(failed)}"
    record_property("report", told)
    assert report.runs


@pytest.mark.promise(1, 3, 9)
def test_what_has_failed_once_holds() -> None:
    """Without copies, which none of these stories needed: they stay as they were found."""
    results = {
        seed: play(replace(scenario_of(seed), copies=False)).failure for seed in _FAILED_ONCE
    }

    assert results == dict.fromkeys(_FAILED_ONCE)


def test_the_same_seed_tells_the_same_story() -> None:
    assert [play(scenario_of(seed)).trace for seed in (7, 40)] == [
        play(scenario_of(seed)).trace for seed in (7, 40)
    ]
