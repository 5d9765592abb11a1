"""Staged files: bytes on their way in, in `.dreamsync/staging/`, out of everybody's sight."""

import io
import os
import sys
import threading

from dreamsync.local.errors import translated
from dreamsync.local.protocol import NoSpace
from dreamsync.local.system import Folder, flush
from dreamsync.message import N_

_LARGE = 1024 * 1024
_LEFT_FREE = 32 * 1024 * 1024


def open_staged(staging: Folder, name: str, *, resume: bool) -> "OpenStagedFile":
    """Open `name` at its end if `resume`, else anew. Raises OSError."""
    if resume:
        descriptor = staging.open_to_resume(name)
        return OpenStagedFile(descriptor, name, size=os.fstat(descriptor).st_size)
    try:
        descriptor = staging.create(name)
    except FileExistsError:
        staging.unlink(name)
        descriptor = staging.create(name)
    return OpenStagedFile(descriptor, name, size=0)


class OpenStagedFile:
    """A `StagedFile`. Parts may come from several threads: each call seeks for itself."""

    def __init__(self, descriptor: int, name: str, *, size: int) -> None:
        self._file = io.FileIO(descriptor, "r+")
        self._name = name
        self._lock = threading.Lock()
        self._size = size
        self._position = 0

    @property
    def size(self) -> int:
        return self._size

    def write(self, piece: bytes) -> None:
        self.write_at(self._size, piece)

    def write_at(self, offset: int, piece: bytes) -> None:
        with self._lock, translated(self._name):
            if offset + len(piece) > _LARGE:
                self._ensure_room(len(piece))
            self._seek(offset)
            left = memoryview(piece)
            while left:
                written = self._file.write(left)
                self._position += written
                left = left[written:]
            self._size = max(self._size, offset + len(piece))

    def _ensure_room(self, size: int) -> None:
        """A large file stops before the disk is full, so that the small ones beside it, and the
        person's own work, still find room: 32 MiB, or a twentieth of a small disk."""
        if sys.platform == "win32":
            return
        disk = os.fstatvfs(self._file.fileno())
        whole, free = disk.f_blocks * disk.f_frsize, disk.f_bavail * disk.f_frsize
        if free - size < min(_LEFT_FREE, whole // 20):
            raise NoSpace(self._name, N_("there is not enough room on this disk"))

    def read_at(self, offset: int, size: int) -> bytes:
        with self._lock, translated(self._name):
            self._seek(offset)
            piece = self._file.read(size)
            self._position += len(piece)
            return piece

    def _seek(self, offset: int) -> None:
        if offset != self._position:
            self._position = self._file.seek(offset)

    def flush_to_disk(self) -> None:
        with translated(self._name):
            flush(self._file.fileno())

    def close(self) -> None:
        with translated(self._name):
            self._file.close()
