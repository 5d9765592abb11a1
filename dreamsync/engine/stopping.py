"""Did the process before this one stop cleanly? Noted only by a process that had something to note,
so that one with nothing to do writes nothing."""

from contextlib import suppress

from dreamsync.engine.context import Context
from dreamsync.journal.records import Settings
from dreamsync.local.protocol import DiskError

_NAME = "working"


def take_over(context: Context) -> bool:
    """Whether the process before was broken off. What it did last is made durable then: it is about
    to be found on this disk and agreed on, and lost with the power after that it would pass for
    deleted by a person."""
    if context.journal.settings.get(_NAME) is None:
        return False
    with suppress(DiskError):
        context.disk.sync_everything()
    return True


def note_work(settings: Settings) -> None:
    settings.set(_NAME, "yes")


def note_end(settings: Settings) -> None:
    settings.set(_NAME, None)
