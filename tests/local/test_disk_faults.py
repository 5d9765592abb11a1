"""What the system refuses: full disks and forbidden folders."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dreamsync.local.disk import FolderDisk
from dreamsync.local.protocol import NameTaken, NoSpace, NotPermitted

from .conftest import MakeDisk, fingerprint, put

NOBODY = 65534


def mounted(source: str, at: Path, *options: str) -> Iterator[Path]:
    at.mkdir(exist_ok=True)
    run = subprocess.run(["mount", *options, source, str(at)], capture_output=True, check=False)
    if run.returncode:
        pytest.skip(f"mounting is not permitted here: {run.stderr.decode().strip()}")
    yield at
    subprocess.run(["umount", "--lazy", str(at)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    yield from mounted("tmpfs", tmp_path / "small", "-t", "tmpfs", "-o", "size=1m")


@pytest.mark.promise(25)
@pytest.mark.fault("disk full")
def test_a_full_disk_is_said_to_be_full_and_is_usable_again(
    small_disk: Path, make_disk: MakeDisk
) -> None:
    disk = make_disk(small_disk)
    disk.establish_root()
    put(disk, "note.txt", b"before")
    staged = disk.stage("big", resume=False)
    with pytest.raises(NoSpace):
        staged.write(b"x" * 4 * 1024 * 1024)
    staged.close()
    disk.discard_staged("big")
    put(disk, "after.txt", b"after")
    assert (small_disk / "note.txt").read_bytes() == b"before"


@pytest.mark.fault("not permitted")
def test_a_disk_mounted_read_only_can_still_be_looked_at(
    small_disk: Path, make_disk: MakeDisk
) -> None:
    before = make_disk(small_disk)
    before.establish_root()
    note = put(before, "note.txt", b"x")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    disk = make_disk(small_disk)
    assert [seen.disk_name for seen in disk.list_folder("").items] == ["note.txt"]
    for act in (
        lambda: put(disk, "new.txt", b"x"),
        lambda: disk.trash_file("note.txt", expect=note, reason="r"),
        lambda: disk.make_folder("new"),
    ):
        with pytest.raises(NotPermitted):
            act()


@pytest.mark.promise(19)
@pytest.mark.fault("special")
def test_two_hard_links_are_two_files_that_never_replace_each_other(
    disk: FolderDisk, folder: Path
) -> None:
    put(disk, "note.txt", b"x")
    os.link(folder / "note.txt", folder / "NOTE.txt")
    with pytest.raises(NameTaken):
        disk.move("note.txt", "NOTE.txt", expect=fingerprint(disk, "note.txt"))


UNPRIVILEGED = """
import os, sys
from dreamsync.local.disk import FolderDisk
from dreamsync.local.marker import RootMarker
from dreamsync.local.protocol import DiskError
os.setgid({nobody}); os.setuid({nobody})
marker = RootMarker("root-1", "account-1", "device-1", "2026-01-01T00:00:00Z")
disk = FolderDisk(sys.argv[1], root_id=None, new_marker=marker, clock_ms=lambda: 1)
disk.establish_root()
def attempt(act):
    try:
        act()
    except DiskError as error:
        print(type(error).__name__, error.path)
attempt(lambda: disk.list_folder("closed"))
attempt(lambda: disk.make_folder("read-only/new"))
attempt(lambda: disk.open_for_reading("secret.txt", disk.look("secret.txt").fingerprint))
attempt(lambda: disk.trash_file(
    "read-only/kept.txt", expect=disk.look("read-only/kept.txt").fingerprint, reason="r"))
print(len(disk.list_folder("").items))
"""


@pytest.mark.promise(22)
@pytest.mark.fault("not permitted")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
def test_what_is_not_permitted_is_one_paths_failure(
    disk: FolderDisk, folder: Path, tmp_path: Path
) -> None:
    (folder / "closed").mkdir(mode=0)
    (folder / "secret.txt").write_text("x")
    (folder / "secret.txt").chmod(0)
    (folder / "read-only").mkdir()
    (folder / "read-only/kept.txt").write_text("x")
    subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", str(folder)], check=True)
    (folder / "read-only").chmod(0o555)
    for above in (tmp_path, *tmp_path.parents):
        if above != Path("/") and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)
    run = subprocess.run(
        [sys.executable, "-c", UNPRIVILEGED.format(nobody=NOBODY), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout.splitlines() == [
        "NotPermitted closed",
        "NotPermitted read-only/new",
        "NotPermitted secret.txt",
        "NotPermitted read-only/kept.txt",
        "3",
    ], run.stderr
    assert (folder / "read-only/kept.txt").read_text() == "x"
    assert list(disk.trash()) == []
