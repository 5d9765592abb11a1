"""Placing: new files never replace, replacements displace exactly what was expected."""

import ctypes
import errno
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from dreamsync.core.nodes import Kind
from dreamsync.local import folders, placing, system_calls
from dreamsync.local.disk import FolderDisk
from dreamsync.local.protocol import Changed, InputOutput, NameTaken, Seen, Vanished
from dreamsync.local.root import Root
from dreamsync.local.system import Folder

from .conftest import fingerprint, put, umask

pytestmark = pytest.mark.usefixtures("way")


def test_a_new_file_lands_with_its_bytes_and_time(disk: FolderDisk, folder: Path) -> None:
    put(disk, "note.txt", b"hello", mtime_ns=1_600_000_000_123_456_789)
    assert (folder / "note.txt").read_bytes() == b"hello"
    assert (folder / "note.txt").stat().st_mtime_ns == 1_600_000_000_123_456_789
    assert disk.staged_names() == []


@pytest.mark.promise(1)
def test_a_new_file_never_replaces_one_that_appeared(disk: FolderDisk, folder: Path) -> None:
    (folder / "note.txt").write_bytes(b"mine")
    with pytest.raises(NameTaken):
        put(disk, "note.txt", b"theirs")
    assert (folder / "note.txt").read_bytes() == b"mine"
    assert disk.staged_names() == ["incoming"]


def test_a_missing_parent_is_said_to_have_vanished(disk: FolderDisk) -> None:
    with pytest.raises(Vanished):
        put(disk, "no/such/note.txt", b"x")


@pytest.mark.promise(1)
def test_a_replacement_keeps_the_displaced_file_in_the_trash(
    disk: FolderDisk, folder: Path
) -> None:
    old = put(disk, "note.txt", b"old")
    put(disk, "note.txt", b"new", expect=old, keep_as="replaced by the server's version")
    assert (folder / "note.txt").read_bytes() == b"new"
    [item] = disk.trash()
    assert (item.path, item.size, item.reason) == (
        "note.txt",
        3,
        "replaced by the server's version",
    )
    disk.restore_from_trash(item.id, "old note.txt")
    assert (folder / "old note.txt").read_bytes() == b"old"
    assert list(disk.trash()) == []


def test_a_replacement_that_keeps_nothing_leaves_nothing(disk: FolderDisk, folder: Path) -> None:
    old = put(disk, "note.txt", b"old")
    put(disk, "note.txt", b"new", expect=old)
    assert (folder / "note.txt").read_bytes() == b"new"
    assert os.listdir(folder / ".dreamsync" / "trash") == []
    assert disk.staged_names() == []


@pytest.mark.promise(1)
@pytest.mark.fault("changed at the last moment")
def test_an_edit_before_the_replacement_stays(disk: FolderDisk, folder: Path) -> None:
    old = put(disk, "note.txt", b"old")
    (folder / "note.txt").write_bytes(b"edited")
    with pytest.raises(Changed):
        put(disk, "note.txt", b"new", expect=old, keep_as="x")
    assert (folder / "note.txt").read_bytes() == b"edited"
    assert disk.staged_names() == ["incoming"]


@pytest.mark.promise(1)
def test_an_edit_that_puts_size_and_mtime_back_is_an_edit(disk: FolderDisk, folder: Path) -> None:
    old = put(disk, "note.txt", b"old")
    (folder / "note.txt").write_bytes(b"odd")
    os.utime(folder / "note.txt", ns=(old.mtime_ns, old.mtime_ns))
    with pytest.raises(Changed):
        put(disk, "note.txt", b"new", expect=old, keep_as="x")
    with pytest.raises(Changed):
        disk.trash_file("note.txt", expect=old, reason="r")
    assert (folder / "note.txt").read_bytes() == b"odd"


@pytest.mark.promise(1)
def test_what_was_moved_is_looked_at_once_more(
    disk: FolderDisk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = put(disk, "note.txt", b"old")
    check = folders.check_same

    def check_then_edit(*arguments: object) -> None:
        check(*arguments)  # type: ignore[arg-type]
        (folder / "other").write_bytes(b"edited")
        (folder / "other").rename(folder / "note.txt")

    monkeypatch.setattr(folders, "check_same", check_then_edit)
    with pytest.raises(Changed):
        disk.move("note.txt", "moved.txt", expect=old)
    assert (folder / "note.txt").read_bytes() == b"edited"
    assert not (folder / "moved.txt").exists()


@pytest.mark.promise(1, 8)
@pytest.mark.fault("changed at the last moment")
def test_an_edit_at_the_last_moment_is_put_back(
    disk: FolderDisk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = put(disk, "note.txt", b"old")
    check = placing.check_expected

    def check_then_edit(*arguments: object) -> os.stat_result:
        status = check(*arguments)  # type: ignore[arg-type]
        (folder / "other").write_bytes(b"edited")
        (folder / "other").rename(folder / "note.txt")
        return status

    monkeypatch.setattr(placing, "check_expected", check_then_edit)
    with pytest.raises(Changed):
        put(disk, "note.txt", b"new", expect=old, keep_as="x")
    assert (folder / "note.txt").read_bytes() == b"edited"
    assert disk.staged_names() == ["incoming"]
    assert list(disk.trash()) == []


def test_a_file_that_vanished_is_not_replaced(disk: FolderDisk, folder: Path) -> None:
    old = put(disk, "note.txt", b"old")
    (folder / "note.txt").unlink()
    with pytest.raises(Changed):
        put(disk, "note.txt", b"new", expect=old)
    assert not (folder / "note.txt").exists()


def test_moving_never_replaces(disk: FolderDisk, folder: Path) -> None:
    first, _ = put(disk, "a.txt", b"a"), put(disk, "b.txt", b"b")
    with pytest.raises(NameTaken):
        disk.move("a.txt", "b.txt", expect=first)
    disk.make_folder("sub")
    moved = disk.move("a.txt", "sub/c.txt", expect=first)
    assert (moved.disk_name, (folder / "sub/c.txt").read_bytes()) == ("c.txt", b"a")
    assert (folder / "b.txt").read_bytes() == b"b"


def test_a_folder_moves_whole_whatever_its_times(disk: FolderDisk, folder: Path) -> None:
    made = disk.make_folder("old")
    put(disk, "old/note.txt", b"x")
    disk.move("old", "new", expect=made.fingerprint)
    assert (folder / "new/note.txt").read_bytes() == b"x"


def test_a_folder_is_not_moved_for_a_file_whose_inode_it_has(
    disk: FolderDisk, folder: Path
) -> None:
    made = disk.make_folder("note.txt")
    with pytest.raises(Changed):
        disk.move("note.txt", "moved.txt", expect=made.fingerprint, kind=Kind.FILE)
    assert (folder / "note.txt").is_dir()


def test_what_was_to_move_and_is_not_there_has_vanished(disk: FolderDisk) -> None:
    with pytest.raises(Vanished):
        disk.move("gone", "there", expect=None)


def test_a_trashed_file_is_the_expected_one_or_stays(disk: FolderDisk, folder: Path) -> None:
    old = put(disk, "note.txt", b"old")
    (folder / "note.txt").write_bytes(b"edited")
    with pytest.raises(Changed):
        disk.trash_file("note.txt", expect=old, reason="deleted elsewhere")
    item = disk.trash_file(
        "note.txt", expect=fingerprint(disk, "note.txt"), reason="deleted elsewhere"
    )
    assert not (folder / "note.txt").exists()
    assert list(disk.trash()) == [item]


@pytest.mark.security(7)
def test_new_modes_follow_the_umask_and_replacements_keep_their_own(
    disk: FolderDisk, folder: Path, way: str
) -> None:
    if way == "as_on_windows":
        pytest.skip("modes are Windows' own there")
    plain = put(disk, "plain", b"")
    put(disk, "tool", b"", executable=True)
    assert (folder / "plain").stat().st_mode & 0o777 == 0o666 & ~umask()
    assert (folder / "tool").stat().st_mode & 0o777 == 0o777 & ~umask()
    (folder / "plain").chmod(0o4640)
    plain = fingerprint(disk, "plain")
    plain = put(disk, "plain", b"2", expect=plain)
    assert (folder / "plain").stat().st_mode & 0o7777 == 0o640
    put(disk, "plain", b"3", expect=plain, executable=True)
    assert (folder / "plain").stat().st_mode & 0o777 == 0o750
    disk.set_executable("plain", executable=False, expect=fingerprint(disk, "plain"))
    assert (folder / "plain").stat().st_mode & 0o777 == 0o640


@pytest.mark.promise(10)
def test_folders_are_synced_and_missing_ones_need_none(disk: FolderDisk) -> None:
    disk.make_folder("sub")
    disk.trash_file("x", expect=put(disk, "x", b"1"), reason="r")
    disk.sync_folders(["", "sub", "gone", "sub"])


@pytest.mark.promise(10)
@pytest.mark.skipif(sys.platform != "linux", reason="other systems sync all disks, or none")
def test_everything_on_the_folders_file_system_is_synced_in_one_call(
    disk: FolderDisk, folder: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    if way == "as_on_windows":
        pytest.skip("Windows has no such call for ordinary users")
    devices: list[int] = []

    def syncfs(descriptor: int) -> int:
        devices.append(os.fstat(descriptor).st_dev)
        ctypes.set_errno(errno.EIO)
        return 0 if len(devices) == 1 else -1

    disk.sync_everything()
    monkeypatch.setattr(system_calls, "_syncfs", syncfs)
    disk.sync_everything()
    with pytest.raises(InputOutput):
        disk.sync_everything()

    assert set(devices) == {folder.stat().st_dev}


@pytest.mark.promise(8, 9)
def test_a_cut_off_replacement_is_found_in_the_trash(
    disk: FolderDisk, folder: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    if way in ("by_flags", "stepwise"):
        pytest.skip("one atomic step")
    old = put(disk, "note.txt", b"old")

    class Killed(BaseException):
        pass

    with disk._root.open() as root:
        kind = type(root)
    method = "rename_new" if way == "by_plain_renames" else "rename_over"
    rename = getattr(kind, method)

    def die_at_the_target(source: Folder, name: str, target: Folder, new: str) -> None:
        if new == "note.txt":
            raise Killed
        rename(source, name, target, new)

    monkeypatch.setattr(kind, method, die_at_the_target)
    with pytest.raises(Killed):
        put(disk, "note.txt", b"new", expect=old)
    monkeypatch.undo()
    [item] = disk.trash()
    disk.restore_from_trash(item.id, "found.txt")
    assert (folder / "found.txt").read_bytes() == b"old"


@pytest.mark.parametrize("old", [None, b"old"])
def test_an_edit_right_after_a_file_has_landed_is_not_taken_for_what_landed(
    disk: FolderDisk, folder: Path, monkeypatch: pytest.MonkeyPatch, old: bytes | None
) -> None:
    expect = None if old is None else put(disk, "note.txt", old)
    look = FolderDisk._look_after

    def edit_and_look(*arguments: Any) -> Seen:
        (folder / "note.txt").write_bytes(b"edited at once")
        return look(*arguments)

    monkeypatch.setattr(FolderDisk, "_look_after", edit_and_look)
    landed = put(disk, "note.txt", b"landed", expect=expect, mtime_ns=1_600_000_000_000_000_000)
    monkeypatch.undo()

    assert (folder / "note.txt").read_bytes() == b"edited at once"
    assert landed.size == len(b"landed")
    assert fingerprint(disk, "note.txt") != landed


def test_a_file_that_comes_in_looks_at_the_root_once_to_be_staged_and_once_to_be_placed(
    disk: FolderDisk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look is several system calls of each of many small files."""
    (folder / "inner").mkdir()
    put(disk, "inner/first.txt", b"hello")
    looks: list[Root] = []
    look = Root.open

    def counted(root: Root) -> Folder:
        looks.append(root)
        return look(root)

    monkeypatch.setattr(Root, "open", counted)

    put(disk, "inner/second.txt", b"hello")

    assert len(looks) == 2


def test_staging_anew_begins_with_an_empty_file(disk: FolderDisk) -> None:
    for content in (b"a longer one", b"short"):
        staged = disk.stage("incoming", resume=False)
        staged.write(content)
        assert staged.read_at(0, 100) == content
        staged.write(b"!")
        assert (staged.read_at(1, 100), staged.size) == (content[1:] + b"!", len(content) + 1)
        staged.close()
