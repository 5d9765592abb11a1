"""The watcher: real inotify, waited for with a deadline."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dreamsync.local.disk import FolderDisk
from dreamsync.local.network_file_systems import network_file_system
from dreamsync.local.protocol import Sign, WatchHint, WatchTrouble
from dreamsync.local.watch import make_watcher

from .conftest import put

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")

DEADLINE_S = 5.0


class Heard:
    """What a watcher has posted so far."""

    def __init__(self) -> None:
        self.hints: list[WatchHint] = []
        self.troubles: list[tuple[WatchTrouble, str]] = []
        self._news = threading.Condition()
        self.slow = threading.Lock()
        """While it is held, the watcher comes to nothing that follows the next event."""

    def on_hint(self, hint: WatchHint) -> None:
        with self.slow, self._news:
            self.hints.append(hint)
            self._news.notify_all()

    def on_trouble(self, trouble: WatchTrouble, text: str) -> None:
        with self._news:
            self.troubles.append((trouble, text))
            self._news.notify_all()

    def wait(self, condition: Callable[[], bool]) -> bool:
        with self._news:
            return self._news.wait_for(condition, timeout=DEADLINE_S)

    def hears(self, path: str, *, deep: bool = False) -> bool:
        return self.wait(lambda: any(h.path == path and h.deep >= deep for h in self.hints))

    def hears_of(self, trouble: WatchTrouble) -> bool:
        return self.wait(lambda: any(found is trouble for found, _ in self.troubles))

    def settle(self, folder: Path) -> None:
        """Everything before this has been heard once the mark is; then forget it."""
        (folder / "settled").touch()
        assert self.hears("settled")
        (folder / "settled").unlink()
        self.hints.clear()


@pytest.fixture
def heard(disk: FolderDisk, folder: Path) -> Iterator[Heard]:
    heard = Heard()
    for path in ("old/below", "other"):
        (folder / path).mkdir(parents=True)
    watcher = make_watcher(str(folder))
    watcher.start(heard.on_hint, heard.on_trouble)
    yield heard
    watcher.stop()


def test_a_folder_that_moved_before_its_parent_did_is_watched_still(
    heard: Heard, folder: Path
) -> None:
    with heard.slow:
        (folder / "old/below/mark.txt").touch()
        (folder / "old/below").rename(folder / "old/beneath")
        (folder / "old").rename(folder / "new")
    assert heard.hears("new")
    heard.settle(folder)

    (folder / "new/beneath/note.txt").write_text("x")

    assert heard.hears("new/beneath/note.txt")


def test_a_folder_that_came_just_before_its_parent_moved_is_watched(
    heard: Heard, folder: Path
) -> None:
    with heard.slow:
        (folder / "old/below/mark.txt").touch()
        (folder / "old/made").mkdir()
        (folder / "old").rename(folder / "other/new")
        (folder / "other").rename(folder / "another")
    assert heard.hears("another/new", deep=True)
    heard.settle(folder)

    (folder / "another/new/made/note.txt").write_text("x")

    assert heard.hears("another/new/made/note.txt")


def test_files_made_written_and_deleted_are_told_of(heard: Heard, folder: Path) -> None:
    (folder / "old/below/note.txt").write_text("x")
    assert heard.wait(
        lambda: WatchHint("old/below/note.txt", deep=False, sign=Sign.FINISHED) in heard.hints
    )
    heard.hints.clear()
    (folder / "old/below/note.txt").unlink()
    assert heard.hears("old/below/note.txt")


def test_our_own_scans_and_our_own_folder_are_not_told_of(
    heard: Heard, folder: Path, disk: FolderDisk
) -> None:
    (folder / "old/note.txt").write_text("x")
    heard.settle(folder)
    disk.list_folder("")
    disk.list_folder("old")
    (folder / "old/note.txt").read_text()
    disk.stage("incoming", resume=False).close()
    (folder / ".dreamsync/x").touch()
    (folder / "end").touch()
    assert heard.hears("end")
    assert {hint.path for hint in heard.hints} <= {"end", "settled"}


def test_a_placed_file_is_told_of_once_it_is_there(heard: Heard, disk: FolderDisk) -> None:
    put(disk, "old/placed.txt", b"x")
    assert heard.hears("old/placed.txt")


def test_what_was_in_a_new_folder_before_its_watch_is_not_missed(
    heard: Heard, folder: Path
) -> None:
    (folder / "new/a/b/c").mkdir(parents=True)
    (folder / "new/a/b/c/early.txt").write_text("x")
    assert heard.hears("new", deep=True)
    heard.settle(folder)
    (folder / "new/a/b/c/late.txt").write_text("x")
    assert heard.hears("new/a/b/c/late.txt")


def test_a_moved_folder_is_watched_at_its_new_place(heard: Heard, folder: Path) -> None:
    (folder / "old").rename(folder / "other/moved")
    assert heard.hears("old")
    assert heard.hears("other/moved")
    heard.settle(folder)
    (folder / "other/moved/below/note.txt").write_text("x")
    assert heard.hears("other/moved/below/note.txt")


def test_a_folder_swapped_under_the_same_name_is_watched(heard: Heard, folder: Path) -> None:
    (folder / "old").rename(folder / "kept")
    (folder / "old").mkdir()
    heard.settle(folder)
    (folder / "old/first").touch()
    (folder / "kept/second").touch()
    assert heard.hears("old/first")
    assert heard.hears("kept/second")


def test_a_folder_moved_out_is_heard_of_no_more(heard: Heard, folder: Path, tmp_path: Path) -> None:
    (folder / "old").rename(tmp_path / "outside")
    assert heard.hears("old")
    heard.settle(folder)
    (tmp_path / "outside/below/secret").touch()
    (folder / "end").touch()
    assert heard.hears("end")
    assert not any("secret" in hint.path for hint in heard.hints)


def test_a_folder_moved_in_is_looked_through(heard: Heard, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outside/deep").mkdir(parents=True)
    (tmp_path / "outside").rename(folder / "inside")
    assert heard.hears("inside", deep=True)
    heard.settle(folder)
    (folder / "inside/deep/x").touch()
    assert heard.hears("inside/deep/x")


def test_links_are_not_watched_through(heard: Heard, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (folder / "link").symlink_to(tmp_path / "outside")
    heard.settle(folder)
    (tmp_path / "outside/secret").touch()
    (folder / "end").touch()
    assert heard.hears("end")
    assert not any("secret" in hint.path for hint in heard.hints)


@pytest.mark.fault("unnameable")
def test_names_that_are_no_text_point_at_their_folder(heard: Heard, folder: Path) -> None:
    os.close(os.open(os.fsencode(folder) + b"/old/\xff", os.O_CREAT))
    assert heard.wait(lambda: any(hint.path.startswith("old/") for hint in heard.hints))
    assert all(hint.path.encode() for hint in heard.hints)


@pytest.mark.fault("overflow")
def test_an_overflow_is_reported_and_all_is_watched_again(heard: Heard, folder: Path) -> None:
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    release = threading.Event()
    original = heard.on_hint

    def stuck(hint: WatchHint) -> None:
        release.wait(DEADLINE_S)
        original(hint)

    heard.hints.clear()
    watcher_heard = Heard()
    watcher = make_watcher(str(folder))
    watcher.start(stuck, watcher_heard.on_trouble)
    for number in range(limit // 2 + 2000):
        path = folder / f"old/{number % 2}"
        path.touch()
        path.unlink()
    release.set()
    assert watcher_heard.hears_of(WatchTrouble.OVERFLOW)
    watcher.stop()


@pytest.mark.parametrize("end", ["moved", "deleted"])
def test_the_end_of_the_root_is_reported(heard: Heard, folder: Path, end: str) -> None:
    if end == "moved":
        folder.rename(folder.with_name("away"))
    else:
        shutil.rmtree(folder)
    assert heard.hears_of(WatchTrouble.STOPPED)


@pytest.mark.fault("not watched")
def test_the_limit_is_reported_with_the_setting_to_raise(folder: Path, disk: FolderDisk) -> None:
    """In a user namespace of its own, whose limit is its own: not the whole machine's."""
    for number in range(20):
        (folder / f"d{number}").mkdir()
    child = (
        "import sys\n"
        "open('/proc/sys/user/max_inotify_watches', 'w').write('10')\n"
        "from dreamsync.local.watch import make_watcher\n"
        "watcher = make_watcher(sys.argv[1])\n"
        "watcher.start(lambda hint: None, lambda trouble, text: print(trouble.value, text))\n"
        "watcher.stop()\n"
    )
    run = subprocess.run(
        ["unshare", "--user", "--map-root-user", sys.executable, "-c", child, str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        pytest.skip(f"no user namespace here: {run.stderr[-200:]}")
    assert run.stdout.count("watch-limit") == 1
    assert "fs.inotify.max_user_watches" in run.stdout


def test_nothing_runs_while_nothing_changes(heard: Heard, folder: Path) -> None:
    heard.settle(folder)
    before = time.process_time()
    assert not threading.Event().wait(0.5)
    assert time.process_time() - before < 0.02


@pytest.mark.fault("not watched")
def test_network_file_systems_are_recognised() -> None:
    mounts = (
        "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
        "40 22 0:51 / /home/u/nas rw shared:1 - nfs4 nas:/export rw\n"
    )
    assert network_file_system(mounts, os.makedev(0, 51)) == "nfs4"
    assert network_file_system(mounts, os.makedev(254, 0)) is None
    assert network_file_system(mounts, os.makedev(9, 9)) is None
