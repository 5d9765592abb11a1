"""Stories of bytes that change although nobody edited them, and of those that only seem to."""

import os
from dataclasses import replace

import pytest

from dreamsync.core.status import Act
from dreamsync.engine.events import Event, Job, VerifyAsked
from dreamsync.engine.status import engine_status
from tests.support.devices import Device, World, run_job

_HOUR = 3600.0
_GOOD, _BAD = "what the person wrote", "what the disk made of"


def _quietly(device: Device, path: str, text: str) -> None:
    """Other bytes under the same size and mtime, as a failing disk or a power cut leaves them."""
    target = device.root / path
    before = target.stat()
    assert len(text) == before.st_size
    target.write_text(text)
    os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))


def _unseen(device: Device, path: str, text: str) -> None:
    """The same with not even another ctime: the journal is told what `lstat` shows now."""
    _quietly(device, path, text)
    trees = device.journal.trees
    seen = device.disk.look(path)
    assert seen is not None
    with device.journal.transaction():
        for table in ("local", "base"):
            device.journal._sql.execute(
                f"UPDATE {table} SET ctime_ns = ? WHERE inode = ?",
                (seen.fingerprint.ctime_ns, seen.fingerprint.inode),
            )
    assert trees.pending_count() == 0


def _verify(device: Device) -> None:
    device.live_step(VerifyAsked())


def _next_background_job(device: Device) -> Job:
    events: list[Event] = []
    for _ in range(20):
        device.clock.seconds += 10.0
        jobs = device.engine.step(events)
        events = []
        for job in jobs:
            if job.id < 0:
                return job
            events.extend(run_job(job))
    raise AssertionError("nothing is read in the background")


def _acts(device: Device) -> list[Act]:
    return [activity.act for activity in device.journal.history.newest(100)]


def _reread_within(device: Device, *, hours: float) -> None:
    settings = device.context.settings
    device.context.settings = replace(settings, reread=hours * _HOUR, poll=_HOUR)


def _stop_and_start(device: Device) -> None:
    device.engine.end()
    device.restart()


@pytest.fixture
def pair(world: World) -> tuple[Device, Device]:
    a, b = world.device("a"), world.device("b")
    a.write("note.txt", _GOOD, mtime=1_600_000_000)
    a.write("other.txt", "other")
    world.settle()
    return a, b


_COPY = "note (conflict a 2020-09-13 122640).txt"


@pytest.mark.promise(10)
def test_what_a_failing_disk_changed_is_found_and_put_right(
    world: World, pair: tuple[Device, Device]
) -> None:
    a, b = pair
    _unseen(a, "note.txt", _BAD)
    a.sync()
    a.remote.mutations.clear()

    _verify(a)
    world.settle()

    report = a.engine.verifier.report()
    assert report is not None
    assert report.repaired == ("note.txt",)
    assert (report.checked, report.matching) == (2, 1)
    assert a.tree() == b.tree() == {"note.txt": _GOOD, _COPY: _BAD, "other.txt": "other"}
    assert Act.DAMAGED in _acts(a)
    assert a.remote.mutations == {"upload": 1}, "the conflict copy, and nothing else"
    damaged = engine_status(a.context, a.engine).damaged
    assert damaged is not None
    assert damaged.files == 1


@pytest.mark.promise(10)
@pytest.mark.parametrize("stopped_cleanly", [True, False])
def test_a_change_under_an_unchanged_mtime_is_an_edit_only_after_a_clean_stop(
    world: World, pair: tuple[Device, Device], stopped_cleanly: bool
) -> None:
    a, b = pair
    if stopped_cleanly:
        _stop_and_start(a)
    else:
        a.restart()
    _quietly(a, "note.txt", _BAD)

    world.settle()

    assert a.tree() == b.tree()
    if stopped_cleanly:
        assert a.tree() == {"note.txt": _BAD, "other.txt": "other"}
    else:
        assert a.tree() == {"note.txt": _GOOD, _COPY: _BAD, "other.txt": "other"}


@pytest.mark.promise(10)
def test_a_change_that_the_watcher_told_of_is_an_edit(
    world: World, pair: tuple[Device, Device]
) -> None:
    a, b = pair
    _quietly(a, "note.txt", _BAD)

    a.live("note.txt", seconds=5.0)
    world.settle()

    assert a.tree() == b.tree() == {"note.txt": _BAD, "other.txt": "other"}


@pytest.mark.promise(7, 10)
def test_after_a_crash_a_file_that_was_only_touched_in_other_ways_is_no_conflict(
    world: World, pair: tuple[Device, Device]
) -> None:
    a, b = pair
    a.remote.mutations.clear()
    a.restart()
    (a.root / "note.txt").chmod(0o600)
    (a.root / "other.txt").rename(a.root / "renamed.txt")

    world.settle()

    assert a.tree() == b.tree() == {"note.txt": _GOOD, "renamed.txt": "other"}
    assert a.remote.mutations == {"move": 1}


@pytest.mark.promise(10)
def test_after_a_crash_an_edit_with_its_own_mtime_is_an_edit(
    world: World, pair: tuple[Device, Device]
) -> None:
    a, b = pair
    a.restart()
    a.write("note.txt", _BAD, mtime=1_600_000_500)

    world.settle()

    assert a.tree() == b.tree() == {"note.txt": _BAD, "other.txt": "other"}


@pytest.mark.promise(10)
def test_distrust_ends_with_the_first_whole_look(world: World, pair: tuple[Device, Device]) -> None:
    a, b = pair
    a.restart()
    a.sync()

    _quietly(a, "note.txt", _BAD)
    world.settle()

    assert a.tree() == b.tree() == {"note.txt": _BAD, "other.txt": "other"}


def test_what_nobody_can_read_is_a_problem_and_stays_as_it_is(
    pair: tuple[Device, Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    from dreamsync.local.protocol import InputOutput

    a, _ = pair
    really = a.disk.open_for_reading

    def broken(path: str, expect: object, *, offset: int = 0) -> object:
        if path == "note.txt":
            raise InputOutput(path, "the disk says no")
        return really(path, expect, offset=offset)  # type: ignore[arg-type]

    monkeypatch.setattr(a.disk, "open_for_reading", broken)

    _verify(a)

    report = a.engine.verifier.report()
    assert report is not None
    assert (report.mismatched, report.repaired, report.matching) == (("note.txt",), (), 1)
    assert [one.path for one in engine_status(a.context, a.engine).problems] == ["note.txt"]

    monkeypatch.undo()
    _verify(a)
    assert engine_status(a.context, a.engine).problems == ()


@pytest.mark.promise(23)
def test_the_state_is_verified_at_rest_and_again_once_a_day(
    world: World, pair: tuple[Device, Device]
) -> None:
    a, _ = pair
    first = engine_status(a.context, a.engine).verified
    assert first is not None
    assert first.files == 2

    a.clock.seconds += 12 * _HOUR
    a.live(seconds=60.0)
    assert engine_status(a.context, a.engine).verified == first
    a.clock.seconds += 12 * _HOUR
    a.live(seconds=60.0)

    again = engine_status(a.context, a.engine).verified
    assert again is not None
    assert again.files == 2
    assert again.at_ms > first.at_ms


@pytest.mark.promise(24)
def test_a_clock_that_is_set_back_ten_years_keeps_nothing_from_being_verified(
    pair: tuple[Device, Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, _ = pair
    really = a.clock.now_ms
    monkeypatch.setattr(a.clock, "now_ms", lambda: really() - 10 * 365 * 24 * 3_600_000)

    a.live(seconds=61.0)

    verified = engine_status(a.context, a.engine).verified
    assert verified is not None
    assert verified.at_ms <= a.clock.now_ms()


def test_a_file_that_is_still_to_be_synced_does_not_count_as_matching(
    world: World, pair: tuple[Device, Device]
) -> None:
    a, _ = pair
    a.write("new.txt", "not sent yet")
    with a.journal.transaction():
        assert a.journal.trees.matching_files() == 2

    world.settle()
    a.live(seconds=61.0)

    verified = engine_status(a.context, a.engine).verified
    assert verified is not None
    assert verified.files == 3


@pytest.mark.promise(5, 10)
def test_all_bytes_have_their_turn_within_a_round_at_little_cost(
    world: World, pair: tuple[Device, Device]
) -> None:
    a, b = pair
    _reread_within(a, hours=12)
    for number in range(100):
        a.write(f"{number}.txt", str(number))
    world.settle()
    _unseen(a, "7.txt", "8")
    before = a.journal.changes()

    a.live(seconds=2 * _HOUR)
    assert 1 <= a.journal.changes() - before <= 10
    a.live(seconds=11 * _HOUR)
    world.settle()

    assert a.tree()["7.txt"] == "7"
    assert a.tree() == b.tree()


def _opened(device: Device, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Path and offset of each reading from now on."""
    opened: list[tuple[str, int]] = []
    really = device.disk.open_for_reading

    def noted(path: str, expect: object, *, offset: int = 0) -> object:
        opened.append((path, offset))
        return really(path, expect, offset=offset)  # type: ignore[arg-type]

    monkeypatch.setattr(device.disk, "open_for_reading", noted)
    return opened


def test_a_round_goes_on_where_it_was_and_catches_up(
    world: World, pair: tuple[Device, Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, _ = pair
    _reread_within(a, hours=12)
    for number in range(598):
        a.write(f"{number}.txt", str(number))
    world.settle()
    a.live(seconds=4.1 * _HOUR)
    opened = _opened(a, monkeypatch)

    _stop_and_start(a)
    _reread_within(a, hours=12)
    a.clock.seconds += 4 * _HOUR
    a.live(seconds=0.5 * _HOUR)

    read = [path for path, _ in opened]
    assert len(set(read)) == len(read)
    assert 190 <= len(read) <= 260


def test_a_paused_or_busy_device_rereads_nothing(pair: tuple[Device, Device]) -> None:
    a, _ = pair
    from dreamsync.engine.pausing import write_pause

    with a.journal.transaction():
        write_pause(a.journal.settings, until_ms=None)
    a.clock.seconds += 1500 * _HOUR

    for _ in range(10):
        jobs = a.engine.step([])
        assert jobs == []
        a.clock.seconds += 3700.0


def test_a_large_file_is_reread_in_slices_and_not_kept_open_between_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = world.device("a")
    (a.root / "large").write_bytes(b"x" * (40 * 1024 * 1024))
    a.sync()
    opened = _opened(a, monkeypatch)

    _verify(a)

    mebibyte = 1024 * 1024
    assert opened == [("large", 0), ("large", 16 * mebibyte), ("large", 32 * mebibyte)]
    report = a.engine.verifier.report()
    assert report is not None
    assert (report.checked, report.matching) == (1, 1)


def test_a_large_file_whose_rereading_was_cut_off_is_read_whole_after_the_next_start(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = world.device("a")
    (a.root / "large").write_bytes(b"x" * (40 * 1024 * 1024))
    a.sync()
    a.live(seconds=_HOUR)
    opened = _opened(a, monkeypatch)
    a.clock.seconds += 800 * _HOUR
    a.engine.step(list(run_job(_next_background_job(a))))
    assert opened == [("large", 0)]

    _stop_and_start(a)
    opened.clear()
    a.live(seconds=2 * _HOUR)

    mebibyte = 1024 * 1024
    assert opened == [("large", 0), ("large", 16 * mebibyte), ("large", 32 * mebibyte)]


def test_an_edit_while_it_is_reread_is_an_edit(world: World, pair: tuple[Device, Device]) -> None:
    a, b = pair
    jobs = a.engine.step([VerifyAsked()])
    a.write("note.txt", _BAD)

    a.live_step(*(event for job in jobs for event in run_job(job)))
    a.live("note.txt", seconds=5.0)
    world.settle()

    assert a.tree() == b.tree() == {"note.txt": _BAD, "other.txt": "other"}


def test_who_asks_while_the_background_reads_gets_a_report_of_all_files_once(
    world: World, pair: tuple[Device, Device]
) -> None:
    a, _ = pair
    _reread_within(a, hours=1)
    a.clock.seconds += 2 * _HOUR
    job = _next_background_job(a)

    late = list(run_job(job))
    jobs = a.engine.step([VerifyAsked()])
    assert [job for job in jobs if job.id < 0] == []
    a.live_step(*late)

    report = a.engine.verifier.report()
    assert report is not None
    assert (report.checked, report.matching) == (2, 2)
