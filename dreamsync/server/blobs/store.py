"""The seam between the rules and what keeps the bytes: `BlobStore`.

A *blob* is immutable bytes, found again by its `BlobRange`: an *object* (a file, or an object of
S3) and a range in it. Objects have random names below their space's prefix, are written once and
never changed, so that a reader needs no lock and no two tenants ever share one. Large content is an
ordered list of blobs: nothing is ever concatenated.

    BlobError
    ├── BlobMissing    the object is gone (collected), or never was
    └── BlobDamaged    the object is shorter than the range
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, Self

from dreamsync.server.metadata.records import BlobRange


class BlobError(Exception):
    """The stored bytes cannot be had."""


class BlobMissing(BlobError):
    pass


class BlobDamaged(BlobError):
    pass


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as the store finds it. `modified_ms`: when its last byte was written."""

    object: str
    size: int
    modified_ms: int


class BlobWriter(Protocol):
    """One blob on its way in, in constant memory."""

    def write(self, piece: bytes | memoryview) -> None: ...

    def finish(self) -> BlobRange:
        """Where the blob will be; it is durable only once its group is settled."""
        ...

    def close(self) -> None:
        """Drop the blob if it was not finished. May be called again."""
        ...


class BlobGroup(Protocol):
    """Blobs that become durable together, at the cost of few waits for the disk.

    What is finished but never settled, or settled but never named by the metadata, is garbage that
    `objects` shows.
    """

    def add(self) -> BlobWriter: ...

    def settle(self) -> None:
        """Return once all finished blobs of the group survive a loss of power."""
        ...

    def close(self) -> None:
        """Drop what was not settled, as far as it lies alone. May be called again."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class BlobStore(Protocol):
    """Thread-safe."""

    def group(self, space_id: str) -> BlobGroup: ...

    def read(self, at: BlobRange, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes `start` to `end` (exclusive) of the blob, in pieces of at most a MiB.

        Raise `BlobMissing` before the first piece, `BlobDamaged` where bytes are lacking.
        """
        ...

    def objects(self, space_id: str) -> Iterator[StoredObject]:
        """All objects of the space that nobody is writing now, unfinished ones included."""
        ...

    def delete(self, blob_object: str) -> None:
        """Delete for ever. No error where it is gone already."""
        ...

    def close(self) -> None: ...
