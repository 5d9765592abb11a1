"""Pausing by a person's wish or by a rule, and what disturbs: sleep, clocks, networks."""

from dataclasses import dataclass

import pytest

from dreamsync.core.status import Paused, PauseReason, State
from dreamsync.engine.events import (
    Disturbed,
    Event,
    Finished,
    Hinted,
    Job,
    NetworkChanged,
    PauseChanged,
    Pushed,
    Woken,
)
from dreamsync.engine.pausing import end_pause, write_pause
from dreamsync.engine.status import engine_status
from dreamsync.local.protocol import NotPermitted, Sign
from dreamsync.remotes.errors import Unreachable
from dreamsync.text import tomorrow_ms
from tests.support.devices import Device, FakeClock, World, run_job

LARGE = "0123456789abcdef" * 1024 * 1024
"""Of more than one piece, so that there is something to break off."""


def pause(device: Device, until_ms: int | None = None) -> None:
    with device.journal.transaction():
        write_pause(device.journal.settings, until_ms=until_ms)
    device.live_step(PauseChanged())


def resume(device: Device) -> None:
    with device.journal.transaction():
        end_pause(device.journal.settings)
    device.live_step(PauseChanged())


@pytest.mark.parametrize(
    "until",
    [lambda clock: clock.now_ms() + 30 * 60_000, lambda clock: tomorrow_ms(clock.now_ms())],
    ids=["for 30m", "until tomorrow"],
)
def test_a_pause_lasts_as_long_as_was_said_also_across_a_restart(world: World, until) -> None:  # type: ignore[no-untyped-def]
    a, b = world.device("a"), world.device("b")
    until_ms = until(world.clock)
    pause(a, until_ms)
    a.write("mine.txt", "written while paused")
    b.write("theirs.txt", "from elsewhere")
    b.sync()

    a.live("mine.txt", seconds=60)
    a.restart()
    world.clock.seconds += (until_ms - world.clock.now_ms()) / 1000 - 1
    a.live_step(Woken())
    assert engine_status(a.context, a.engine).state is State.PAUSED
    assert engine_status(a.context, a.engine).paused == Paused(PauseReason.PERSON, until_ms)
    assert engine_status(a.context, a.engine).pending == 1, "it was noted"
    assert world.live_paths() == {"theirs.txt"}
    assert a.tree() == {"mine.txt": "written while paused"}

    assert a.engine.next_wake() <= world.clock.seconds + 1.01
    a.live(seconds=10)
    assert world.live_paths() == {"mine.txt", "theirs.txt"}
    assert set(a.tree()) == {"mine.txt", "theirs.txt"}


def test_a_rule_pauses_while_its_circumstance_lasts(world: World) -> None:
    a = world.device("a")
    a.sync()
    a.context.paused_by = PauseReason.BATTERY
    a.write("note.txt", "one")
    a.live("note.txt", seconds=1000)
    assert engine_status(a.context, a.engine).paused == Paused(PauseReason.BATTERY)
    assert world.live_paths() == set()

    a.context.paused_by = None
    a.live_step(PauseChanged())
    a.live(seconds=1)
    assert world.live_paths() == {"note.txt"}


def test_a_persons_pause_is_told_before_a_rules(world: World) -> None:
    a = world.device("a")
    a.context.paused_by = PauseReason.METERED
    pause(a)
    assert a.engine.paused == Paused(PauseReason.PERSON)

    resume(a)
    assert a.engine.paused == Paused(PauseReason.METERED)


@pytest.mark.promise(8, 17)
def test_a_pause_breaks_off_a_large_download_which_goes_on_where_it_was(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    b.write("large.bin", LARGE)
    b.sync()
    download = transfer_of(a)
    for _ in range(5):
        next(download.effects)
    there = world.devices["a"].context.transfers
    fetched = next(iter(there.values())).done

    pause(a)
    (ended,) = run_job(download)
    a.live_step(ended)
    assert isinstance(ended, Finished)
    assert 0 < fetched < len(LARGE)
    assert a.tree() == {}
    assert engine_status(a.context, a.engine).problems == ()

    offsets = offsets_of(a)
    resume(a)
    a.live(seconds=5)
    assert a.tree() == {"large.bin": LARGE}
    assert offsets[0] >= fetched, "what had come was not fetched again"


@pytest.mark.promise(8, 17)
def test_a_pause_breaks_off_a_large_upload_which_has_one_version_in_the_end(world: World) -> None:
    a = world.device("a")
    a.write("large.bin", LARGE)
    upload = transfer_of(a)
    for _ in range(3):
        next(upload.effects)

    pause(a)
    a.live_step(*run_job(upload))
    assert world.live_paths() == set()
    assert engine_status(a.context, a.engine).problems == ()

    resume(a)
    a.live(seconds=5)
    assert world.live_paths() == {"large.bin"}
    (file,) = world.server.changes(None, 100).files
    assert (file.version, file.file_size) == (1, len(LARGE))
    a.sync()
    assert a.tree() == {"large.bin": LARGE}


def transfer_of(device: Device) -> Job:
    """Everything up to the one job that moves content, which has not begun."""
    events: list[Event] = [Disturbed()]
    for _ in range(50):
        jobs = device.engine.step(events)
        events = [event for job in jobs if not job.nodes for event in run_job(job)]
        for job in jobs:
            if job.nodes:
                return job
        if not events:
            device.clock.seconds = max(device.clock.seconds, device.engine.next_wake()) + 0.001
            events = [Woken()]
    raise AssertionError("no transfer began")


def offsets_of(device: Device) -> list[int]:
    """Where each download from now on begins."""
    seen: list[int] = []
    download = device.remote.download

    def noted(fetch, *, offset=0, end=None):  # type: ignore[no-untyped-def]
        seen.append(offset)
        return download(fetch, offset=offset, end=end)

    device.remote.download = noted  # type: ignore[method-assign]
    return seen


def test_another_network_lets_a_server_be_tried_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = world.device("a")
    a.sync()

    def away() -> None:
        raise Unreachable("no network")

    with monkeypatch.context() as patched:
        patched.setattr(a.remote, "status", away)
        patched.setattr(a.remote, "changes", lambda *_, **__: away())
        a.live(seconds=400)
        assert engine_status(a.context, a.engine).state is State.OFFLINE
    waits_until = a.engine.next_wake()
    assert waits_until > world.clock.seconds

    a.live_step(NetworkChanged())
    assert engine_status(a.context, a.engine).state is State.IDLE


def test_another_network_brings_news_that_no_push_told_of(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    a.sync()
    b.write("theirs.txt", "news")
    b.sync()

    a.live_step(NetworkChanged())

    assert a.tree() == {"theirs.txt": "news"}


@pytest.mark.fault("suspended")
def test_after_a_sleep_the_folder_and_the_server_are_looked_at(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("here.txt", "before")
    a.sync()
    (a.root / "here.txt").write_text("changed, and no event told of it")
    b.sync()
    b.write("theirs.txt", "news")
    b.sync()

    a.live_step(Disturbed())
    a.live(seconds=1)

    b.sync()
    assert a.tree() == b.tree() == {
        "here.txt": "changed, and no event told of it", "theirs.txt": "news",
    }  # fmt: skip


@dataclass
class SettableClock(FakeClock):
    set_by_ms: int = 0

    def now_ms(self) -> int:
        return super().now_ms() + self.set_by_ms


@pytest.mark.promise(24)
def test_a_clock_set_back_by_a_year_keeps_no_retry_waiting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.clock = clock = SettableClock()
    a = world.device("a")
    a.sync()
    a.write("note.txt", "one")

    def refused(*_: object) -> None:
        raise NotPermitted("note.txt", "note.txt is not accessible")

    with monkeypatch.context() as patched:
        patched.setattr(a.disk, "open_for_reading", refused)
        a.live("note.txt")
    assert a.journal.problems.all() != []

    clock.set_by_ms = -366 * 86_400_000
    a.live_step(Disturbed())
    a.live(seconds=1)

    assert world.live_paths() == {"note.txt"}


def test_a_folder_that_went_while_another_of_its_name_came_is_looked_for_again(
    world: World,
) -> None:
    """Between the look that did not find it and the end of all looks, its node became another."""
    a, b = world.device("a"), world.device("b")
    world.settle()
    pause(a)
    (a.root / "box").mkdir()
    a.live("box", seconds=1.0)
    b.write("box/inside.txt", "from b")
    b.sync()

    (a.root / "box").rmdir()
    a.engine.step([Hinted("box", sign=Sign.GONE), Hinted("other.txt")])
    a.clock.seconds += 0.2
    a.engine.step([Woken()])
    resume(a)
    a.live_step(Pushed())
    a.live(seconds=5.0)

    assert a.tree() == b.tree()
