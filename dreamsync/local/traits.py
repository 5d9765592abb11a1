"""How this file system treats names and modes: found out by trying, in `.dreamsync/`.

Not read from the kind of file system: case folding is a property of one folder on ext4, and a
network mount hides what is behind it.
"""

import os
import stat
from contextlib import suppress
from dataclasses import dataclass

from dreamsync.local.protocol import Traits
from dreamsync.local.system import HAS_EXECUTABLE_BIT, Folder

_PLAIN = "probe-a\u00e9"
_OTHER_CASE = "PROBE-A\u00c9"
_OTHER_FORM = "probe-ae\u0301"
_COLON = "probe:"


@dataclass(frozen=True, slots=True)
class Probed:
    """`mode_bits`: the permission bits that the user's umask (and the mount) leave to a file."""

    traits: Traits
    mode_bits: int


def probe(home: Folder) -> Probed:
    """Try it with files of our own in `home`. Raises OSError."""
    _clear(home)
    try:
        descriptor = home.create(_PLAIN, 0o777)
        try:
            mode_bits = stat.S_IMODE(os.fstat(descriptor).st_mode) & 0o777
            keeps_bit = HAS_EXECUTABLE_BIT and _keeps_executable_bit(home, descriptor)
        finally:
            os.close(descriptor)
        traits = Traits(
            folds_case=home.lstat(_OTHER_CASE) is not None,
            folds_normalization=home.lstat(_OTHER_FORM) is not None,
            has_executable_bit=keeps_bit,
            windows_names=not _takes_colon(home),
        )
        return Probed(traits, mode_bits)
    finally:
        _clear(home)


def _keeps_executable_bit(home: Folder, descriptor: int) -> bool:
    """Both ways: FAT shows every file as executable, or none."""
    for mode in (0o600, 0o700):
        with suppress(OSError):
            home.set_mode(descriptor, mode)
        if os.fstat(descriptor).st_mode & stat.S_IXUSR != mode & stat.S_IXUSR:
            return False
    return True


def _takes_colon(home: Folder) -> bool:
    """FAT and NTFS refuse it, or take it for a stream of another file."""
    try:
        os.close(home.create(_COLON))
    except OSError:
        return False
    return _COLON in home.names()


def _clear(home: Folder) -> None:
    for name in (_PLAIN, _COLON):
        with suppress(OSError):
            home.unlink(name)
