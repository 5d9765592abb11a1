"""Single rules of the engine, each with the smallest story that fails without it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

from dreamsync.core.status import State
from dreamsync.engine.events import SyncAsked, Woken
from dreamsync.engine.status import engine_status
from dreamsync.local.protocol import Seen, StagedFile
from dreamsync.remotes.delegating import DelegatingRemote
from dreamsync.remotes.errors import Refused
from dreamsync.remotes.protocol import Capabilities, Fetch, Page, Remote
from tests.support.devices import Device, World, run_job


class _Spoiling(DelegatingRemote):
    """Contents come as `spoil` makes them; `pages` limits how many files a page has."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self.spoil: Callable[[bytes], bytes] | None = None
        self.most: int | None = None
        self.downloads = 0
        self.keeps_versions = True

    @property
    def inner(self) -> Remote:
        return self._remote

    @property
    def capabilities(self) -> Capabilities:
        offered = super().capabilities
        return replace(offered, versions=offered.versions and self.keeps_versions)

    def download_batch(self, items: Sequence[Fetch]) -> Sequence[bytes | Refused]:
        self.downloads += 1
        bodies = super().download_batch(items)
        if self.spoil is None:
            return bodies
        return [self.spoil(body) if isinstance(body, bytes) else body for body in bodies]

    def download(self, fetch: Fetch, *, offset: int = 0, end: int | None = None) -> Iterator[bytes]:
        self.downloads += 1
        body = b"".join(super().download(fetch, offset=offset, end=end))
        yield body if self.spoil is None else self.spoil(body)

    def changes(self, since: str | None, *, limit: int = 1000) -> Page:
        return super().changes(since, limit=min(limit, self.most or limit))


def _spoiling(device: Device) -> _Spoiling:
    remote = _Spoiling(device.remote.wrapped)
    device.remote.wrapped = remote
    return remote


@pytest.mark.promise(10)
def test_bytes_are_flushed_before_their_name_and_the_name_before_base(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("note.txt", "one")
    a.sync()
    happened: list[str] = []
    stage, place, sync_folders = b.disk.stage, b.disk.place, b.disk.sync_folders

    def staged(name: str, *, resume: bool) -> StagedFile:
        file = stage(name, resume=resume)
        flush = file.flush_to_disk

        def flushed() -> None:
            flush()
            happened.append("bytes flushed")

        monkeypatch.setattr(file, "flush_to_disk", flushed)
        return file

    def placed(*args: object, **named: object) -> Seen:
        happened.append("placed")
        return place(*args, **named)  # type: ignore[arg-type]

    def synced(paths: Sequence[str]) -> None:
        sync_folders(paths)
        happened.extend("name flushed" for path in paths if path == "")

    def based(*_: object) -> None:
        happened.append("base")
        raise RuntimeError("seen enough")

    monkeypatch.setattr(b.disk, "stage", staged)
    monkeypatch.setattr(b.disk, "place", placed)
    monkeypatch.setattr(b.disk, "sync_folders", synced)
    monkeypatch.setattr(b.journal.trees, "put_base", based)

    with pytest.raises(RuntimeError, match="seen enough"):
        b.sync()

    assert happened[:4] == ["bytes flushed", "placed", "name flushed", "base"]


@pytest.mark.promise(9, 14)
def test_a_page_is_durable_with_its_cursor_or_not_at_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("one.txt", "1")
    world.settle()
    a.write("two.txt", "2")
    a.write("folder/three.txt", "3")
    a.sync()
    identify = b.journal.trees.identify

    def broken(*_: object) -> None:
        raise RuntimeError("the process dies here")

    monkeypatch.setattr(b.journal.trees, "identify", broken)
    with pytest.raises(RuntimeError, match="dies"):
        b.sync()
    monkeypatch.setattr(b.journal.trees, "identify", identify)
    b.restart()

    world.settle()

    assert b.tree() == a.tree()
    assert set(b.tree()) == {"one.txt", "two.txt", "folder", "folder/three.txt"}


@pytest.mark.promise(14)
def test_absence_counts_only_after_the_last_page_of_a_listing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = world.device("a"), world.device("b")
    for number in range(12):
        a.write(f"{number}.txt", str(number))
    world.settle()
    (a.root / "0.txt").unlink()
    a.sync()
    world.server.purge_tombstones()
    _spoiling(b).most = 3
    forgotten: list[object] = []
    drop = b.journal.trees.drop_remote

    def noted(node: object, tombstone: object) -> None:
        forgotten.append(node)
        drop(node, tombstone)  # type: ignore[arg-type]

    monkeypatch.setattr(b.journal.trees, "drop_remote", noted)

    b.sync()

    assert len(forgotten) == 1
    assert b.tree() == a.tree()


@pytest.mark.promise(18)
@pytest.mark.parametrize(
    "spoil",
    [lambda body: body[:-1] + b"?", lambda body: body[:-1], lambda body: body + b"?"],
    ids=["other bytes", "too few", "too many"],
)
def test_bytes_that_are_not_those_announced_never_land(
    world: World, spoil: Callable[[bytes], bytes]
) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("note.txt", "one")
    a.sync()
    remote = _spoiling(b)
    remote.spoil = spoil

    b.live("", seconds=30.0)
    assert b.tree() == {}
    assert remote.downloads >= 2

    remote.spoil = None
    world.settle()
    assert b.tree() == {"note.txt": "one"}


@pytest.mark.promise(22, 25)
def test_what_fails_is_tried_ever_less_often_and_keeps_nothing_else_waiting(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("bad.txt", "bad")
    a.sync()
    remote = _spoiling(b)
    remote.spoil = lambda body: body.replace(b"bad", b"???")
    b.live("", seconds=5.0)
    a.write("good.txt", "good")
    a.sync()
    b.live("", seconds=60.0)
    assert b.tree() == {"good.txt": "good"}

    remote.downloads = 0
    b.live(seconds=1800.0)

    assert 3 <= remote.downloads <= 12
    assert [one.path for one in engine_status(b.context, b.engine).problems] == ["bad.txt"]
    remote.spoil = None
    b.live(seconds=600.0)
    assert b.tree() == a.tree()


@pytest.mark.promise(23)
def test_it_is_idle_only_when_nothing_is_left_to_do(world: World) -> None:
    a = world.device("a")
    a.sync()
    assert engine_status(a.context, a.engine).state is State.IDLE
    a.write("note.txt", "one")

    states = []
    events: list[object] = [SyncAsked()]
    for _ in range(50):
        jobs = a.engine.step(events)  # type: ignore[arg-type]
        states.append((world.live_paths(), engine_status(a.context, a.engine).state))
        events = [event for job in jobs for event in run_job(job)] or [Woken()]
        a.clock.seconds += 0.5

    assert {state for paths, state in states if not paths} == {State.SYNCING}
    assert states[-1] == ({"note.txt"}, State.IDLE)


@pytest.mark.promise(23)
def test_a_problem_and_a_question_ask_for_attention(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    for number in range(40):
        a.write(f"{number}.txt", str(number))
    world.settle()
    for number in range(1, 40):
        (a.root / f"{number}.txt").unlink()
    a.sync()
    assert engine_status(a.context, a.engine).state is State.ATTENTION

    _spoiling(b).spoil = lambda body: body[:-1]
    a.write("0.txt", "other")
    a.sync()
    b.live("", seconds=60.0)

    status = engine_status(b.context, b.engine)
    assert status.state is State.ATTENTION
    assert [one.path for one in status.problems] == ["0.txt"]


@pytest.mark.promise(12)
def test_an_answer_is_to_the_question_that_was_asked(world: World) -> None:
    a = world.device("a")
    for number in range(100):
        a.write(f"{number % 2}/{number}.txt", str(number))
    a.sync()
    for half in (0, 1):
        for number in range(half, 80, 2):
            (a.root / f"{half}/{number}.txt").unlink()
        a.sync()
    first, second = a.journal.holds.all()

    with a.journal.transaction():
        a.engine.deletions.answer([first.id], reject=False)
    a.sync()

    assert [hold.id for hold in a.journal.holds.all()] == [second.id]
    assert len([path for path in world.live_paths() if path.endswith(".txt")]) == 60


@pytest.mark.promise(9)
def test_what_a_broken_off_run_left_in_staging_is_cleaned_up_at_rest(world: World) -> None:
    a = world.device("a")
    a.sync()
    a.disk.stage("left-over", resume=False).close()
    a.restart()

    a.sync()
    a.live(seconds=1.0)

    assert list(a.disk.staged_names()) == []


@pytest.mark.promise(1)
def test_ignoring_what_is_synced_deletes_it_nowhere(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("build/one.o", "1")
    a.write("keep.txt", "2")
    world.settle()

    a.write(".dreamsyncignore", "build/\n*.o\n")
    world.settle()

    assert {"build/one.o", "keep.txt"} <= set(a.tree()) & set(b.tree()) & world.live_paths()


@pytest.mark.promise(1)
def test_what_a_server_does_not_keep_goes_to_the_trash_when_it_is_replaced(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("note.txt", "one")
    world.settle()
    _spoiling(b).keeps_versions = False

    a.write("note.txt", "two, longer")
    world.settle()

    assert b.tree() == {"note.txt": "two, longer"}
    assert [item.path for item in b.disk.trash()] == ["note.txt"]


@pytest.mark.promise(14)
def test_a_deletion_told_late_does_not_undo_what_came_after_it(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("note.txt", "one")
    world.settle()
    (file,) = a.remote.changes(None).files
    (a.root / "note.txt").unlink()
    a.sync()
    tombstone = world.server.node(file.id)
    assert tombstone.deleted
    b.write("note.txt", "two")
    world.settle()
    assert not world.server.node(file.id).deleted

    with b.journal.transaction():
        b.engine._feed.take(tombstone)
    b.sync()

    assert b.tree() == {"note.txt": "two"}
