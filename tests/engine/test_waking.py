"""When the engine wants to be woken: whatever waits for a time must not sleep through it."""

import pytest

from dreamsync.core.nodes import Fingerprint
from dreamsync.engine.events import Hinted, Woken
from dreamsync.local.protocol import NotPermitted, Reading
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


def test_a_retry_that_is_due_wakes_nobody_while_something_may_have_been_moved(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = world.device("a")
    a.write("leaves.txt", "leaves")
    a.sync()

    def unreadable(path: str, _expect: Fingerprint) -> Reading:
        raise NotPermitted(path, f"{path} cannot be read")

    monkeypatch.setattr(a.disk, "open_for_reading", unreadable)
    a.write("fails.txt", "fails")
    a.live("fails.txt", seconds=0.5)
    (a.root / "leaves.txt").unlink()
    a.live_step(Hinted("leaves.txt"), Hinted("written all the time.txt"))
    a.clock.seconds += 0.35
    a.live_step(Woken(), Hinted("written all the time.txt"))
    assert a.engine.observer.missing_something
    retry_ms = a.journal.problems.next_try_ms(after_ms=0) or 0
    a.clock.seconds += max(0.0, (retry_ms - a.clock.now_ms()) / 1000)
    a.live_step(Woken(), Hinted("written all the time.txt"))

    assert a.engine.observer.missing_something
    assert a.engine.next_wake() > a.clock.seconds
