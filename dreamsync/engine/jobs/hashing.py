"""The hashes of large content, computed beside what else is done with the bytes. MD5 takes twice as
long as SHA-256."""

from collections import deque
from collections.abc import Callable
from functools import partial

from dreamsync.core.digest import BLOCK, BlockHasher, ContentHasher, new_checksum
from dreamsync.engine.beside import Beside, Pending

_HANDED_OVER = 4 * 1024 * 1024
"""Bytes for which it is worth to wake another thread."""
_MOST_HANDED_OVER = 2
"""While one is hashed the next waits for it, so that nobody waits for a thread to wake up."""


def hasher_of_sent(size: int, beside: Beside) -> ContentHasher:
    """For content of `size` bytes, whose blocks' hashes are asked for after each block."""
    return ContentHasher(size, checksum=_Checksum(beside) if size > BLOCK else None)


def hasher_of_received(size: int, beside: Beside) -> ContentHasher:
    """For content of `size` bytes, of which nothing is asked before its end."""
    if size <= BLOCK:
        return ContentHasher(size)
    return ContentHasher(size, checksum=_Checksum(beside), blocks=_Blocks(size, beside))


class _Behind:
    """Follows behind what it is given, and never far."""

    def __init__(self, take: Callable[[memoryview], None], beside: Beside) -> None:
        self._take = take
        self._beside = beside
        self._gathered: list[memoryview] = []
        self._size = 0
        self._running: deque[Pending[None]] = deque()

    def update(self, piece: memoryview, /) -> None:
        self._gathered.append(piece)
        self._size += len(piece)
        if self._size >= _HANDED_OVER:
            self._hand_over()

    def catch_up(self) -> None:
        self._hand_over()
        self._running[-1].result()

    def _hand_over(self) -> None:
        while len(self._running) >= _MOST_HANDED_OVER:
            self._running.popleft().result()
        pieces, self._gathered, self._size = self._gathered, [], 0
        before = self._running[-1] if self._running else None
        self._running.append(self._beside.submit(partial(self._take_all, pieces, before)))

    def _take_all(self, pieces: list[memoryview], before: Pending[None] | None) -> None:
        if before is not None:
            before.result()
        while pieces:
            self._take(pieces.pop(0))


class _Checksum(_Behind):
    """A `Checksum`."""

    def __init__(self, beside: Beside) -> None:
        self._hash = new_checksum()
        super().__init__(self._hash.update, beside)

    def hexdigest(self) -> str:
        self.catch_up()
        return self._hash.hexdigest()


class _Blocks(_Behind):
    """`BlockHashes`."""

    def __init__(self, size: int, beside: Beside) -> None:
        self._hasher = BlockHasher(size)
        super().__init__(self._hasher.update, beside)

    def digests(self) -> list[bytes]:
        self.catch_up()
        return self._hasher.digests()
