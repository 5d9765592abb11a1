"""Moving items and judging folders: what may be renamed or thrown away as it stands."""

import errno
import os
import stat
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from dreamsync.core.nodes import Fingerprint, Kind
from dreamsync.local.paths import join
from dreamsync.local.placing import changed, same_state
from dreamsync.local.system import Folder, fingerprint_of


def is_same(
    status: os.stat_result | None, expect: Fingerprint | None, kind: Kind | None = None
) -> bool:
    """A file in the expected state, or the expected folder: its times change with its children.
    `kind` None: either."""
    if status is None:
        return False
    if kind is not None and stat.S_ISDIR(status.st_mode) is not (kind is Kind.FOLDER):
        return False
    if expect is None:
        return True
    if stat.S_ISDIR(status.st_mode):
        return expect.same_file(fingerprint_of(status))
    return same_state(status, expect)


def check_same(
    folder: Folder, name: str, path: str, expect: Fingerprint | None, kind: Kind | None
) -> None:
    """Raises FileNotFoundError where there is nothing, `Changed` where it is something else."""
    status = folder.lstat(name)
    if status is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        raise changed(path)
    if not is_same(status, expect, kind):
        raise changed(path)


def check_folder(parent: Folder, name: str, path: str, expect: Fingerprint) -> None:
    """Raises `Changed` unless that very folder stands there."""
    status = parent.lstat(name)
    if status is None or not stat.S_ISDIR(status.st_mode) or not is_same(status, expect):
        raise changed(path)


def rename(origin: Folder, source: str, goal: Folder, target: str) -> None:
    """Rename, never over another item: EEXIST. Only the spelling of a name may change.

    On a disk that folds names the target of `a` to `A` is the item itself, and no item of exactly
    that name is listed; on any other disk two hard links of one file are two listed items.
    """
    try:
        origin.rename_new(source, goal, target)
    except FileExistsError:
        if not _is_respelling(origin, source, goal, target):
            raise
        origin.rename_over(source, goal, target)


def _is_respelling(origin: Folder, source: str, goal: Folder, target: str) -> bool:
    here, there = origin.lstat(source), goal.lstat(target)
    if here is None or there is None or _fold(source) != _fold(target):
        return False
    same_folder = os.path.samestat(origin.status(), goal.status())
    return same_folder and os.path.samestat(here, there) and target not in goal.names()


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


@dataclass(frozen=True, slots=True)
class Held:
    """What a folder holds: nothing at all, or so many bytes of what it may hold."""

    is_empty: bool
    size: int


def measure(folder: Folder, path: str, may_hold: Callable[[str], bool]) -> Held:
    """What is in it, at any depth. Raises `Changed` at the first item that it may not hold."""
    size = 0
    is_empty = True
    for name, status in folder.entries():
        is_empty = False
        inside = join(path, name)
        if not may_hold(inside):
            raise changed(path)
        if stat.S_ISDIR(status.st_mode):
            with folder.child(name) as below:
                size += measure(below, inside, may_hold).size
        else:
            size += status.st_size
    return Held(is_empty, size)
