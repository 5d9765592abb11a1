"""Content identity: the digest and the checksum of a file's bytes, fed in pieces.

*Digest* (hex): for content of one block or less the SHA-256 of the bytes; above that the SHA-256
over the concatenated binary SHA-256s of its blocks. A block is 8 MiB and doubles until the content
has at most 10,000 of them, so the block size follows from the size alone and any part of a large
file can be verified by itself. *Checksum* (hex): MD5 of the whole content, for change detection.
"""

import hashlib
from collections.abc import Iterable
from typing import Protocol

BLOCK = 8 * 1024 * 1024
MOST_BLOCKS = 10_000


def block_size(size: int) -> int:
    """The block size in bytes for content of `size` bytes."""
    block = BLOCK
    while size > block * MOST_BLOCKS:
        block *= 2
    return block


def block_count(size: int) -> int:
    """How many blocks content of `size` bytes has; empty content has none."""
    return -(-size // block_size(size))


def combine(block_hashes: Iterable[bytes]) -> str:
    """The digest of content of more than one block, from its blocks' binary SHA-256s in order."""
    return hashlib.sha256(b"".join(block_hashes)).hexdigest()


def new_checksum() -> "Checksum":
    return hashlib.md5(usedforsecurity=False)


class Checksum(Protocol):
    """The MD5 of all it was given."""

    def update(self, piece: memoryview, /) -> None:
        """The bytes behind `piece` may not change any more."""

    def hexdigest(self) -> str: ...


class BlockHashes(Protocol):
    """The SHA-256 of each block of all it was given."""

    def update(self, piece: memoryview, /) -> None:
        """The bytes behind `piece` may not change any more."""

    def digests(self) -> list[bytes]:
        """Of each block so far, the unfinished last one included."""


class BlockHasher:
    """The `BlockHashes` of content of `size` bytes."""

    def __init__(self, size: int) -> None:
        self._block = block_size(size)
        self._seen = 0
        self._current = hashlib.sha256()
        self._blocks: list[bytes] = []

    def update(self, piece: memoryview, /) -> None:
        while piece:
            room = self._block - self._seen % self._block
            self._current.update(piece[:room])
            taken = min(room, len(piece))
            self._seen += taken
            piece = piece[taken:]
            if self._seen % self._block == 0:
                self._blocks.append(self._current.digest())
                self._current = hashlib.sha256()

    def digests(self) -> list[bytes]:
        if self._seen % self._block:
            return [*self._blocks, self._current.digest()]
        return list(self._blocks)


class ContentHasher:
    """Digest and checksum of content whose size is known beforehand, in one pass.

    The size must be given because the block size depends on it; `matches_size` tells whether as
    many bytes came as were announced. Both may be computed in a way of the caller's own.
    """

    def __init__(
        self, size: int, *, checksum: Checksum | None = None, blocks: BlockHashes | None = None
    ) -> None:
        self._size = size
        self._seen = 0
        self._checksum = checksum or new_checksum()
        self._blocks = blocks or BlockHasher(size)

    def update(self, piece: bytes | memoryview) -> None:
        view = memoryview(piece)
        self._seen += len(view)
        self._checksum.update(view)
        self._blocks.update(view)

    @property
    def bytes_seen(self) -> int:
        return self._seen

    @property
    def matches_size(self) -> bool:
        return self._seen == self._size

    @property
    def checksum(self) -> str:
        return self._checksum.hexdigest()

    @property
    def block_hashes(self) -> list[bytes]:
        """The SHA-256 of each block so far, the unfinished last one included."""
        return self._blocks.digests()

    @property
    def digest(self) -> str:
        hashes = self.block_hashes
        if len(hashes) == 1:
            return hashes[0].hex()
        return combine(hashes)
