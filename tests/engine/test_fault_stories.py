"""Stories of faults as one device meets them: what is tried again, and what never happens."""

import errno
import os
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from dreamsync.core.status import Problem, Reason
from dreamsync.engine.events import Pushed
from dreamsync.engine.status import engine_status
from dreamsync.journal.journal import Journal
from dreamsync.local.disk import FolderDisk
from dreamsync.local.protocol import InputOutput
from dreamsync.local.system import Folder
from dreamsync.remotes.memory import MemoryRemote, MemoryServer
from dreamsync.remotes.protocol import Fetch
from tests.support.counting_remote import CountingRemote
from tests.support.devices import Device, FakeClock, World

DECADE_MS = 10 * 365 * 24 * 3600 * 1000


@dataclass
class ClockThatIsOff(FakeClock):
    off_ms: int = 0

    def now_ms(self) -> int:
        return super().now_ms() + self.off_ms


class DamagingRemote(CountingRemote):
    """While `damaging`, of every content one byte is another."""

    asked = 0
    damaging = True

    def download_batch(self, items: Sequence[Fetch]) -> list[bytes]:
        self.asked += 1
        bodies = [body for body in super().download_batch(items) if isinstance(body, bytes)]
        return [bytes([body[0] ^ 1]) + body[1:] if self.damaging else body for body in bodies]


def problems(device: Device) -> list[Problem]:
    return list(engine_status(device.context, device.engine).problems)


@pytest.mark.fault("wrong bytes")
def test_wrong_bytes_never_land_and_are_asked_for_ever_less_often(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("note.txt", "one")
    world.settle()
    b.remote = remote = DamagingRemote(b.remote.wrapped)
    b.restart()
    a.write("note.txt", "another")
    a.sync()

    b.live(seconds=600)

    assert b.tree() == {"note.txt": "one"}
    assert b.disk.staged_names() == []
    assert [problem.reason for problem in problems(b)] == [Reason.CONTENT_MISMATCH]
    assert 5 < remote.asked < 20
    remote.damaging = False
    b.sync()
    assert b.tree() == a.tree()
    assert problems(b) == []


@pytest.mark.fault("duplicate")
def test_pushes_that_come_twice_or_for_nothing_change_nothing(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("note.txt", "one")
    world.settle()
    before, asked = b.journal.changes(), Counter(b.remote.mutations)

    for _ in range(3):
        b.live_step(Pushed(), Pushed())

    assert (b.journal.changes(), b.remote.mutations) == (before, asked)
    assert b.tree() == {"note.txt": "one"}


@pytest.mark.fault("no room there")
def test_what_the_server_has_no_room_for_waits_and_downloads_go_on(tmp_path: Path) -> None:
    world = World(tmp_path, MemoryServer(quota_limit=1000))
    a, b = world.device("a"), world.device("b")
    a.write("large.txt", "x" * 2000)
    a.write("small.txt", "a")
    b.write("theirs.txt", "b")
    b.sync()

    a.sync()

    assert [(one.path, one.reason) for one in problems(a)] == [("large.txt", Reason.QUOTA_EXCEEDED)]
    assert a.tree()["theirs.txt"] == "b"
    b.sync()
    assert b.tree() == {"small.txt": "a", "theirs.txt": "b"}
    (a.root / "large.txt").write_text("shorter")
    world.settle()
    assert problems(a) == []
    assert b.tree()["large.txt"] == "shorter"


@pytest.mark.fault("clock")
@pytest.mark.parametrize("decades", [-1, 1], ids=["behind", "ahead"])
def test_a_clock_ten_years_off_changes_only_what_is_shown(world: World, decades: int) -> None:
    a = world.device("a")
    off = ClockThatIsOff(off_ms=decades * DECADE_MS)
    remote = CountingRemote(MemoryRemote(world.server, "b", hint_wait_s=0.0))
    b = world.devices["b"] = Device("b", world.folder / "b", remote, off)
    a.write("kept.txt", "one")
    a.write("edited.txt", "one")
    a.write("gone.txt", "one")
    world.settle()

    b.write("edited.txt", "two, by b")
    (a.root / "gone.txt").unlink()
    (b.root / "new.txt").write_text("new")
    world.settle()

    assert a.tree() == b.tree() == {"kept.txt": "one", "edited.txt": "two, by b", "new.txt": "new"}


@pytest.fixture
def failing_fsync(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """While it holds a number, that many of the next fsyncs of files fail."""
    left = [0]
    fsync = os.fsync

    def failing(descriptor: int) -> None:
        if left[0] and os.path.isfile(f"/proc/self/fd/{descriptor}"):
            left[0] -= 1
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", failing)
    yield left
    assert left == [0], "no fsync was asked for"


@pytest.mark.fault("disk error")
def test_bytes_that_could_not_be_made_durable_are_fetched_again(
    world: World, failing_fsync: list[int]
) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("note.txt", "one")
    world.settle()
    a.write("note.txt", "another")
    a.sync()
    b.remote = remote = DamagingRemote(b.remote.wrapped)
    remote.damaging = False
    b.restart()
    failing_fsync[0] = 1

    b.sync()

    assert b.tree() == {"note.txt": "one"}
    assert b.disk.staged_names() == []
    assert [problem.reason for problem in problems(b)] == [Reason.INPUT_OUTPUT]
    b.live(seconds=10)
    assert b.tree() == {"note.txt": "another"}
    assert remote.asked == 2


@pytest.mark.fault("disk error")
@pytest.mark.promise(9)
def test_what_is_found_done_is_made_durable_where_that_failed_when_it_was_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a deletion: with the file gone on both sides there is nothing left to do for it."""
    a, b = world.device("a"), world.device("b")
    a.write("folder/note.txt", "one")
    world.settle()
    (a.root / "folder/note.txt").unlink()
    a.sync()
    asked: list[Sequence[str]] = []
    really = FolderDisk.sync_folders

    def failing_at_first(disk: FolderDisk, paths: Sequence[str]) -> None:
        asked.append(paths)
        if len(asked) == 1:
            raise InputOutput("folder", "the disk is broken")
        really(disk, paths)

    monkeypatch.setattr(FolderDisk, "sync_folders", failing_at_first)

    b.live_step(Pushed())
    b.live("folder", seconds=10)

    assert b.tree() == {"folder": None}
    assert asked == [["folder"], ["folder"]]
    assert problems(b) == []


@pytest.mark.fault("journal")
def test_a_journal_older_than_the_folder_deletes_and_doubles_nothing(
    world: World, tmp_path: Path
) -> None:
    """As after the home folder was restored from a backup, and the synced folder was not."""
    a, b = world.device("a"), world.device("b")
    a.write("kept.txt", "one")
    a.write("gone.txt", "one")
    a.write("edited.txt", "one")
    world.settle()
    old = Journal(str(tmp_path / "old journal"))
    with closing(sqlite3.connect(old.path)) as copy:
        b.journal._sql.backup(copy)
    b.write("edited.txt", "two, by b")
    b.write("new.txt", "new")
    (b.root / "kept.txt").rename(b.root / "moved.txt")
    (a.root / "gone.txt").unlink()
    world.settle()
    a.write("last.txt", "last")
    world.settle()
    before = a.tree()

    b.journal = old
    b.restart()
    world.settle()

    assert a.tree() == b.tree() == before
    old.close()


@pytest.mark.fault("touched")
def test_a_file_that_was_only_touched_sends_nothing(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("note.txt", "one")
    world.settle()
    asked = Counter(a.remote.mutations)

    os.utime(a.root / "note.txt", (1, 1))
    a.live("note.txt")
    world.settle()

    assert (a.remote.mutations, a.remote.bytes_up) == (asked, 3)
    assert b.tree() == {"note.txt": "one"}


@pytest.mark.fault("case")
def test_a_change_of_case_is_one_move_of_the_same_file(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("Photos/note.txt", "one")
    world.settle()
    asked = Counter(a.remote.mutations)

    (a.root / "Photos").rename(a.root / "photos")
    world.settle()
    (a.root / "photos/note.txt").rename(a.root / "photos/NOTE.txt")
    world.settle()

    assert b.tree() == {"photos": None, "photos/NOTE.txt": "one"}
    assert a.remote.mutations - asked == Counter(move=2)


@pytest.mark.fault("safe-save")
@pytest.mark.parametrize("backup", [True, False], ids=["with-backup", "over"])
def test_a_save_by_renaming_is_one_edit_of_the_same_file(world: World, backup: bool) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("note.txt", "one")
    world.settle()
    (node,) = world.server.changes(None, 10).files

    a.write("note.txt.new", "another")
    if backup:
        (a.root / "note.txt").rename(a.root / "note.txt~")
    (a.root / "note.txt.new").rename(a.root / "note.txt")
    (a.root / "note.txt~").unlink(missing_ok=True)
    a.live("note.txt", "note.txt.new", "note.txt~")
    world.settle()

    assert b.tree() == {"note.txt": "another"}
    (after,) = [file for file in world.server.changes(None, 10).files if not file.deleted]
    assert (after.id, after.version) == (node.id, node.version + 1)


@pytest.mark.fault("changed at the last moment")
def test_an_edit_in_the_last_moment_before_a_download_becomes_a_conflict_copy(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("note.txt", "one")
    world.settle()
    a.write("note.txt", "another")
    a.sync()
    place = FolderDisk.place

    def edited_before(disk: FolderDisk, staged: str, path: str, **options: object) -> object:
        monkeypatch.undo()
        (b.root / path).write_text("edited by b")
        return place(disk, staged, path, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(FolderDisk, "place", edited_before)
    world.settle()

    assert a.tree() == b.tree()
    assert sorted(str(text) for text in a.tree().values()) == ["another", "edited by b"]


class HeldByAnotherProgram(PermissionError):
    """As Windows says it."""

    winerror = 32


@pytest.mark.fault("locked")
def test_a_file_that_another_program_holds_is_replaced_once_it_lets_go(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("note.txt", "one")
    world.settle()
    a.write("note.txt", "another")
    a.write("beside.txt", "two")
    a.sync()

    def held(*names: object) -> None:
        raise HeldByAnotherProgram(errno.EACCES, "held")

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "exchange", held)
        b.live(seconds=60)
        assert b.tree() == {"note.txt": "one", "beside.txt": "two"}
        assert [one.reason for one in problems(b)] == [Reason.NOT_PERMITTED]
        assert "held by another program" in problems(b)[0].message

    b.live(seconds=300)
    assert b.tree() == a.tree()
    assert problems(b) == []
