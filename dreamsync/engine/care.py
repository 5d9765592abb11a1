"""What is done once all else is: what a disk refused to make durable, old trash, leftovers in
staging, telling how far we are."""

from collections.abc import Sequence
from contextlib import suppress

from dreamsync.core.guard import WINDOW_MS
from dreamsync.engine.context import Context
from dreamsync.engine.events import Effects
from dreamsync.engine.jobs.changes import acknowledge, purge_trash
from dreamsync.engine.jobs.flushing import flushed
from dreamsync.local.protocol import DiskError

_DAY_MS = 24 * 3600 * 1000
_DAY = 24 * 3600.0
_FLUSH_AGAIN = 5.0
_MOST_MISSING = 1000


class Care:
    """Asked only while nothing is in flight."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._next_tidying = 0.0
        self._unflushed: set[str] = set()
        self._next_flush = 0.0

    @property
    def flush_at(self) -> float | None:
        """The monotonic time of the next try to make durable what is not; None: all of it is."""
        return self._next_flush if self._unflushed else None

    def due(self, now: float) -> bool:
        return (
            now >= self._next_tidying or self._must_flush(now) or self._unacknowledged() is not None
        )

    def note_unflushed(self, folders: Sequence[str]) -> None:
        self._unflushed.update(folders)

    def effects(self, now: float) -> Effects | None:
        """The next piece of care that is due, or None."""
        if self._must_flush(now):
            folders = sorted(self._unflushed)
            self._unflushed.clear()
            self._next_flush = now + _FLUSH_AGAIN
            return flushed(self._context.disk, folders, [])
        if now >= self._next_tidying:
            self._next_tidying = now + _DAY
            return self._tidy()
        cursor = self._unacknowledged()
        if cursor is None:
            return None
        self._context.journal.settings.set("acknowledged", cursor)
        return acknowledge(self._context.remote, cursor, self._missing())

    def _must_flush(self, now: float) -> bool:
        return bool(self._unflushed) and now >= self._next_flush

    def _unacknowledged(self) -> str | None:
        """The cursor that the server has not been told of yet, where it wants to know."""
        settings = self._context.journal.settings
        cursor = settings.get("cursor")
        if not self._context.remote.capabilities.acks or cursor == settings.get("acknowledged"):
            return None
        return cursor

    def _tidy(self) -> Effects:
        """Nothing is in flight, so whatever lies in staging belongs to nobody."""
        with suppress(DiskError):
            for name in self._context.disk.staged_names():
                self._context.disk.discard_staged(name)
        holds, now_ms = self._context.journal.holds, self._context.clock.now_ms()
        holds.forget_deletions(before_ms=now_ms - WINDOW_MS)
        kept_ms = self._context.settings.trash_days * _DAY_MS
        return purge_trash(self._context.disk, older_than_ms=now_ms - kept_ms)

    def _missing(self) -> list[str]:
        """What this device could not bring in: it is not among those that have it."""
        records = self._context.journal.problems.all()[:_MOST_MISSING]
        ids = (self._context.journal.trees.remote_id(record.node) for record in records)
        return [remote_id for remote_id in ids if remote_id is not None]
