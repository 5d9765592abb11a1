"""The configuration file while the daemon runs: seen when it changes, and what a change means.

What names the account or the folder holds for as long as a daemon runs: another one is another
instance, or a move. A file that cannot be used changes nothing and is told of in the status.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from watchdog.events import (
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from dreamsync.config.errors import ConfigError
from dreamsync.config.settings import Config
from dreamsync.core.status import Problem, Reason
from dreamsync.engine.context import Clock
from dreamsync.message import N_

_QUIET_SECONDS = 0.3
"""Editors save in several steps; a file half written would be told of as a mistake."""

_TOLD: tuple[type[FileSystemEvent], ...] = (
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
)


@contextmanager
def settings_watched(path: str, changed: Callable[[], None]) -> Iterator[None]:
    """Call `changed`, in a thread of its own, some moments after the file at `path` did. Where the
    system cannot watch it, `config set` and a signal still do."""
    handler = _Handler(os.path.basename(path), changed)
    observer = Observer()
    try:
        # Reading it is an event, too, unless one asks for others: we would hear ourselves.
        observer.schedule(handler, os.path.dirname(path), recursive=False, event_filter=list(_TOLD))
        observer.start()
    except OSError:
        yield
        return
    try:
        yield
    finally:
        observer.stop()
        observer.join()
        handler.stop()


class _Handler(FileSystemEventHandler):
    def __init__(self, name: str, changed: Callable[[], None]) -> None:
        self._name = name
        self._changed = changed
        self._guard = threading.Lock()
        self._timer: threading.Timer | None = None

    def dispatch(self, event: FileSystemEvent) -> None:
        paths = (event.src_path, event.dest_path)
        names = {os.path.basename(os.fsdecode(path)) for path in paths if path}
        if isinstance(event, _TOLD) and self._name in names:
            self._later()

    def stop(self) -> None:
        with self._guard:
            if self._timer is not None:
                self._timer.cancel()

    def _later(self) -> None:
        with self._guard:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = threading.Timer(_QUIET_SECONDS, self._changed)
            self._timer.daemon = True
            self._timer.start()


def continued(old: Config, new: Config) -> Config:
    """`new` as far as it can hold in a daemon that was started with `old`."""
    folder = replace(new.folder, path=old.folder.path)
    return replace(new, account=old.account, folder=folder)


def mistaken(error: ConfigError, clock: Clock) -> Problem:
    hint = error.hint or N_(
        "Correct the file; until then the settings hold that were there before."
    )
    return Problem("", Reason.SETTINGS, error.words, hint, clock.now_ms())


def needs_restart(old: Config, new: Config, clock: Clock) -> Problem | None:
    """What keeps `new` from holding as a whole in a daemon that was started with `old`."""
    if (old.account, old.folder.path) == (new.account, new.folder.path):
        return None
    return Problem(
        "",
        Reason.SETTINGS,
        N_("The settings name another account or folder than the one that is synced."),
        N_("To change them: dreamsync login, or dreamsync move-folder DIR. Or take it back."),
        clock.now_ms(),
    )
