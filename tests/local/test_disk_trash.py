"""Trash and staging: what is kept, in which order, and for how long."""

import os
from pathlib import Path

import pytest

from dreamsync.core.nodes import Kind
from dreamsync.local.disk import FolderDisk
from dreamsync.local.protocol import Changed, NameRefused, NameTaken, Vanished

from .conftest import SteppingClock, fingerprint, put

pytestmark = pytest.mark.usefixtures("way")


def throw_away(disk: FolderDisk, path: str) -> str:
    return disk.trash_file(path, expect=put(disk, path, b"x"), reason="r").id


def test_items_are_listed_newest_first_and_purged_by_age(
    disk: FolderDisk, folder: Path, clock: SteppingClock
) -> None:
    first, second = throw_away(disk, "a"), throw_away(disk, "b")
    clock.now_ms += 1000
    third = throw_away(disk, "c")
    assert [item.id for item in disk.trash()] == [third, second, first]
    assert disk.purge_trash(older_than_ms=clock.now_ms) == 2
    assert [(item.path, item.deleted_at_ms) for item in disk.trash()] == [("c", clock.now_ms)]


def test_restoring_never_replaces(disk: FolderDisk, folder: Path) -> None:
    item = throw_away(disk, "a")
    put(disk, "a", b"newer")
    with pytest.raises(NameTaken):
        disk.restore_from_trash(item, "a")
    assert (folder / "a").read_bytes() == b"newer"
    assert [kept.id for kept in disk.trash()] == [item]
    with pytest.raises(Vanished):
        disk.restore_from_trash("no-such-item", "b")
    with pytest.raises(Vanished):
        disk.restore_from_trash("../staging", "b")


def test_an_empty_folder_is_just_removed(disk: FolderDisk, folder: Path) -> None:
    made = disk.make_folder("sub").fingerprint
    assert disk.trash_folder("sub", expect=made, may_hold=lambda _: False, reason="r") is None
    assert not (folder / "sub").exists()
    assert list(disk.trash()) == []


def test_a_folder_of_ignored_files_goes_whole(disk: FolderDisk, folder: Path) -> None:
    made = disk.make_folder("sub").fingerprint
    put(disk, "sub/a.part", b"123")
    disk.make_folder("sub/b.part")
    put(disk, "sub/b.part/c.part", b"45")
    item = disk.trash_folder(
        "sub", expect=made, may_hold=lambda path: path.endswith(".part"), reason="r"
    )
    assert item is not None
    assert (item.kind, item.size, (folder / "sub").exists()) == (Kind.FOLDER, 5, False)
    disk.restore_from_trash(item.id, "again")
    assert (folder / "again/b.part/c.part").read_bytes() == b"45"


def test_a_folder_with_anything_else_stays(disk: FolderDisk, folder: Path) -> None:
    made = disk.make_folder("sub").fingerprint
    put(disk, "sub/a.part", b"")
    put(disk, "sub/thesis.txt", b"")
    with pytest.raises(Changed):
        disk.trash_folder(
            "sub", expect=made, may_hold=lambda path: path.endswith(".part"), reason="r"
        )
    assert sorted(os.listdir(folder / "sub")) == ["a.part", "thesis.txt"]


def test_facts_cut_off_by_a_crash_do_not_hide_the_item(disk: FolderDisk, folder: Path) -> None:
    item = throw_away(disk, "a")
    (folder / ".dreamsync/trash" / item / "item.json").write_bytes(b"")
    assert [(kept.id, kept.size) for kept in disk.trash()] == [(item, 1)]


@pytest.mark.promise(9)
def test_a_staged_file_is_resumed_where_it_stopped(disk: FolderDisk) -> None:
    staged = disk.stage("part", resume=True)
    staged.write(b"hello ")
    staged.close()
    again = disk.stage("part", resume=True)
    assert again.size == 6
    again.write(b"world")
    again.write_at(0, b"J")
    assert again.read_at(0, 100) == b"Jello world"
    again.close()
    fresh = disk.stage("part", resume=False)
    assert fresh.size == 0
    fresh.close()
    assert disk.staged_names() == ["part"]
    disk.discard_staged("part")
    disk.discard_staged("part")
    assert disk.staged_names() == []


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../root.json"])
def test_staged_names_are_plain(disk: FolderDisk, name: str) -> None:
    with pytest.raises(NameRefused):
        disk.stage(name, resume=False)


@pytest.mark.security(2)
def test_a_purged_link_in_a_trashed_folder_is_not_followed(
    disk: FolderDisk, folder: Path, tmp_path: Path, clock: SteppingClock
) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/keep").write_bytes(b"x")
    made = disk.make_folder("sub").fingerprint
    (folder / "sub/link").symlink_to(tmp_path / "outside")
    disk.trash_folder("sub", expect=made, may_hold=lambda _: True, reason="r")
    assert disk.purge_trash(older_than_ms=clock.now_ms + 1) == 1
    assert (tmp_path / "outside/keep").exists()


@pytest.mark.promise(1)
def test_what_went_is_looked_at_once_more(
    disk: FolderDisk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dreamsync.local import placing

    old = put(disk, "note.txt", b"old")
    check = placing.check_expected

    def check_then_edit(*arguments: object) -> os.stat_result:
        status = check(*arguments)  # type: ignore[arg-type]
        (folder / "note.txt").write_bytes(b"edited")
        return status

    monkeypatch.setattr(placing, "check_expected", check_then_edit)
    with pytest.raises(Changed):
        disk.trash_file("note.txt", expect=old, reason="r")
    assert (folder / "note.txt").read_bytes() == b"edited"
    assert fingerprint(disk, "note.txt").size == 6
