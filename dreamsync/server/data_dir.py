"""The folder that holds all of one server: database, blobs, secret. Only its user may enter."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from dreamsync.message import N_

_LOCK = "server.lock"


class DataDirInUse(Exception):
    """Another server runs on this folder."""

    def __init__(self, data_dir: str) -> None:
        super().__init__(N_("A server is already running on {path}. Stop it first.", path=data_dir))


def prepare_data_dir(data_dir: str) -> None:
    """Make the folder if it is missing; raise `OSError` where that cannot be."""
    os.makedirs(data_dir, mode=0o700, exist_ok=True)


@contextmanager
def exclusive(data_dir: str, *, patience_s: float = 0) -> Iterator[None]:
    """Hold the folder for this process; raise `DataDirInUse` where another keeps holding it.

    A kernel lock: it ends with the process, however that ends. `patience_s`: how long to try
    again; a server needs some, because others hold the folder for a moment to see if one runs.
    """
    descriptor = os.open(os.path.join(data_dir, _LOCK), os.O_RDWR | os.O_CREAT, 0o600)
    give_up_at = time.monotonic() + patience_s
    try:
        while not _lock(descriptor):
            if time.monotonic() >= give_up_at:
                raise DataDirInUse(data_dir)
            time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
