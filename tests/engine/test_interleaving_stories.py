"""Stories in which something comes in between: an answer, a look, a page, an edit."""

import shutil
from collections.abc import Sequence
from dataclasses import replace

import pytest

from dreamsync.core.nodes import ROOT, Kind, NodeKey, Side
from dreamsync.core.operations import CreateRemoteFolder
from dreamsync.core.trees import Place
from dreamsync.engine.events import (
    Event,
    Finished,
    Hinted,
    Job,
    PauseChanged,
    Pushed,
    SyncAsked,
    Woken,
)
from dreamsync.engine.pausing import write_pause
from dreamsync.engine.queue import Queue
from dreamsync.engine.status import engine_status
from dreamsync.journal.journal import Journal
from dreamsync.local.protocol import InputOutput, NotPermitted, RootState, Seen, Sign
from dreamsync.remotes.errors import Unreachable
from tests.support.devices import Device, World, jobs_on_nodes, run_job


def _finish(device: Device, jobs: Sequence[Job]) -> list[Job]:
    """Run these to their end, and hand what came of them to the engine."""
    events: list[Event] = [event for job in jobs for event in run_job(job)]
    return device.engine.step(events or [Woken()])


def _drain(device: Device, jobs: Sequence[Job]) -> None:
    """These, and all that follows from them."""
    while jobs:
        jobs = _finish(device, jobs)


def _look(device: Device, *paths: str) -> list[Job]:
    """The watcher hints at them, and they are looked at; what follows is not run."""
    device.engine.step([Hinted(path) for path in paths])
    device.clock.seconds += 1.0
    return device.engine.step([Woken()])


@pytest.mark.promise(14)
@pytest.mark.fault("duplicate")
def test_a_page_read_before_an_upload_was_acknowledged_does_not_undo_it(world: World) -> None:
    a = world.device("a")
    a.write("note.txt", "one")
    a.sync()
    world.device("b").write("other.txt", "so that there is a page")
    world.device("b").sync()
    a.write("note.txt", "second")
    feed, upload = _feed_and_upload(a)

    next(feed.effects)
    later = _finish(a, [upload])
    page = list(run_job(feed))
    later += a.engine.step(page)
    _drain(a, later)

    assert a.tree()["note.txt"] == "second"


def _feed_and_upload(device: Device) -> tuple[Job, Job]:
    """Where reading the feed and the upload are under way at the same time."""
    jobs = device.engine.step([SyncAsked()])
    while len(jobs) < 2:
        jobs = [*jobs, *device.engine.step([Woken()])]
    feed = next(job for job in jobs if not job.nodes)
    return feed, next(job for job in jobs if job.nodes)


@pytest.mark.promise(1, 10)
def test_what_was_equal_when_it_was_planned_is_not_called_equal_after_an_edit_elsewhere(
    world: World,
) -> None:
    a, b = world.device("a"), world.device("b")
    for name in ("first.txt", "old.txt"):
        a.write(name, name)
    world.settle()
    for device in (a, b):
        (device.root / "old.txt").rename(device.root / "new.txt")
    a.sync()
    b.write("first.txt", "changed")
    b.context.settings = replace(b.context.settings, parallel=1)
    (move,) = _finish(b, _feed_and_upload(b))
    b.write("first.txt", "keeps the only job busy")
    _look(b, "first.txt")
    upload = _finish(b, [move])

    a.write("new.txt", "edited by a")
    a.sync()
    _drain(b, b.engine.step([Pushed()]))
    _drain(b, upload)
    b.live(seconds=10.0)

    assert b.tree() == {"first.txt": "keeps the only job busy", "new.txt": "edited by a"}


@pytest.mark.promise(22)
def test_a_file_that_became_a_folder_for_a_moment_while_it_was_sent_leaves_nothing_in_it(
    world: World,
) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("note.txt", "one")
    upload = _only_job(a)

    (a.root / "note.txt").unlink()
    a.write("note.txt/inside.txt", "for a moment")
    _look(a, "note.txt", "note.txt/inside.txt")
    assert not any(a.journal.trees.children(Side.LOCAL, node) for node in upload.nodes)
    shutil.rmtree(a.root / "note.txt")
    a.write("note.txt", "another")
    a.engine.step([Hinted("note.txt")])
    _drain(a, [upload])
    a.live(seconds=60.0)
    b.sync()

    assert engine_status(a.context, a.engine).problems == ()
    assert a.tree() == b.tree() == {"note.txt": "another"}


@pytest.mark.promise(1)
def test_the_children_of_a_folder_on_the_move_are_not_taken_for_deleted(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    for name in ("kept.txt", "box/inside.txt"):
        a.write(name, name)
    world.settle()
    (a.root / "box").rename(a.root / "chest")
    a.sync()
    move = _only_job(b)

    next(move.effects)
    _look(b, "box/inside.txt")
    _drain(b, [move])
    b.live(seconds=10.0)

    assert b.remote.mutations["delete"] == 0
    assert b.tree() == a.tree()


def test_a_move_that_was_taken_back_meanwhile_is_not_sent_as_ours(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("note.txt", "one")
    world.settle()
    (a.root / "note.txt").rename(a.root / "moved.txt")
    a.sync()
    move = _only_job(b)

    (a.root / "moved.txt").rename(a.root / "note.txt")
    a.sync()
    _drain(b, b.engine.step([Pushed()]))
    _drain(b, [move])
    b.live(seconds=5.0)

    assert b.tree() == a.tree() == {"note.txt": "one"}
    assert b.remote.mutations["move"] == 0


def _only_job(device: Device) -> Job:
    return jobs_on_nodes(device, SyncAsked())[0]


@pytest.mark.promise(23)
def test_what_takes_a_moved_files_place_before_its_move_is_noted_is_not_overlooked(
    world: World,
) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("old.txt", "one")
    world.settle()
    (a.root / "old.txt").rename(a.root / "new.txt")
    a.sync()
    move = _only_job(b)
    while not (b.root / "new.txt").exists():
        next(move.effects)

    (b.root / "new.txt").unlink()
    (b.root / "new.txt").mkdir()
    b.live("new.txt", seconds=5.0)
    _drain(b, [move])
    b.live(seconds=60.0)

    live = [file for file in world.server.changes(None, 10).files if not file.deleted]
    assert [(file.name, file.kind) for file in live] == [("new.txt", Kind.FOLDER)]


@pytest.mark.promise(1)
def test_a_folder_made_late_does_not_take_the_place_of_another_that_came_there(
    world: World,
) -> None:
    a, b = world.device("a"), world.device("b")
    world.settle()
    (a.root / "box").mkdir()
    a.sync()
    late = _only_job(b)
    (a.root / "box").rename(a.root / "old box")
    a.sync()
    a.write("box/inside.txt", "inside")
    a.sync()
    _drain(b, b.engine.step([Pushed()]))
    b.live(seconds=5.0)
    assert (b.root / "box/inside.txt").exists()

    _drain(b, [late])
    b.live(seconds=60.0)

    assert world.live_paths() == {"box", "box/inside.txt", "old box"}
    assert set(b.tree()) == world.live_paths()


@pytest.mark.promise(9)
def test_a_new_file_that_was_deleted_elsewhere_before_its_answer_came_is_gone_here_too(
    world: World,
) -> None:
    a, b = world.device("a"), world.device("b")
    world.settle()
    a.write("note.txt", "one")
    feed, upload = _feed_and_upload(a)
    answer = list(run_job(upload))
    b.sync()
    (b.root / "note.txt").unlink()
    b.sync()

    _drain(a, [feed])
    _drain(a, a.engine.step(answer))
    a.live(seconds=60.0)

    assert world.live_paths() == set()
    assert a.tree() == b.tree() == {}


@pytest.mark.promise(14)
@pytest.mark.parametrize("told", [True, False], ids=["told of before", "never told of"])
def test_a_late_refusal_does_not_bring_back_what_was_deleted_since(
    world: World, told: bool
) -> None:
    """It names what was in the way when it was made."""
    a, b = world.device("a"), world.device("b")
    world.settle()
    b.write("name", "a file of b's")
    b.sync()
    (a.root / "name").mkdir()
    (creation,) = _look(a, "name")
    refusal = list(run_job(creation))
    if told:
        a.live_step(Pushed())
    (b.root / "name").unlink()
    b.sync()
    a.live_step(Pushed())

    a.live_step(*refusal)
    a.live(seconds=10.0)

    assert a.tree() == {"name": None}
    assert world.live_paths() == {"name"}


@pytest.mark.promise(23)
def test_what_could_not_be_read_is_no_problem_once_its_answer_has_come(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is faster: the file is to be read to tell whether it is still what it tells of."""
    a = world.device("a")
    world.settle()
    a.write("note.txt", "one")
    feed, upload = _feed_and_upload(a)
    answer = list(run_job(upload))

    def refuse(*_: object, **__: object) -> None:
        raise NotPermitted("note.txt", "note.txt is not accessible")

    with monkeypatch.context() as patch:
        patch.setattr(a.disk, "open_for_reading", refuse)
        _drain(a, [feed])
        assert a.journal.problems.any()
        _drain(a, a.engine.step(answer))

    assert not a.journal.problems.any()


@pytest.mark.promise(9)
@pytest.mark.parametrize("name", ["note.txt", "노트.txt"])
def test_what_is_moved_away_before_its_download_is_noted_is_not_taken_for_there(
    world: World, name: str
) -> None:
    a, b = world.device("a"), world.device("b")
    world.settle()
    a.write(name, "one")
    a.sync()
    download = _only_job(b)
    while not (b.root / name).exists():
        next(download.effects)

    (b.root / name).rename(b.root / "mine.txt")
    b.live(name, "mine.txt", seconds=5.0)
    _drain(b, [download])
    b.live(seconds=60.0)
    a.sync()

    assert a.tree() == b.tree() == {"mine.txt": "one"}


def test_a_file_that_has_landed_is_not_taken_for_new_when_the_server_drops_it(
    world: World,
) -> None:
    a, b = world.device("a"), world.device("b")
    for name in ("kept.txt", "also kept.txt"):
        a.write(name, name)
    world.settle()
    a.write("thing", "a file at first")
    a.sync()
    download = _only_job(b)
    while not (b.root / "thing").exists():
        next(download.effects)

    (a.root / "thing").unlink()
    (a.root / "thing").mkdir()
    a.sync()
    _drain(b, b.engine.step([Pushed()]))
    b.live("thing", seconds=5.0)
    _drain(b, [download])
    world.settle()

    assert a.tree() == b.tree() == {
        "also kept.txt": "also kept.txt",
        "kept.txt": "kept.txt",
        "thing": None,
    }  # fmt: skip


def test_a_deep_hint_at_a_file_is_no_problem(world: World) -> None:
    a = world.device("a")
    a.write("note.txt", "one")
    a.sync()

    a.live("note.txt")

    assert a.journal.problems.all() == []


@pytest.mark.promise(23, 25)
def test_what_cannot_be_looked_at_is_looked_at_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = world.device("a")
    a.sync()

    def refused(path: str) -> Seen | None:
        raise NotPermitted(path, f"{path} is not accessible")

    a.write("note.txt", "one")
    monkeypatch.setattr(a.disk, "look", refused)
    a.live("note.txt")
    assert [record.problem.path for record in a.journal.problems.all()] == [""]
    monkeypatch.undo()
    a.live(seconds=70.0)

    assert world.live_paths() == {"note.txt"}
    assert a.journal.problems.all() == []


def test_a_call_under_way_is_no_reason_to_wake(world: World) -> None:
    a = world.device("a")
    connecting = a.engine.step([Woken()])

    assert [job.nodes for job in connecting] == [frozenset()]
    assert a.engine.next_wake() > a.clock.seconds + 1.0


def test_a_paused_engine_sleeps_until_the_pause_is_over(world: World) -> None:
    a = world.device("a")
    a.sync()
    with a.journal.transaction():
        until_ms = a.clock.now_ms() + 3_000_000
        write_pause(a.journal.settings, until_ms=until_ms)
    a.engine.step([PauseChanged()])

    a.clock.seconds += 100.0
    a.engine.step([Woken()])

    assert a.engine.next_wake() > a.clock.seconds + 1.0


def test_a_retry_that_is_due_wakes_nobody_while_the_server_is_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = world.device("a")
    a.sync()
    a.write("note.txt", "one")

    def refused(*_: object) -> None:
        raise NotPermitted("note.txt", "note.txt is not accessible")

    monkeypatch.setattr(a.disk, "open_for_reading", refused)
    a.live("note.txt")
    assert a.journal.problems.all() != []

    def away() -> None:
        raise Unreachable("no network")

    monkeypatch.setattr(a.remote, "status", away)
    monkeypatch.setattr(a.remote, "changes", lambda *_, **__: away())
    jobs = a.engine.step([SyncAsked()])
    feed = next(job for job in jobs if not job.nodes)
    a.engine.step(list(run_job(feed)))
    a.clock.seconds += 400.0
    connecting = a.engine.step([Woken()])

    assert a.engine.next_wake() > a.clock.seconds
    assert isinstance(next(iter(run_job(connecting[0]))), Finished)


def test_a_node_revived_while_it_is_being_trashed_here_comes_back(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    for number in range(4):
        a.write(f"other {number}.txt", "stays")
    a.write("note.txt", "first")
    world.settle()
    (a.root / "note.txt").unlink()
    a.sync()

    jobs = b.engine.step([SyncAsked()])
    while not any(job.nodes for job in jobs):
        events = [event for job in jobs for event in run_job(job)]
        if not events:
            b.clock.seconds = max(b.clock.seconds, b.engine.next_wake()) + 0.001
        jobs = b.engine.step(events or [Woken()])
    trashed = [event for job in jobs for event in run_job(job)]
    remote_id = next(iter(a.remote.trash())).id
    a.remote.restore(remote_id, version=1, base_version=2, key="revived-now")
    b.live_step(Pushed())
    b.live_step(*trashed)
    world.settle()

    assert a.tree() == b.tree()
    assert b.tree()["note.txt"] == "first"


def test_the_late_answer_of_a_creation_does_not_take_back_what_is_agreed_since(
    world: World,
) -> None:
    a = world.device("a")
    a.sync()
    a.write("note.txt", "one")
    late = list(run_job(_only_job(a)))
    a.live_step(Pushed())
    a.write("note.txt", "second, and longer")
    a.live("note.txt")

    a.live_step(*late)

    trees = a.journal.trees
    node = trees.child(Side.LOCAL, ROOT, "note.txt")
    base = trees.base(node) if node is not None else None
    assert base is not None
    assert (base.version, base.content and base.content.size) == (2, len("second, and longer"))


def test_what_may_not_outlast_a_power_failure_is_not_agreed_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = world.device("a"), world.device("b")
    b.sync()
    a.write("folder/note.txt", "one")
    a.sync()

    def fails(_: object) -> None:
        raise InputOutput("folder", "the folder cannot be flushed")

    monkeypatch.setattr(b.disk, "sync_folders", fails)
    b.sync()
    b.sync()
    assert b.journal.trees.based() == []
    monkeypatch.undo()
    b.sync()

    assert b.tree() == a.tree()
    assert len(b.journal.trees.based()) == 2
    assert b.journal.problems.all() == []


def test_a_retry_that_is_due_looks_for_the_folder_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = world.device("a"), world.device("b")
    b.sync()
    a.write("note.txt", "one")
    a.sync()

    def refused(*_: object, **__: object) -> Seen:
        raise NotPermitted("note.txt", "note.txt is not accessible")

    monkeypatch.setattr(b.disk, "place", refused)
    b.sync()
    assert b.journal.problems.any()
    b.root.rename(b.root.with_name("elsewhere"))
    b.clock.seconds += 10.0

    jobs = b.engine.step([Woken()])

    assert [job for job in jobs if job.nodes] == []
    assert b.engine.root is RootState.MISSING


def test_a_retry_that_is_due_waits_for_what_is_being_looked_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = world.device("a")
    for name in ("locked.txt", "moved.txt"):
        a.write(name, name)
    a.sync()

    def refused(*_: object) -> None:
        raise NotPermitted("locked.txt", "locked.txt is not accessible")

    monkeypatch.setattr(a.disk, "open_for_reading", refused)
    a.write("locked.txt", "changed")
    a.live("locked.txt", seconds=0.5)
    assert a.journal.problems.any()
    (a.root / "moved.txt").rename(a.root / "moved away.txt")
    a.clock.seconds += 2.0
    a.engine.step([Hinted("moved.txt", sign=Sign.FINISHED)])
    a.engine.step([Hinted("moved away.txt")])
    a.clock.seconds += 0.15
    a.engine.step([Woken()])

    assert a.engine.observer.missing_something
    assert a.engine.next_wake() > a.clock.seconds


def test_one_sync_cleans_up_after_a_run_that_was_killed(world: World) -> None:
    a = world.device("a")
    a.sync()
    staged = a.disk.stage("left over", resume=False)
    staged.write(b"half")
    staged.close()

    a.restart()
    a.sync()

    assert list(a.disk.staged_names()) == []
    assert world.server.space.acks["a"] == (world.server.cursor, ())


def test_what_waits_for_a_folder_that_cannot_be_made_is_planned_again() -> None:
    queue = Queue()
    folder, inside, deepest = NodeKey(5), NodeKey(6), NodeKey(7)
    for node in (folder, inside, deepest):
        queue.busy.add(node)
    within = CreateRemoteFolder(inside, Place(folder, "inside"))
    queue.wait_for(folder, within)
    queue.wait_for(inside, CreateRemoteFolder(deepest, Place(inside, "deepest")))

    queue.finish(queue.start(iter(()), [folder]).id)  # type: ignore[arg-type] # never run
    while (operation := queue.take()) is not None:
        assert isinstance(operation, CreateRemoteFolder)
        queue.wait_for(operation.place.parent, operation)

    assert queue.busy == set()
    assert queue.idle
    assert queue.let_some_go


def test_an_edit_is_sent_though_an_older_journal_knows_nothing_of_the_creation(
    world: World,
) -> None:
    a = world.device("a")
    a.sync()
    older = Journal(":memory:", image=a.journal.image())
    a.write("note.txt", "one")
    a.sync()
    a.journal.close()

    a.journal = older
    a.write("note.txt", "edited")
    a.restart()
    a.sync()

    assert a.tree() == {"note.txt": "edited"}
    assert [file.version for file in world.server.changes(None, 10).files] == [2]
