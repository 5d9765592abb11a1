"""The folder that holds all of one server: database, blobs, secret. Only its user may enter."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_LOCK = "server.lock"


class DataDirInUse(Exception):
    """Another server runs on this folder."""

    def __init__(self, data_dir: str) -> None:
        super().__init__(f"A server is already running on {data_dir}. Stop it first.")


def prepare_data_dir(data_dir: str) -> None:
    """Make the folder if it is missing; raise `OSError` where that cannot be."""
    os.makedirs(data_dir, mode=0o700, exist_ok=True)


@contextmanager
def exclusive(data_dir: str) -> Iterator[None]:
    """Hold the folder for this process; raise `DataDirInUse` where another holds it.

    A kernel lock: it ends with the process, however that ends.
    """
    descriptor = os.open(os.path.join(data_dir, _LOCK), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor, data_dir)
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int, data_dir: str) -> None:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise DataDirInUse(data_dir) from error

else:
    import fcntl

    def _lock(descriptor: int, data_dir: str) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DataDirInUse(data_dir) from error
