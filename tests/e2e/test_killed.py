"""SIGKILL of client or server at any moment: afterwards everything converges by itself."""

import time
from collections.abc import Iterator
from random import Random

import pytest

from tests.support.chaos import Chaos
from tests.support.e2e import Instance, ServerProcess, Workbench, wait_until
from tests.support.office import Office, breathe, open_office
from tests.support.reader import Reader
from tests.support.server_view import FeedWatch

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]

_OPERATIONS_A_KILL = 6
_BELOW_THE_GUARD = 20
_LONGEST_AWAY = 4
"""Operations of the script for which what was killed stays away."""


@pytest.fixture
def office(workbench: Workbench) -> Iterator[Office]:
    with open_office(workbench) as office:
        yield office


def test_killed_at_any_moment_everything_converges_and_nobody_sees_part_of_a_file(
    office: Office, seed: int, full: bool
) -> None:
    kills, opens = (50, 10_000) if full else (12, 2_000)
    chaos = office.chaos(seed)
    chaos.deletions_left = _BELOW_THE_GUARD
    reader = Reader(chaos.desks[1], Random(seed))

    with FeedWatch(office.view) as watch, reader:
        killed = _work_and_kill(office, chaos, kills, Random(seed))
        began = time.monotonic()
        office.converge()
        print(f"converged {time.monotonic() - began:.1f} s after the last of {killed} kills")
        wait_until(lambda: reader.opens >= opens, "so many opens", seconds=300)

    print("operations:", dict(sorted(chaos.done.items())), "opens:", reader.opens)
    assert not reader.partial, reader.partial
    assert sum(killed.values()) == kills
    print(office.take_census(chaos, watch))


def _work_and_kill(office: Office, chaos: Chaos, kills: int, random: Random) -> dict[str, int]:
    """The script, and at moments in it the end of one of the three; how often of each. It comes
    back a few operations later, and may be killed again while it starts."""
    killed = dict.fromkeys(("a", "b", "server"), 0)
    away: dict[str, int] = {}
    victims: dict[str, Instance | ServerProcess] = {
        "a": office.a,
        "b": office.b,
        "server": office.server,
    }
    for number in range(kills * _OPERATIONS_A_KILL):
        office.act(chaos)
        breathe(chaos.random)
        if number % _OPERATIONS_A_KILL == 0:
            name = random.choice([name for name in victims if name not in away])
            time.sleep(random.uniform(0.0, 0.5))
            victims[name].kill()
            killed[name] += 1
            away[name] = number + random.randint(0, _LONGEST_AWAY)
        for name in [name for name, until in away.items() if until <= number]:
            victims[name].launch()
            del away[name]
    for name in away:
        victims[name].launch()
    office.wait_until_all_answer()
    return killed
