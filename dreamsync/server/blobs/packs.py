"""Packs: files to which small blobs are appended, one open pack for each space.

Only the process that made a pack appends to it. After a crash the tail of the last pack may be cut
or torn, but nothing durable names those bytes, and the next process begins a new pack: so there is
nothing to repair. A pack is closed when it is full, has rested for a while (the collector may judge
files by their age), or when too many are open.
"""

import os
import secrets
import threading
import time
from collections import OrderedDict

from dreamsync.server.blobs.durable import make_folders, sync_folder
from dreamsync.server.metadata.records import BlobRange

PACK_SIZE = 64 * 1024 * 1024
"""Bytes after which a pack is full."""

RESTED_S = 600.0
"""A pack with no append for this long is not appended to again: far below the grace period."""

_MOST_OPEN = 64


class Pack:
    """One pack open for appending. Not thread-safe but for `sync`."""

    def __init__(self, root: str, space_id: str) -> None:
        folder = os.path.join(root, space_id, "packs")
        make_folders(root, folder)
        name = secrets.token_hex(16)
        self.object = f"{space_id}/packs/{name}"
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
        self._descriptor = os.open(os.path.join(folder, name), flags, 0o600)
        sync_folder(folder)
        self._size = 0
        self._synced = 0
        self._used_at = time.monotonic()
        self._sync_lock = threading.Lock()
        self._closed = False
        self._broken = False
        self._lost = False

    @property
    def usable(self) -> bool:
        rested = time.monotonic() - self._used_at > RESTED_S
        return not (self._broken or rested or self._size >= PACK_SIZE)

    def append(self, content: bytes) -> BlobRange:
        offset = self._size
        view = memoryview(content)
        try:
            while view:
                written = os.write(self._descriptor, view)
                self._size += written
                view = view[written:]
        except OSError:
            self._broken = True
            raise
        self._used_at = time.monotonic()
        return BlobRange(self.object, offset, len(content))

    def sync(self) -> None:
        """Make everything appended so far durable. Writers that wait here share one fsync."""
        wanted = self._size
        with self._sync_lock:
            if self._synced >= wanted:
                return
            if self._lost or self._closed:
                raise OSError(f"{self.object} could not be made durable")
            reached = self._size
            try:
                os.fsync(self._descriptor)
            except OSError:
                # Never asked again: the kernel may drop the bytes and report success next time.
                self._broken = self._lost = True
                raise
            self._synced = reached

    def close(self) -> None:
        """Sync and close. Whoever waits for bytes that were lost learns it from its own `sync`."""
        try:
            self.sync()
        except OSError:
            self._broken = True
        with self._sync_lock:
            if not self._closed:
                os.close(self._descriptor)
                self._closed = True


class OpenPacks:
    """The open pack of each space, the least recently used closed first. Thread-safe."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._packs: OrderedDict[str, Pack] = OrderedDict()
        self._lock = threading.Lock()

    def append(self, space_id: str, content: bytes) -> tuple[Pack, BlobRange]:
        with self._lock:
            pack = self._usable(space_id)
            return pack, pack.append(content)

    def is_open(self, blob_object: str) -> bool:
        with self._lock:
            return any(pack.object == blob_object for pack in self._packs.values())

    def close(self) -> None:
        with self._lock:
            while self._packs:
                self._packs.popitem()[1].close()

    def _usable(self, space_id: str) -> Pack:
        pack = self._packs.get(space_id)
        if pack is not None and not pack.usable:
            del self._packs[space_id]
            pack.close()
            pack = None
        if pack is None:
            pack = self._packs[space_id] = Pack(self._root, space_id)
        self._packs.move_to_end(space_id)
        if len(self._packs) > _MOST_OPEN:
            self._packs.popitem(last=False)[1].close()
        return pack
