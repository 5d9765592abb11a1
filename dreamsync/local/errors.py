"""From what the operating system says to the `DiskError`s of `protocol.py`: the only place.

Messages say what happened, to which path, and what to do next.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from dreamsync.local.protocol import (
    Changed,
    DiskError,
    InputOutput,
    NameRefused,
    NameTaken,
    NoSpace,
    NotPermitted,
    Vanished,
)
from dreamsync.message import N_, Message
from dreamsync.system_errors import system_reason

_SHARING_VIOLATIONS = (32, 33)
"""Windows: another program holds the file, or a range of it (ERROR_SHARING_VIOLATION, _LOCK_)."""

_KINDS: dict[int, tuple[type[DiskError], Message]] = {
    errno.ENOENT: (Vanished, N_("{path} is no longer there; it will be looked at again")),
    errno.EEXIST: (NameTaken, N_("{path} is already there; nothing was replaced")),
    errno.ENOTEMPTY: (Changed, N_("{path} is not empty; it will be looked at again")),
    errno.ENOTDIR: (
        Changed,
        N_("{path} has a component that is no folder; it will be looked at again"),
    ),
    errno.EISDIR: (Changed, N_("{path} is a folder now; it will be looked at again")),
    errno.ELOOP: (Changed, N_("{path} has a symbolic link in it, which is never followed")),
    errno.ENXIO: (Changed, N_("{path} is no file any more; it will be looked at again")),
    errno.EXDEV: (
        Changed,
        N_("{path} lies on another file system mounted there, which is left alone"),
    ),
    errno.ENOSPC: (NoSpace, N_("{path} cannot be written: the disk is full; free some space")),
    errno.EDQUOT: (
        NoSpace,
        N_("{path} cannot be written: your disk quota is used up; free some space"),
    ),
    errno.EFBIG: (NoSpace, N_("{path} is larger than this file system can hold")),
    errno.EACCES: (NotPermitted, N_("{path} is not accessible; check its permissions")),
    errno.EPERM: (
        NotPermitted,
        N_("{path} may not be changed; check its permissions and attributes"),
    ),
    errno.EROFS: (NotPermitted, N_("{path} is on a file system mounted read-only")),
    errno.EBUSY: (NotPermitted, N_("{path} is in use; close the program that holds it")),
    errno.ETXTBSY: (NotPermitted, N_("{path} is a program that is running; end it first")),
    errno.ENAMETOOLONG: (
        NameRefused,
        N_("{path} has a name or path too long for this file system"),
    ),
    errno.EINVAL: (NameRefused, N_("{path} has a name that this file system refuses")),
    errno.EILSEQ: (NameRefused, N_("{path} has a name that this file system refuses")),
}


def disk_error(path: str, error: OSError) -> DiskError:
    """The `DiskError` for what the system said about `path` (relative to the synced folder)."""
    shown = path or N_("the synced folder")
    if getattr(error, "winerror", None) in _SHARING_VIOLATIONS:
        return NotPermitted(
            path, N_("{path} is held by another program; close it there", path=shown)
        )
    kind, words = _KINDS.get(
        error.errno or 0, (InputOutput, N_("{path} failed: {reason}; check the disk"))
    )
    return kind(path, words.with_values(path=shown, reason=system_reason(error)))


@contextmanager
def translated(path: str) -> Iterator[None]:
    """Whatever the system raises inside becomes a `DiskError` about `path`."""
    try:
        yield
    except OSError as error:
        raise disk_error(path, error) from error
