"""The trees that are carried, and the wait until they have arrived whole.

Content is different in each file and does not compress, so that no contender is spared anything.
"""

import filecmp
import os
import random
import time
from dataclasses import dataclass
from pathlib import Path

_LOOK_S = 0.01
_PIECE = 1024 * 1024
_FILES_A_FOLDER = 100


@dataclass(frozen=True, slots=True)
class Tree:
    """A folder made beforehand on the same file system: it appears in `a` by one rename."""

    made: Path

    @property
    def name(self) -> str:
        return self.made.name

    def files(self) -> dict[str, list[tuple[str, int]]]:
        """By folder, names and sizes."""
        found: dict[str, list[tuple[str, int]]] = {}
        for folder, _, names in os.walk(self.made):
            below = os.path.relpath(folder, self.made)
            found[below] = [(name, (Path(folder) / name).stat().st_size) for name in names]
        return found


def small_files(made: Path, *, count: int, size: int, seed: int) -> Tree:
    chance = random.Random(seed)
    for number in range(count):
        folder = made / f"folder {number // _FILES_A_FOLDER}"
        if number % _FILES_A_FOLDER == 0:
            folder.mkdir(parents=True)
        (folder / f"file {number}.bin").write_bytes(chance.randbytes(size))
    return Tree(made)


def large_file(made: Path, *, size: int, seed: int) -> Tree:
    chance = random.Random(seed)
    made.mkdir()
    with (made / "large.bin").open("wb") as file:
        for offset in range(0, size, _PIECE):
            file.write(chance.randbytes(min(_PIECE, size - offset)))
    return Tree(made)


def many_files(made: Path, *, files: int, folders: int) -> None:
    """Tiny ones, in an existing folder: what counts is how many there are."""
    for number in range(files):
        folder = made / f"folder {number % folders}"
        if number < folders:
            folder.mkdir()
        (folder / f"file {number}.txt").write_text(f"content of {number}")


class Arrival:
    """Waits for a tree in a folder, looking only at what is not yet complete, so that the waiting
    takes no time from who is being measured."""

    def __init__(self, tree: Tree, target: Path) -> None:
        self._target = target / tree.name
        self._left = list(tree.files().items())

    def wait(self, *, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self._left:
            folder, files = self._left[-1]
            if _whole(self._target / folder, files):
                self._left.pop()
            elif time.monotonic() > deadline:
                raise RuntimeError(f"{self._target / folder} was not whole after {seconds:.0f} s")
            else:
                time.sleep(_LOOK_S)


def _whole(folder: Path, files: list[tuple[str, int]]) -> bool:
    try:
        if len(os.listdir(folder)) < len(files):
            return False
        return all((folder / name).stat().st_size == size for name, size in files)
    except FileNotFoundError:
        return False


def check_same(tree: Path, arrived: Path) -> None:
    """Byte for byte; outside the measured time. Raises `RuntimeError`."""
    for folder, _, names in os.walk(tree):
        below = arrived / os.path.relpath(folder, tree)
        _, different, failed = filecmp.cmpfiles(folder, below, names, shallow=False)
        if different or failed:
            raise RuntimeError(f"{below} is not what was sent: {(different + failed)[:3]}")
