"""A real folder in tmp_path, by each of the ways that this system can change a disk."""

import os
from pathlib import Path
from typing import Protocol

import pytest

from dreamsync.core.nodes import Fingerprint
from dreamsync.local import posix, windows
from dreamsync.local.disk import FolderDisk
from dreamsync.local.marker import RootMarker

MARKER = RootMarker("root-1", "account-1", "device-1", "2026-01-01T00:00:00Z")


class MakeDisk(Protocol):
    def __call__(self, path: Path, *, root_id: str | None = None) -> FolderDisk: ...


class SteppingClock:
    """Epoch milliseconds that a test moves by hand."""

    def __init__(self) -> None:
        self.now_ms = 1_700_000_000_000

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


@pytest.fixture
def make_disk(clock: SteppingClock) -> MakeDisk:
    def make(path: Path, *, root_id: str | None = None) -> FolderDisk:
        return FolderDisk(str(path), root_id=root_id, new_marker=MARKER, clock_ms=clock)

    return make


@pytest.fixture
def disk(tmp_path: Path, make_disk: MakeDisk) -> FolderDisk:
    disk = make_disk(tmp_path / "synced")
    disk.establish_root()
    return disk


@pytest.fixture
def folder(disk: FolderDisk, tmp_path: Path) -> Path:
    """The synced folder's path, for what other programs do in it."""
    return tmp_path / "synced"


def by_flags(patch: pytest.MonkeyPatch) -> None:
    """renameat2: the usual way on Linux."""


def by_hard_links(patch: pytest.MonkeyPatch) -> None:
    """A file system that says EINVAL to renames with flags."""
    patch.setattr(posix, "rename_with", lambda flag, source, target: False)


def by_plain_renames(patch: pytest.MonkeyPatch) -> None:
    """One that has no hard links either, as FAT."""
    by_hard_links(patch)
    patch.setattr(posix.Folder, "link", lambda folder, name, target, target_name: False)


def stepwise(patch: pytest.MonkeyPatch) -> None:
    """A kernel without openat2."""
    patch.setattr(posix, "open_folder_beneath", lambda folder, path: None)


def use_folder_class(patch: pytest.MonkeyPatch, kind: type) -> None:
    for module in ("root", "marker", "listing", "placing", "trash", "staging", "traits", "folders"):
        patch.setattr(f"dreamsync.local.{module}.Folder", kind)


def as_on_windows(patch: pytest.MonkeyPatch) -> None:
    """The class for Windows, which uses portable calls only."""
    use_folder_class(patch, windows.Folder)


@pytest.fixture(params=[by_flags, by_hard_links, by_plain_renames, stepwise, as_on_windows])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run the test once for each way this system, or a lesser one, changes a disk."""
    request.param(monkeypatch)
    return str(request.param.__name__)


def put(disk: FolderDisk, path: str, content: bytes, **options: object) -> Fingerprint:
    """Stage and place, as the engine does."""
    staged = disk.stage("incoming", resume=False)
    staged.write(content)
    staged.flush_to_disk()
    staged.close()
    settings = {"expect": None, "mtime_ns": 0, "executable": None, "keep_as": None} | options
    return disk.place("incoming", path, **settings).fingerprint  # type: ignore[arg-type]


def fingerprint(disk: FolderDisk, path: str) -> Fingerprint:
    seen = disk.look(path)
    assert seen is not None
    return seen.fingerprint


def umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current
