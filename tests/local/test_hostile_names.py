"""Names made to get out of the folder, given to the disk layer itself, on a real disk."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dreamsync.local.disk import FolderDisk
from dreamsync.local.protocol import DiskError
from tests.local.conftest import fingerprint, put
from tests.support.hostile_names import REFUSED
from tests.support.snapshots import snapshot

pytestmark = pytest.mark.security(1)

Act = Callable[[FolderDisk, str], object]


def make_folder(disk: FolderDisk, path: str) -> None:
    disk.make_folder(path)


def place(disk: FolderDisk, path: str) -> None:
    put(disk, path, b"x")


def move(disk: FolderDisk, path: str) -> None:
    if disk.look("moved.txt") is None:
        put(disk, "moved.txt", b"x")
    disk.move("moved.txt", path, expect=fingerprint(disk, "moved.txt"))


def trash(disk: FolderDisk, path: str) -> None:
    seen = disk.look(path)
    if seen is not None:
        disk.trash_file(path, expect=seen.fingerprint, reason="r")


def make_executable(disk: FolderDisk, path: str) -> None:
    seen = disk.look(path)
    if seen is not None:
        disk.set_executable(path, executable=True, expect=seen.fingerprint)


@pytest.mark.parametrize("act", [make_folder, place, move, trash, make_executable])
def test_nothing_outside_the_folder_and_nothing_of_ours_is_touched(
    disk: FolderDisk, folder: Path, tmp_path: Path, act: Act
) -> None:
    put(disk, "moved.txt", b"x")
    (tmp_path / "escaped").write_text("outside")
    outside, marker = snapshot(tmp_path, leaving_out=folder), folder / ".dreamsync/root.json"
    ours = marker.read_bytes()
    refused = 0
    for name in REFUSED:
        for path in (name, f"folder/{name}"):
            try:
                act(disk, path)
            except (DiskError, ValueError):
                refused += 1

    assert refused > len(REFUSED)
    assert snapshot(tmp_path, leaving_out=folder) == outside
    assert marker.read_bytes() == ours
    assert {path.name for path in (folder / ".dreamsync").iterdir()} <= OURS


OURS = {"root.json", "staging", "trash"}
