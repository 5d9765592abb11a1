"""Sleep and set clocks, told from clocks that a test moves."""

from dataclasses import dataclass

from dreamsync.daemon.clock_watch import ClockWatch
from dreamsync.desktop.circumstances.watch import Disturbance
from dreamsync.desktop.clocks import awake_seconds, elapsed_seconds


@dataclass
class Clocks:
    awake: float = 500.0
    elapsed: float = 800.0
    wall: float = 1_790_000_000.0

    def pass_by(self, seconds: float, *, asleep: float = 0.0, set_by: float = 0.0) -> None:
        self.awake += seconds
        self.elapsed += seconds + asleep
        self.wall += seconds + asleep + set_by

    def watch(self) -> ClockWatch:
        return ClockWatch(
            awake=lambda: self.awake, elapsed=lambda: self.elapsed, wall=lambda: self.wall
        )


def test_time_that_passes_is_no_disturbance() -> None:
    clocks = Clocks()
    watch = clocks.watch()

    for seconds in (0.0, 0.3, 60.0, 86_400.0):
        clocks.pass_by(seconds)
        assert watch.look() is None


def test_a_sleep_is_told_once() -> None:
    clocks = Clocks()
    watch = clocks.watch()

    clocks.pass_by(40, asleep=8 * 3600)
    assert watch.look() is Disturbance.SLEPT
    clocks.pass_by(1)
    assert watch.look() is None


def test_a_clock_that_was_set_is_told_either_way() -> None:
    clocks = Clocks()
    watch = clocks.watch()

    clocks.pass_by(1, set_by=-366 * 86_400)
    assert watch.look() is Disturbance.CLOCK
    clocks.pass_by(1, set_by=3600)
    assert watch.look() is Disturbance.CLOCK
    assert watch.look() is None


def test_a_clock_that_is_kept_right_by_little_is_no_disturbance() -> None:
    clocks = Clocks()
    watch = clocks.watch()

    for _ in range(100):
        clocks.pass_by(60, set_by=0.5, asleep=0.01)
        assert watch.look() is None


def test_the_clocks_of_this_system_go_forward_together() -> None:
    watch = ClockWatch()
    before = awake_seconds(), elapsed_seconds()

    assert watch.look() is None
    assert awake_seconds() >= before[0]
    assert elapsed_seconds() >= before[1] > 0
