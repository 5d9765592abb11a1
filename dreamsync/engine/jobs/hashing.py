"""The hashes of large content on two processors: MD5 takes twice as long as SHA-256."""

from collections import deque
from functools import partial

from dreamsync.core.digest import BLOCK, ContentHasher, new_checksum
from dreamsync.engine.beside import Beside, Pending

_HANDED_OVER = 4 * 1024 * 1024
"""Bytes for which it is worth to wake another thread."""
_MOST_HANDED_OVER = 2
"""While one is hashed the next waits for it, so that nobody waits for a thread to wake up."""


def hasher_of(size: int, beside: Beside) -> ContentHasher:
    """For content of `size` bytes."""
    return ContentHasher(size, _ChecksumBeside(beside) if size > BLOCK else None)


class _ChecksumBeside:
    """A `Checksum` that follows behind what it is given, and never far."""

    def __init__(self, beside: Beside) -> None:
        self._beside = beside
        self._hash = new_checksum()
        self._gathered: list[memoryview] = []
        self._size = 0
        self._running: deque[Pending[None]] = deque()

    def update(self, piece: memoryview) -> None:
        self._gathered.append(piece)
        self._size += len(piece)
        if self._size >= _HANDED_OVER:
            self._hand_over()

    def hexdigest(self) -> str:
        self._hand_over()
        self._running[-1].result()
        return self._hash.hexdigest()

    def _hand_over(self) -> None:
        while len(self._running) >= _MOST_HANDED_OVER:
            self._running.popleft().result()
        pieces, self._gathered, self._size = self._gathered, [], 0
        before = self._running[-1] if self._running else None
        self._running.append(self._beside.submit(partial(self._take, pieces, before)))

    def _take(self, pieces: list[memoryview], before: Pending[None] | None) -> None:
        if before is not None:
            before.result()
        while pieces:
            self._hash.update(pieces.pop(0))
