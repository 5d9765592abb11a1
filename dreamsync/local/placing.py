"""Putting a staged file in its place: one atomic step, and a look at what it displaced.

Where the system can exchange two names, new and displaced file change places at once, and change
back where the displaced one is not the expected one. Elsewhere the displaced file gets a second
name first (a hard link) and is then renamed over. In both ways the displaced bytes are in a slot
of the trash at every moment, so that no crash loses an edit that came in between.
"""

import os
import stat

from dreamsync.core.nodes import Fingerprint
from dreamsync.local.protocol import Changed
from dreamsync.local.system import Folder, fingerprint_of
from dreamsync.local.trash import DISPLACED, ITEM
from dreamsync.message import N_

_MOST_MTIME_NS = 2**63 - 1


def same_state(status: os.stat_result | None, expect: Fingerprint) -> bool:
    """Whether it is the expected file in the expected state.

    Without ctime, which a rename changes on many file systems.
    """
    if status is None or not stat.S_ISREG(status.st_mode):
        return False
    return fingerprint_of(status)[:4] == expect[:4]


def check_expected(folder: Folder, name: str, path: str, expect: Fingerprint) -> os.stat_result:
    """What stands there, if it is exactly the expected file; raises `Changed`."""
    status = folder.lstat(name)
    if status is None or not stat.S_ISREG(status.st_mode) or fingerprint_of(status) != expect:
        raise changed(path)
    return status


def changed(path: str) -> Changed:
    return Changed(path, N_("{path} changed meanwhile; it will be looked at again", path=path))


def dress(
    staging: Folder,
    staged: str,
    *,
    replaced: os.stat_result | None,
    mode_bits: int,
    mtime_ns: int,
    executable: bool | None,
) -> None:
    """Give a staged file mode and mtime (0: leave it) while nobody sees it yet.

    A replaced file's permission bits are kept but for the executable ones, never a set-uid bit,
    and nothing beyond `mode_bits` (the umask's) is ever added.
    """
    plain = 0o666 & mode_bits if replaced is None else stat.S_IMODE(replaced.st_mode) & 0o777
    descriptor = staging.open_to_read(staged)
    try:
        staging.set_mode(descriptor, with_executable(plain, executable, mode_bits=mode_bits))
    finally:
        os.close(descriptor)
    if mtime_ns:
        staging.set_mtime(staged, max(-_MOST_MTIME_NS, min(mtime_ns, _MOST_MTIME_NS)))


def with_executable(mode: int, executable: bool | None, *, mode_bits: int) -> int:
    """`mode` with the executable bits taken, given to whoever may read, or (None) left alone."""
    if executable is None or (executable and mode & stat.S_IXUSR):
        return mode
    if not executable:
        return mode & ~0o111
    return mode | ((mode & 0o444) >> 2 & mode_bits) | stat.S_IXUSR


def swap_in(slot: Folder, parent: Folder, name: str, path: str, expect: Fingerprint) -> None:
    """`slot`/item and `parent`/`name` change places; raises `Changed` with both as they were."""
    if slot.exchange(ITEM, parent, name):
        if not same_state(slot.lstat(ITEM), expect):
            slot.exchange(ITEM, parent, name)
            raise changed(path)
        return
    _swap_in_steps(slot, parent, name, path, expect)


def _swap_in_steps(slot: Folder, parent: Folder, name: str, path: str, expect: Fingerprint) -> None:
    linked = parent.link(name, slot, DISPLACED)
    if not linked:
        parent.rename_new(name, slot, DISPLACED)
    if not same_state(slot.lstat(DISPLACED), expect):
        _give_back(slot, parent, name, linked=linked)
        raise changed(path)
    if linked:
        slot.rename_over(ITEM, parent, name)
    else:
        try:
            slot.rename_new(ITEM, parent, name)
        except OSError:
            _give_back(slot, parent, name, linked=False)
            raise
    slot.rename_new(DISPLACED, slot, ITEM)


def _give_back(slot: Folder, parent: Folder, name: str, *, linked: bool) -> None:
    if linked:
        slot.unlink(DISPLACED)
    else:
        slot.rename_new(DISPLACED, parent, name)
