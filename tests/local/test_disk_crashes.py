"""The process ends between any two changes of the disk: nobody's bytes are lost, none of ours stay.

A dead process does nothing more: from the chosen change on, each further one ends it again.
"""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from dreamsync.local.disk import FolderDisk
from dreamsync.local.system import Folder

from .conftest import MakeDisk, fingerprint, put

pytestmark = pytest.mark.usefixtures("way")

CHANGES = (
    "create", "make_folder", "unlink", "remove_folder", "remove_tree", "link", "rename_over",
    "rename_new", "exchange", "set_mode", "set_mtime",
)  # fmt: skip

Change = Callable[..., object]
Act = Callable[[FolderDisk], object]


class Killed(BaseException):
    """No handler of errors sees it."""


def every_crash(act: Act, make_disk: MakeDisk, tmp_path: Path) -> Iterator[Path]:
    """A folder with `note.txt` (b"old") in which `act` was killed before its first change, one in
    which it was before its second, ... until it came to its end; each as the next process leaves it
    at its first rest."""
    for changes in count():
        folder = tmp_path / f"killed after {changes}"
        disk = make_disk(folder)
        disk.establish_root()
        put(disk, "note.txt", b"old")
        finished = killed_after(changes, lambda: act(disk), folder_class(disk))  # noqa: B023
        next_process = make_disk(folder)
        next_process.establish_root()
        for name in next_process.staged_names():
            next_process.discard_staged(name)
        next_process.purge_trash(older_than_ms=0)
        yield folder
        if finished:
            assert changes > 2
            return


def folder_class(disk: FolderDisk) -> type[Folder]:
    with disk._root.open() as root:
        return type(root)


def killed_after(changes: int, act: Callable[[], object], kind: type[Folder]) -> bool:
    """Whether `act` came to its end."""
    left = [changes]

    def counted(change: Change) -> Change:
        def counting(*values: object) -> object:
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            return change(*values)

        return counting

    with pytest.MonkeyPatch.context() as patch:
        for name in CHANGES:
            patch.setattr(kind, name, counted(getattr(kind, name)))
        try:
            act()
        except Killed:
            return False
    return True


def in_place(folder: Path) -> bytes | None:
    path = folder / "note.txt"
    return path.read_bytes() if path.exists() else None


def in_trash(folder: Path) -> list[bytes]:
    """All that lies in it, but for the facts about it."""
    slots = folder / ".dreamsync" / "trash"
    return [path.read_bytes() for path in slots.glob("*/*") if path.name != "item.json"]


@pytest.mark.fault("killed")
@pytest.mark.parametrize("keep_as", [None, "replaced"])
def test_a_replacement_killed_anywhere_loses_nothing_and_leaves_nothing_of_ours(
    make_disk: MakeDisk, tmp_path: Path, keep_as: str | None
) -> None:
    def replace(disk: FolderDisk) -> None:
        old = fingerprint(disk, "note.txt")
        put(disk, "note.txt", b"new", expect=old, keep_as=keep_as)

    found = {}
    for folder in every_crash(replace, make_disk, tmp_path):
        found[in_place(folder)] = trash = in_trash(folder)
        assert b"new" not in trash
        if in_place(folder) == b"new":
            assert trash == [b"old"] or (trash == [] and keep_as is None)
        else:
            assert trash == ([b"old"] if in_place(folder) is None else [])
    assert {b"old", b"new"} <= found.keys() <= {b"old", b"new", None}


@pytest.mark.fault("killed")
def test_a_new_file_killed_anywhere_is_whole_or_absent(make_disk: MakeDisk, tmp_path: Path) -> None:
    def place(disk: FolderDisk) -> None:
        put(disk, "new.txt", b"new", mtime_ns=1, executable=True)

    for folder in every_crash(place, make_disk, tmp_path):
        new = folder / "new.txt"
        assert not new.exists() or new.read_bytes() == b"new"
        assert in_place(folder) == b"old"
        assert in_trash(folder) == []


@pytest.mark.fault("killed")
def test_a_deletion_killed_anywhere_leaves_the_file_in_one_place(
    make_disk: MakeDisk, tmp_path: Path
) -> None:
    def trash(disk: FolderDisk) -> None:
        disk.trash_file("note.txt", expect=fingerprint(disk, "note.txt"), reason="r")

    for folder in every_crash(trash, make_disk, tmp_path):
        assert in_place(folder) == b"old" or in_trash(folder) == [b"old"]


@pytest.mark.fault("killed")
def test_a_move_killed_anywhere_leaves_the_file_in_one_place(
    make_disk: MakeDisk, tmp_path: Path
) -> None:
    def move(disk: FolderDisk) -> None:
        disk.make_folder("sub")
        disk.move("note.txt", "sub/moved.txt", expect=fingerprint(disk, "note.txt"))
        disk.make_folder("after")

    for folder in every_crash(move, make_disk, tmp_path):
        moved = folder / "sub/moved.txt"
        assert in_place(folder) == b"old" or moved.read_bytes() == b"old"
