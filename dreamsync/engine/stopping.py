"""Did the process before this one stop cleanly? Noted only by a process that had something to note,
so that one with nothing to do writes nothing."""

from dreamsync.journal.records import Settings

_NAME = "working"


def stopped_cleanly(settings: Settings) -> bool:
    return settings.get(_NAME) is None


def note_work(settings: Settings) -> None:
    settings.set(_NAME, "yes")


def note_end(settings: Settings) -> None:
    settings.set(_NAME, None)
