"""What is done once all else is: old trash, leftovers in staging, telling how far we are."""

from contextlib import suppress

from dreamsync.core.guard import WINDOW_MS
from dreamsync.engine.context import Context
from dreamsync.engine.events import Effects
from dreamsync.engine.jobs.changes import acknowledge, purge_trash
from dreamsync.local.protocol import DiskError

_DAY_MS = 24 * 3600 * 1000
_DAY = 24 * 3600.0
_MOST_MISSING = 1000


class Care:
    """Asked only while nothing is in flight."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._next_tidying = 0.0

    def due(self, now: float) -> bool:
        return now >= self._next_tidying or self._unacknowledged() is not None

    def effects(self, now: float) -> Effects | None:
        """The next piece of care that is due, or None."""
        if now >= self._next_tidying:
            self._next_tidying = now + _DAY
            return self._tidy()
        cursor = self._unacknowledged()
        if cursor is None:
            return None
        self._context.journal.settings.set("acknowledged", cursor)
        return acknowledge(self._context.remote, cursor, self._missing())

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
