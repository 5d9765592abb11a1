"""Listing, looking and reading: what is seen, what is skipped, what has changed meanwhile."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from dreamsync.core.nodes import Fingerprint, Kind
from dreamsync.local.disk import FolderDisk
from dreamsync.local.protocol import Changed, NameRefused, Skipped, SkipReason, Vanished

from .conftest import fingerprint, put

pytestmark = pytest.mark.usefixtures("way")

DECOMPOSED_HANGUL = "\u1112\u1161\u11ab\u1100\u1173\u11af.txt"


def test_a_listing_has_files_and_folders_as_they_stand(disk: FolderDisk, folder: Path) -> None:
    put(disk, DECOMPOSED_HANGUL, b"12345")
    disk.make_folder("sub")
    listing = disk.list_folder("")
    by_name = {seen.disk_name: seen for seen in listing.items}
    assert {name: seen.kind for name, seen in by_name.items()} == {
        DECOMPOSED_HANGUL: Kind.FILE,
        "sub": Kind.FOLDER,
    }
    assert by_name[DECOMPOSED_HANGUL].fingerprint.size == 5
    assert disk.look(DECOMPOSED_HANGUL) == by_name[DECOMPOSED_HANGUL]
    assert listing.skipped == []


@pytest.mark.promise(23)
@pytest.mark.fault("special")
def test_what_is_no_file_and_no_folder_is_skipped_and_listed(
    disk: FolderDisk, folder: Path
) -> None:
    disk.make_folder("sub")
    (folder / "sub/link").symlink_to("/etc/passwd")
    (folder / "sub/to-folder").symlink_to("/etc")
    os.mkfifo(folder / "sub/fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "sub/socket"))
    (folder / "sub/.DreamSync ").mkdir()
    os.close(os.open(os.fsencode(folder) + b"/sub/\xff\xfe", os.O_CREAT))
    (folder / ("sub/" + "\ufb2c" * 85)).write_bytes(b"")
    listing = disk.list_folder("sub")
    assert listing.items == []
    assert {(item.path.removeprefix("sub/"), item.reason) for item in listing.skipped} == {
        ("link", SkipReason.SYMLINK),
        ("to-folder", SkipReason.SYMLINK),
        ("fifo", SkipReason.SPECIAL),
        ("socket", SkipReason.SPECIAL),
        (".DreamSync ", SkipReason.NAME_RESERVED),
        ("\udcff\udcfe", SkipReason.NAME_NOT_UTF8),
        ("\ufb2c" * 85, SkipReason.NAME_TOO_LONG),
    }
    assert disk.look("sub/link") is None
    assert disk.look("sub/fifo") is None


@pytest.mark.fault("unnameable")
def test_what_lies_too_deep_is_skipped(disk: FolderDisk, folder: Path) -> None:
    deep = "/".join(["d"] * 100)
    (folder / deep).mkdir(parents=True)
    (folder / deep / "file").write_bytes(b"")
    assert disk.list_folder(deep).skipped == [Skipped(f"{deep}/file", SkipReason.TOO_DEEP)]
    assert disk.list_folder(deep.removesuffix("/d")).skipped == []


def test_paths_longer_than_the_system_takes_at_once_are_walked(
    disk: FolderDisk, folder: Path, way: str
) -> None:
    if way == "as_on_windows":
        pytest.skip("long there by another form of the path")
    name = "n" * 250
    path = ""
    for _ in range(20):
        path = f"{path}/{name}".lstrip("/")
        disk.make_folder(path)
    put(disk, f"{path}/file", b"x")
    assert [seen.disk_name for seen in disk.list_folder(path).items] == ["file"]


@pytest.mark.fault("special")
def test_mounts_inside_the_folder_are_skipped(disk: FolderDisk, folder: Path) -> None:
    disk.make_folder("usb")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder / "usb")],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("mounting is not permitted here")
    try:
        assert disk.list_folder("").skipped == [Skipped("usb", SkipReason.MOUNT)]
        assert disk.look("usb") is None
        with pytest.raises(Changed):
            disk.list_folder("usb")
    finally:
        subprocess.run(["umount", str(folder / "usb")], check=True)


@pytest.mark.security(1)
@pytest.mark.promise(20)
@pytest.mark.parametrize(
    "path", ["..", "../x", "a/../../x", "/etc/passwd", "a//b", "./a", ".dreamsync/root.json", "a\0"]
)
def test_no_path_leads_out_of_the_folder(disk: FolderDisk, path: str) -> None:
    with pytest.raises(NameRefused):
        disk.look(path)
    with pytest.raises(NameRefused):
        disk.list_folder(path)
    with pytest.raises(NameRefused):
        disk.make_folder(path)


@pytest.mark.security(2)
@pytest.mark.promise(20)
def test_a_folder_behind_a_link_is_not_entered(
    disk: FolderDisk, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "outside/in").mkdir(parents=True)
    (folder / "link").symlink_to(tmp_path / "outside")
    for path in ("link", "link/in"):
        with pytest.raises(Changed):
            disk.list_folder(path)
    with pytest.raises(Changed):
        put(disk, "link/file", b"x")
    assert os.listdir(tmp_path / "outside") == ["in"]


@pytest.mark.promise(17)
def test_reading_notices_every_change(disk: FolderDisk, folder: Path) -> None:
    expect = put(disk, "note.txt", b"hello")
    with pytest.raises(Changed):
        disk.open_for_reading("note.txt", expect._replace(size=4))
    with pytest.raises(Vanished):
        disk.open_for_reading("gone.txt", expect)
    reading = disk.open_for_reading("note.txt", expect)
    assert (reading.read(3), reading.unchanged()) == (b"hel", True)
    (folder / "note.txt").rename(folder / "moved.txt")
    assert not reading.unchanged()
    reading.close()


@pytest.mark.security(2)
def test_a_fifo_or_link_in_place_of_the_file_is_a_change(disk: FolderDisk, folder: Path) -> None:
    expect = put(disk, "note.txt", b"hello")
    (folder / "note.txt").unlink()
    os.mkfifo(folder / "note.txt")
    if disk.traits.has_executable_bit:
        with pytest.raises(Changed):
            disk.open_for_reading("note.txt", expect)
    (folder / "note.txt").unlink()
    (folder / "note.txt").symlink_to("/etc/hostname")
    with pytest.raises(Changed):
        disk.open_for_reading("note.txt", expect)


def test_the_root_itself_can_be_looked_at(disk: FolderDisk) -> None:
    seen = disk.look("")
    assert seen is not None
    assert (seen.disk_name, seen.kind) == ("", Kind.FOLDER)


def test_ctime_catches_an_edit_that_puts_the_mtime_back(
    disk: FolderDisk, folder: Path, way: str
) -> None:
    if way == "as_on_windows":
        pytest.skip("Windows has no ctime")
    before: Fingerprint = put(disk, "note.txt", b"hello", mtime_ns=10**18)
    (folder / "note.txt").write_bytes(b"HELLO")
    os.utime(folder / "note.txt", ns=(10**18, 10**18))
    assert fingerprint(disk, "note.txt") != before
