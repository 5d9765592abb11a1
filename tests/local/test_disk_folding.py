"""A disk that folds names: found out by trying, and only the spelling of a name may change.

No file system of this machine's kernel folds, so the open folder is one that answers as APFS or
NTFS would: a name finds the item whose name folds to the same.
"""

import os
import unicodedata
from pathlib import Path

import pytest

from dreamsync.local import posix
from dreamsync.local.disk import FolderDisk
from dreamsync.local.protocol import NameTaken

from .conftest import MakeDisk, put, use_folder_class

COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"


def fold(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


class FoldingFolder(posix.Folder):
    """A real folder, in which a name stands for the item whose name folds to the same."""

    def found(self, name: str) -> str:
        return next(
            (item for item in os.listdir(self.descriptor) if fold(item) == fold(name)), name
        )

    def child(self, path: str) -> "FoldingFolder":
        return FoldingFolder(super().child(path).descriptor)

    def lstat(self, name: str) -> os.stat_result | None:
        return super().lstat(self.found(name))

    def create(self, name: str, mode: int = 0o600) -> int:
        return super().create(self.found(name), mode)

    def rename_new(self, name: str, target: posix.Folder, target_name: str) -> None:
        assert isinstance(target, FoldingFolder)
        super().rename_new(self.found(name), target, target.found(target_name))

    def rename_over(self, name: str, target: posix.Folder, target_name: str) -> None:
        super().rename_over(self.found(name), target, target_name)


@pytest.fixture
def folding(tmp_path: Path, make_disk: MakeDisk, monkeypatch: pytest.MonkeyPatch) -> FolderDisk:
    use_folder_class(monkeypatch, FoldingFolder)
    disk = make_disk(tmp_path)
    disk.establish_root()
    return disk


def names(disk: FolderDisk) -> set[str]:
    return {seen.disk_name for seen in disk.list_folder("").items}


def test_folding_is_found_out_by_trying(folding: FolderDisk, tmp_path: Path) -> None:
    assert folding.traits.folds_case
    assert folding.traits.folds_normalization
    assert sorted(os.listdir(tmp_path / ".dreamsync")) == ["root.json", "staging", "trash"]


@pytest.mark.fault("case")
@pytest.mark.parametrize(
    ("before", "after"), [("note.txt", "Note.txt"), (DECOMPOSED, COMPOSED), (COMPOSED, DECOMPOSED)]
)
def test_a_name_can_be_respelled(folding: FolderDisk, before: str, after: str) -> None:
    moved = folding.move(before, after, expect=put(folding, before, b"x"))
    assert moved.disk_name == after
    assert names(folding) == {after}


def test_a_folder_can_be_respelled(folding: FolderDisk) -> None:
    made = folding.make_folder("photos")
    folding.move("photos", "Photos", expect=made.fingerprint)
    assert names(folding) == {"Photos"}


@pytest.mark.promise(19)
def test_names_that_fold_together_never_replace_each_other(folding: FolderDisk) -> None:
    put(folding, "note.txt", b"x")
    other = put(folding, "other.txt", b"y")
    with pytest.raises(NameTaken):
        put(folding, "NOTE.txt", b"z")
    with pytest.raises(NameTaken):
        folding.move("other.txt", "NOTE.TXT", expect=other)
    assert names(folding) == {"note.txt", "other.txt"}
