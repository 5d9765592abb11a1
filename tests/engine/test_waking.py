"""When the engine wants to be woken: whatever waits for a time must not sleep through it."""

from dreamsync.engine.events import Woken
from tests.support.devices import World


def test_a_timer_that_rings_a_moment_early_does_not_put_deletions_off(world: World) -> None:
    a = world.device("a")
    a.write("kept.txt", "kept")
    a.write("gone.txt", "gone")
    a.sync()
    (a.root / "gone.txt").unlink()
    a.live("gone.txt", seconds=1.5)
    quiet_at = a.engine.next_wake()

    a.clock.seconds = quiet_at - 0.000_001
    a.live_step(Woken())
    a.clock.seconds = quiet_at + 0.001

    assert a.engine.next_wake() <= a.clock.seconds
    a.live_step(Woken())
    assert world.live_paths() == {"kept.txt"}
