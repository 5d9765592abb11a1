"""The root: known by its marker, and nothing is done where that is not there."""

import shutil
from pathlib import Path

import pytest

from dreamsync.local.disk import FolderDisk
from dreamsync.local.protocol import NameTaken, RootGone, RootState

from .conftest import MARKER, MakeDisk, put


def test_establishing_makes_folder_and_marker_for_the_user_only(
    tmp_path: Path, make_disk: MakeDisk
) -> None:
    disk = make_disk(tmp_path / "new/synced")
    assert disk.root_state() is RootState.MISSING
    disk.establish_root()
    assert (disk.root_state(), disk.root_id) == (RootState.PRESENT, MARKER.id)
    home = tmp_path / "new/synced/.dreamsync"
    assert {path.stat().st_mode & 0o777 for path in (home, home / "trash", home / "staging")} == {
        0o700
    }
    assert disk.list_folder("").items == []


def test_an_existing_folder_is_taken_as_it_is(tmp_path: Path, make_disk: MakeDisk) -> None:
    (tmp_path / "note.txt").write_text("x")
    disk = make_disk(tmp_path)
    assert disk.root_state() is RootState.UNMARKED
    disk.establish_root()
    assert [seen.disk_name for seen in disk.list_folder("").items] == ["note.txt"]


def test_the_same_account_takes_up_its_marker_again(
    disk: FolderDisk, folder: Path, make_disk: MakeDisk
) -> None:
    again = make_disk(folder)
    again.establish_root()
    assert again.root_id == disk.root_id


def test_another_accounts_marker_is_never_replaced(disk: FolderDisk, folder: Path) -> None:
    marker = (folder / ".dreamsync/root.json").read_text().replace("account-1", "other")
    (folder / ".dreamsync/root.json").write_text(marker)
    stranger = FolderDisk(str(folder), root_id=None, new_marker=MARKER, clock_ms=lambda: 0)
    with pytest.raises(NameTaken):
        stranger.establish_root()
    assert (folder / ".dreamsync/root.json").read_text() == marker


def test_an_unreadable_marker_is_never_replaced(tmp_path: Path, make_disk: MakeDisk) -> None:
    (tmp_path / ".dreamsync").mkdir()
    (tmp_path / ".dreamsync/root.json").write_text("{")
    disk = make_disk(tmp_path)
    assert disk.root_state() is RootState.UNMARKED
    with pytest.raises(NameTaken):
        disk.establish_root()


def test_an_expected_root_is_not_made_again(
    disk: FolderDisk, folder: Path, make_disk: MakeDisk
) -> None:
    shutil.rmtree(folder)
    known = make_disk(folder, root_id=MARKER.id)
    with pytest.raises(RootGone):
        known.establish_root()
    assert not folder.exists()


def test_a_folder_with_another_marker_is_replaced(folder: Path, make_disk: MakeDisk) -> None:
    other = make_disk(folder, root_id="another")
    assert other.root_state() is RootState.REPLACED
    with pytest.raises(RootGone):
        other.list_folder("")


@pytest.mark.promise(12, 20)
def test_nothing_is_done_in_a_folder_swapped_in(disk: FolderDisk, folder: Path) -> None:
    put(disk, "note.txt", b"x")
    folder.rename(folder.with_name("away"))
    folder.mkdir()
    for act in (
        lambda: disk.list_folder(""),
        lambda: disk.make_folder("a"),
        lambda: disk.look("note.txt"),
        lambda: disk.stage("s", resume=False),
    ):
        with pytest.raises(RootGone):
            act()
    assert disk.root_state() is RootState.UNMARKED
    assert list(folder.iterdir()) == []


@pytest.mark.security(2)
def test_our_own_folder_as_a_link_is_no_marker(
    disk: FolderDisk, folder: Path, tmp_path: Path
) -> None:
    (folder / ".dreamsync").rename(tmp_path / "moved")
    (folder / ".dreamsync").symlink_to(tmp_path / "moved")
    assert disk.root_state() is RootState.UNMARKED
