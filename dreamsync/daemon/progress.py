"""Telling how far a long call is, no more often than a person can see."""

import time
from collections.abc import Callable
from typing import Protocol

from dreamsync.core.status import Status

PROGRESS_SECONDS = 0.2


class Waitable(Protocol):
    def wait_for_status(self, *, after_revision: int, seconds: float) -> Status: ...


class Progress:
    """Tells at most five times a second; a person sees no more."""

    def __init__(self, instance: Waitable, tell: Callable[[Status], None] | None) -> None:
        self._instance = instance
        self._tell = tell
        self._next = 0.0

    def tell(self) -> None:
        now = time.monotonic()
        if self._tell is not None and now >= self._next:
            self._next = now + PROGRESS_SECONDS
            self._tell(self._instance.wait_for_status(after_revision=-1, seconds=0))
