"""Folders that survive a loss of power."""

import os
import threading
from contextlib import suppress


def make_folders(root: str, folder: str) -> None:
    """Make `folder` and what lacks above it, down from `root`; each new entry is durable.

    `root` itself is made as well; what is above it must exist.
    """
    if os.path.isdir(folder):
        return
    parent = os.path.dirname(folder)
    if folder != root:
        make_folders(root, parent)
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        return
    sync_folder(parent)


class Shelves:
    """The 256 folders `00` to `ff` of a space's large blobs. All are made before the first blob
    comes: one wait for the disk, where each by itself would be waited for. Thread-safe.

    What is found there was made by another process, which may have ended before it was durable; so
    each process waits once for each space.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._durable: set[str] = set()
        self._lock = threading.Lock()

    def make(self, folder: str) -> None:
        """Those in `folder`, which is below `root`."""
        with self._lock:
            if folder in self._durable:
                return
            make_folders(self._root, folder)
            for number in range(256):
                with suppress(FileExistsError):
                    os.mkdir(os.path.join(folder, f"{number:02x}"), 0o700)
            above = folder
            while above != self._root:
                sync_folder(above)
                above = os.path.dirname(above)
            sync_folder(self._root)
            self._durable.add(folder)


def sync_folder(folder: str) -> None:
    """Make the entries of `folder` durable. Windows has no such call and needs none on NTFS."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
