"""An attacker swaps a folder for a link to outside, as fast as it can, while the disk layer works.

10,000 rounds with `--full`, each of ten effects at the swapped path.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from dreamsync.core.nodes import Fingerprint
from dreamsync.local.disk import FolderDisk
from dreamsync.local.protocol import DiskError
from tests.local.conftest import by_hard_links, put, stepwise
from tests.support.snapshots import snapshot

pytestmark = pytest.mark.security(2)

SECRET, PLAIN = b"secret", b"plain"
_EFFECTS = 10
"""Of one round. Each must have got through the swaps once, or nothing is shown of it."""


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int:
    return 10_000 if request.config.getoption("--full") else 150


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """What the attacker wants to be read, changed or thrown away, under the same names."""
    outside = tmp_path / "outside"
    (outside / "below").mkdir(parents=True)
    for name in ("victim.txt", "moved.txt", "mode.txt", "only-outside.txt"):
        (outside / name).write_bytes(SECRET)
        (outside / name).chmod(0o640)
    return outside


@contextmanager
def swapping(folder: Path) -> Iterator[Callable[[], int]]:
    """`sub` is the folder, then the link `evil`, then the folder again, and so on for ever; how
    often so far."""
    stop, swaps = threading.Event(), 0

    def swap() -> None:
        nonlocal swaps
        while not stop.is_set():
            (folder / "sub").rename(folder / "real")
            (folder / "evil").rename(folder / "sub")
            (folder / "sub").rename(folder / "evil")
            (folder / "real").rename(folder / "sub")
            swaps += 1

    attacker = threading.Thread(target=swap)
    attacker.start()
    try:
        yield lambda: swaps
    finally:
        stop.set()
        attacker.join()


class Work:
    """Every effect of the disk layer at paths below `sub`; what was read and listed there."""

    def __init__(self, disk: FolderDisk) -> None:
        self.disk = disk
        self.read: set[bytes] = set()
        self.listed: set[str] = set()
        self.done: dict[str, int] = {}

    def round(self, number: int) -> None:
        for act in (
            self.put_new, self.replace, self.read_victim, self.list_sub, self.change_mode,
            self.move_within, self.move_out, self.make_folder, self.trash_file, self.trash_folder,
        ):  # fmt: skip
            with suppress(DiskError):
                act(number)
                self.done[act.__name__] = self.done.get(act.__name__, 0) + 1

    def put_new(self, number: int) -> None:
        put(self.disk, f"sub/new{number}.txt", b"x")

    def replace(self, _number: int) -> None:
        put(self.disk, "sub/victim.txt", PLAIN, expect=self._seen("sub/victim.txt"))

    def read_victim(self, _number: int) -> None:
        reading = self.disk.open_for_reading("sub/victim.txt", self._seen("sub/victim.txt"))
        self.read.add(reading.read(100))
        reading.close()

    def list_sub(self, _number: int) -> None:
        self.listed.update(seen.disk_name for seen in self.disk.list_folder("sub").items)

    def change_mode(self, number: int) -> None:
        seen = self._seen("sub/mode.txt")
        self.disk.set_executable("sub/mode.txt", executable=number % 2 == 0, expect=seen)

    def move_within(self, number: int) -> None:
        back, forth = ("sub/moved.txt", "sub/below/moved.txt")[:: 1 if number % 2 else -1]
        self.disk.move(back, forth, expect=self._seen(back))

    def move_out(self, number: int) -> None:
        seen = self._seen(f"sub/new{number}.txt")
        self.disk.move(f"sub/new{number}.txt", f"new{number}.txt", expect=seen)

    def make_folder(self, number: int) -> None:
        self.disk.make_folder(f"sub/folder{number}")

    def trash_file(self, number: int) -> None:
        name = f"new{number}.txt"
        self.disk.trash_file(name, expect=self._seen(name), reason="r")

    def trash_folder(self, number: int) -> None:
        path = f"sub/folder{number}"
        seen = self._seen(path)
        self.disk.trash_folder(path, expect=seen, may_hold=lambda _: True, reason="r")

    def _seen(self, path: str) -> Fingerprint:
        seen = self.disk.look(path)
        if seen is None:
            raise DiskError(path, "not there now")
        return seen.fingerprint


def by_openat2(_patch: pytest.MonkeyPatch) -> None:
    """As this system does it by itself."""


@pytest.fixture(params=[by_openat2, stepwise, by_hard_links])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the class for Windows, where the look and the act are two steps."""
    request.param(monkeypatch)


@pytest.mark.promise(20)
@pytest.mark.timeout(1_800)
@pytest.mark.usefixtures("way")
def test_links_swapped_in_at_any_time_never_lead_outside(
    disk: FolderDisk, folder: Path, outside: Path, rounds: int
) -> None:
    (folder / "sub/below").mkdir(parents=True)
    for name in ("victim.txt", "moved.txt", "mode.txt"):
        (folder / "sub" / name).write_bytes(PLAIN)
    os.symlink(outside, folder / "evil")
    before, work = snapshot(outside), Work(disk)

    with swapping(folder) as swaps:
        number = 0
        while number < rounds or (len(work.done) < _EFFECTS and number < 20 * rounds):
            work.round(number)
            number += 1

    assert swaps() > rounds / 10
    assert len(work.done) == _EFFECTS, work.done
    assert snapshot(outside) == before
    assert work.read <= {PLAIN}
    assert "only-outside.txt" not in work.listed


def test_a_mode_is_never_changed_through_a_link(disk: FolderDisk, folder: Path) -> None:
    seen = put(disk, "note.txt", PLAIN)
    (folder.parent / "outside.txt").write_bytes(PLAIN)
    (folder.parent / "outside.txt").chmod(0o600)
    (folder / "note.txt").unlink()
    (folder / "note.txt").symlink_to("../outside.txt")

    with pytest.raises(DiskError):
        disk.set_executable("note.txt", executable=True, expect=seen)

    assert (folder.parent / "outside.txt").stat().st_mode & 0o777 == 0o600
    assert (folder / "note.txt").is_symlink()
