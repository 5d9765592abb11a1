"""Stories of a server whose feed no longer knows where a device stood."""

import pytest

from dreamsync.engine.events import Job, Pushed, Woken
from dreamsync.remotes.protocol import Deletion, Page
from tests.support.devices import Device, World, run_job


def _others(world: World, count: int = 4) -> None:
    """Enough files that a deletion or two is not the guard's business."""
    for number in range(count):
        world.device("a").write(f"other {number}.txt", f"stays {number}")


@pytest.mark.promise(15)
@pytest.mark.fault("old backup")
def test_a_restored_server_gets_back_what_it_lost_and_nothing_is_deleted(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    _others(world)
    for name in ("edited", "moved", "deleted"):
        a.write(f"{name}.txt", f"{name} before the backup")
    world.settle()
    backup = world.server.snapshot()

    a.write("edited.txt", "edited after the backup, so longer")
    a.write("new.txt", "made after the backup")
    (a.root / "moved.txt").rename(a.root / "moved away.txt")
    (a.root / "deleted.txt").unlink()
    world.settle()
    assert "deleted.txt" not in b.tree()
    world.server.restore_snapshot(backup)
    world.settle()

    expected = {f"other {number}.txt": f"stays {number}" for number in range(4)} | {
        "edited.txt": "edited after the backup, so longer",
        "new.txt": "made after the backup",
        "moved away.txt": "moved before the backup",
        "deleted.txt": "deleted before the backup",
    }
    assert a.tree() == b.tree() == expected
    assert not a.journal.holds.all()


def test_what_was_sent_last_of_all_is_noticed_missing_too(world: World) -> None:
    """Once a device is at rest its cursor names all that it has sent: a backup of before must not
    look like the same history."""
    a = world.device("a")
    a.write("note.txt", "old")
    a.sync()
    backup = world.server.snapshot()
    a.write("note.txt", "newer and longer")
    a.write("new.txt", "made after the backup")
    a.sync()
    world.server.restore_snapshot(backup)

    a.sync()

    assert world.live_paths() == {"note.txt", "new.txt"}
    b = world.device("b")
    b.sync()
    assert (
        b.tree() == a.tree() == {"note.txt": "newer and longer", "new.txt": "made after the backup"}
    )


@pytest.mark.promise(15)
@pytest.mark.fault("old backup")
def test_what_another_device_put_back_first_is_adopted(world: World) -> None:
    a, b, c = world.device("a"), world.device("b"), world.device("c")
    a.write("note.txt", "old")
    world.settle()
    backup = world.server.snapshot()
    a.write("note.txt", "newer and longer")
    world.settle()
    world.server.restore_snapshot(backup)

    for device in (b, a, c):
        device.sync()
    world.settle()

    assert a.tree() == b.tree() == c.tree() == {"note.txt": "newer and longer"}


@pytest.mark.promise(15)
def test_an_edit_made_while_the_server_was_restored_conflicts_with_nothing(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("note.txt", "old")
    world.settle()
    backup = world.server.snapshot()
    a.write("note.txt", "second version")
    world.settle()
    world.server.restore_snapshot(backup)

    b.write("note.txt", "third version, made offline")
    world.settle()

    assert "third version, made offline" in a.tree().values()
    assert a.tree() == b.tree()


@pytest.mark.fault("cursor expired")
def test_after_an_expired_cursor_absence_is_deletion(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    _others(world)
    a.write("gone.txt", "gone")
    world.settle()

    (a.root / "gone.txt").unlink()
    a.write("new.txt", "new")
    a.sync()
    world.server.purge_tombstones()
    world.settle()

    assert a.tree() == b.tree()
    assert "gone.txt" not in b.tree()
    assert b.tree()["new.txt"] == "new"
    assert [item.path for item in b.disk.trash()] == ["gone.txt"]


@pytest.mark.promise(12)
@pytest.mark.fault("captive portal")
def test_an_empty_listing_deletes_nothing_however_few_files_there_are(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As from a server that has come up without its database, when a cursor had expired."""
    a, b = world.device("a"), world.device("b")
    _others(world)
    world.settle()
    b.write("note.txt", "one")
    b.sync()
    (b.root / "note.txt").unlink()
    b.sync()
    world.server.purge_tombstones()
    changes = a.remote.changes

    def empty(since: str | None, *, limit: int = 1000) -> Page:
        return Page((), "of nothing", False) if since is None else changes(since, limit=limit)

    with monkeypatch.context() as patch:
        patch.setattr(a.remote, "changes", empty)
        a.live(seconds=60.0)
    world.settle()

    assert a.tree() == b.tree() == {f"other {number}.txt": f"stays {number}" for number in range(4)}
    assert list(a.disk.trash()) == []


@pytest.mark.promise(12)
@pytest.mark.fault("cursor expired")
def test_after_an_expired_cursor_many_absences_are_held(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    for number in range(60):
        a.write(f"{number}.txt", str(number))
    world.settle()

    for number in range(40):
        (a.root / f"{number}.txt").unlink()
    a.sync()
    with a.journal.transaction():
        a.engine.deletions.answer([hold.id for hold in a.journal.holds.all()], reject=False)
    a.sync()
    world.server.purge_tombstones()
    b.sync()

    assert len(b.tree()) == 60
    assert sum(hold.deletes for hold in b.journal.holds.all()) == 40


@pytest.mark.promise(2)
@pytest.mark.fault("cursor expired")
def test_an_edit_survives_an_expired_deletion(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    _others(world)
    a.write("note.txt", "old")
    world.settle()

    (a.root / "note.txt").unlink()
    a.sync()
    world.server.purge_tombstones()
    b.write("note.txt", "edited by b")
    world.settle()

    assert a.tree() == b.tree()
    assert a.tree()["note.txt"] == "edited by b"


def test_what_was_under_way_when_the_server_was_restored_does_nothing(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    _others(world)
    a.write("note.txt", "first")
    world.settle()
    backup = world.server.snapshot()
    a.write("note.txt", "second, of the old history")
    world.settle()
    (a.root / "note.txt").unlink()
    a.live("note.txt", seconds=1.0)
    a.clock.seconds += 5.0
    deleting = _first_job_of_a_node(a)
    world.server.restore_snapshot(backup)
    b.write("note.txt", "second, of the new history")
    b.sync()

    a.live_step(Pushed())
    a.live_step(*run_job(deleting))
    world.settle()

    assert a.tree() == b.tree()
    assert a.tree()["note.txt"] == "second, of the new history"


def _first_job_of_a_node(device: Device) -> Job:
    """Begun and not run yet; all else is done."""
    jobs: list[Job] = []
    while not any(job.nodes for job in jobs):
        jobs = device.engine.step([event for job in jobs for event in run_job(job)] or [Woken()])
    return next(job for job in jobs if job.nodes)


def test_a_deletion_of_the_old_history_is_none_in_the_new_one(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    for number in range(40):
        a.write(f"{number}.txt", str(number))
    world.settle()
    _delete_all_there(a, version=1)
    _confirm(a)
    backup = world.server.snapshot()
    for file in list(a.remote.trash()):
        a.remote.restore(file.id, version=1, base_version=2, key=f"restored {file.name}")
    b.sync()
    _confirm(b)
    b.sync()
    _delete_all_there(b, version=3)
    b.sync()
    assert len(b.tree()) == sum(hold.deletes for hold in b.journal.holds.all()) == 40

    world.server.restore_snapshot(backup)
    world.settle()

    assert len(a.tree()) == len(b.tree()) == 40
    assert not b.journal.holds.all()


def _delete_all_there(device: Device, *, version: int) -> None:
    for file in device.remote.changes(None).files:
        key = f"deleted {version} {file.name}"
        device.remote.delete(Deletion(key, file.id, version, file.file_name))


def _confirm(device: Device) -> None:
    device.sync()
    with device.journal.transaction():
        holds = [hold.id for hold in device.journal.holds.all()]
        device.engine.deletions.answer(holds, reject=False)
    device.sync()
