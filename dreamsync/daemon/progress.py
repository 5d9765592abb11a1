"""Telling how far something is, at most five times a second; a person sees no more."""

import time
from collections.abc import Callable
from typing import Protocol

from dreamsync.core.status import Status

PROGRESS_SECONDS = 0.2
_SHOWN_EVERY = 0.1


class StatusSource(Protocol):
    def __call__(self, *, after_revision: int, seconds: float) -> Status: ...


class Told:
    """How many of how many; the last of all is always told."""

    def __init__(self, tell: Callable[[int, int], None] | None) -> None:
        self._tell = tell
        self._next = 0.0

    def tell(self, done: int, total: int) -> None:
        now = time.monotonic()
        if self._tell is not None and (now >= self._next or done == total):
            self._next = now + PROGRESS_SECONDS
            self._tell(done, total)


class Progress:
    """The status as it is."""

    def __init__(self, status: StatusSource, tell: Callable[[Status], None] | None) -> None:
        self._status = status
        self._tell = tell
        self._next = 0.0

    def tell(self) -> None:
        now = time.monotonic()
        if self._tell is not None and now >= self._next:
            self._next = now + PROGRESS_SECONDS
            self._tell(self._status(after_revision=-1, seconds=0))


class Pace:
    """How often those who watch are shown what moves: a step takes less time than describing it."""

    def __init__(self) -> None:
        self._shown_at = float("-inf")

    def due(self) -> bool:
        """Whether it is time again; counts as shown then."""
        now = time.monotonic()
        if now < self._shown_at + _SHOWN_EVERY:
            return False
        self._shown_at = now
        return True
