"""`BlobStore` on a folder: small blobs in packs, large ones a file each.

    ROOT/SPACE/packs/NAME       small blobs, one after the other (see `packs.py`)
    ROOT/SPACE/large/XX/NAME    one blob
    ROOT/SPACE/staging/NAME     one blob on its way in

A blob goes to a pack until it outgrows `PACKED`: so a batch of 500 small files waits for the disk
once, not 500 times, and memory stays bounded. A large one is written to staging, fsynced, renamed,
and its folder fsynced.
"""

import os
import re
import secrets
import threading
from collections.abc import Iterator
from typing import BinaryIO, Self

from dreamsync.server.blobs.durable import Shelves, make_folders, sync_folder
from dreamsync.server.blobs.packs import OpenPacks, Pack
from dreamsync.server.blobs.store import BlobDamaged, BlobMissing, StoredObject
from dreamsync.server.metadata.records import BlobRange

PACKED = 256 * 1024
"""The largest blob in bytes that goes to a pack."""

_PIECE = 1024 * 1024
_SPACE_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}")


class FileBlobs:
    """The folder `root`, made when the first blob comes."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._packs = OpenPacks(root)
        self._shelves = Shelves(root)

    def group(self, space_id: str) -> "FileGroup":
        if _SPACE_ID.fullmatch(space_id) is None:
            raise ValueError(f"not a space id: {space_id!r}")
        return FileGroup(self._root, space_id, self._packs, self._shelves)

    def read(self, at: BlobRange, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        try:
            file = open(os.path.join(self._root, at.object), "rb", buffering=0)  # noqa: SIM115
        except FileNotFoundError as error:
            raise BlobMissing(at.object) from error
        stop = at.size if end is None else min(end, at.size)
        return _pieces(file, at.offset + start, max(0, stop - start))

    def objects(self, space_id: str) -> Iterator[StoredObject]:
        for folder, _, names in os.walk(os.path.join(self._root, space_id)):
            for name in names:
                path = os.path.join(folder, name)
                blob_object = os.path.relpath(path, self._root).replace(os.sep, "/")
                if not self._packs.is_open(blob_object):
                    yield from _stored(path, blob_object)

    def delete(self, blob_object: str) -> None:
        try:
            os.unlink(os.path.join(self._root, blob_object))
        except FileNotFoundError:
            return
        except PermissionError:
            # Windows: somebody reads it now. The next collection finds it again.
            return

    def close(self) -> None:
        self._packs.close()


class FileGroup:
    """Blobs of one space that become durable together."""

    def __init__(self, root: str, space_id: str, packs: OpenPacks, shelves: Shelves) -> None:
        self._root = root
        self._space_id = space_id
        self._open_packs = packs
        self._shelves = shelves
        self._packs: set[Pack] = set()
        self._staged: dict[str, str] = {}
        self._lock = threading.Lock()

    def add(self) -> "FileWriter":
        return FileWriter(self)

    def settle(self) -> None:
        folders = set()
        for staged, final in self._staged.items():
            self._shelves.make(os.path.dirname(os.path.dirname(final)))
            os.rename(staged, final)
            folders.add(os.path.dirname(final))
        self._staged.clear()
        for folder in folders:
            sync_folder(folder)
        for pack in self._packs:
            pack.sync()
        self._packs.clear()

    def close(self) -> None:
        for staged in self._staged:
            os.unlink(staged)
        self._staged.clear()
        self._packs.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def pack(self, content: bytes) -> BlobRange:
        """Append a small blob to the space's open pack."""
        pack, at = self._open_packs.append(self._space_id, content)
        with self._lock:
            self._packs.add(pack)
        return at

    def stage(self) -> BinaryIO:
        """A new staging file."""
        folder = os.path.join(self._root, self._space_id, "staging")
        make_folders(self._root, folder)
        path = os.path.join(folder, secrets.token_hex(16))
        return open(path, "xb", buffering=0, opener=_private)

    def take(self, file: BinaryIO) -> BlobRange:
        """Make the staged file durable; it gets its place when the group is settled."""
        size = file.tell()
        os.fsync(file.fileno())
        file.close()
        name = os.path.basename(file.name)
        blob_object = f"{self._space_id}/large/{name[:2]}/{name}"
        with self._lock:
            self._staged[file.name] = os.path.join(self._root, *blob_object.split("/"))
        return BlobRange(blob_object, 0, size)


class FileWriter:
    """One blob: in memory while small, then in a staging file."""

    def __init__(self, group: FileGroup) -> None:
        self._group = group
        self._small = bytearray()
        self._file: BinaryIO | None = None

    def write(self, piece: bytes | memoryview) -> None:
        if self._file is None and len(self._small) + len(piece) <= PACKED:
            self._small += piece
            return
        if self._file is None:
            self._file = self._group.stage()
            _write_all(self._file, memoryview(self._small))
            self._small = bytearray()
        _write_all(self._file, memoryview(piece))

    def finish(self) -> BlobRange:
        if self._file is None:
            return self._group.pack(bytes(self._small))
        file, self._file = self._file, None
        try:
            return self._group.take(file)
        except OSError:
            _discard(file)
            raise

    def close(self) -> None:
        if self._file is not None:
            _discard(self._file)
            self._file = None


def _discard(file: BinaryIO) -> None:
    file.close()
    os.unlink(file.name)


def _pieces(file: BinaryIO, start: int, length: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while length:
            piece = file.read(min(_PIECE, length))
            if not piece:
                raise BlobDamaged(f"{file.name} ends {length} bytes early")
            length -= len(piece)
            yield piece


def _write_all(file: BinaryIO, piece: memoryview) -> None:
    while piece:
        piece = piece[file.write(piece) :]


def _stored(path: str, blob_object: str) -> Iterator[StoredObject]:
    """The object, unless it was deleted or renamed meanwhile."""
    try:
        facts = os.stat(path)
    except FileNotFoundError:
        return
    yield StoredObject(blob_object, facts.st_size, facts.st_mtime_ns // 1_000_000)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
