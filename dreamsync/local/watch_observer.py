"""Watching on Windows and macOS: watchdog's observer, which the system tells of a whole tree.

FSEvents and ReadDirectoryChangesW watch everything below one folder by themselves, so there is no
tree of watches here: events become hints, and that is all.
"""

import os
import sys

from watchdog.events import (
    EVENT_TYPE_CLOSED,
    EVENT_TYPE_CREATED,
    EVENT_TYPE_DELETED,
    EVENT_TYPE_MODIFIED,
    EVENT_TYPE_MOVED,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers.api import BaseObserver

from dreamsync.local.paths import is_reserved
from dreamsync.local.protocol import OnHint, OnTrouble, Sign, WatchHint, WatchTrouble
from dreamsync.message import N_
from dreamsync.system_errors import system_reason

_TOLD = {
    EVENT_TYPE_CLOSED,
    EVENT_TYPE_CREATED,
    EVENT_TYPE_DELETED,
    EVENT_TYPE_MODIFIED,
    EVENT_TYPE_MOVED,
    "attrib",
}

_SIGNS = {
    EVENT_TYPE_CLOSED: Sign.FINISHED,
    EVENT_TYPE_DELETED: Sign.GONE,
    EVENT_TYPE_MOVED: Sign.LEFT,
}
"""Of the path that the event is about; where a move leads to is `RENAMED`."""


class ObserverWatcher:
    """A `Watcher` of the folder at `path`."""

    def __init__(self, path: str) -> None:
        self._path = os.path.abspath(path)
        self._observer: BaseObserver | None = None

    def start(self, on_hint: OnHint, on_trouble: OnTrouble) -> None:
        """Returns once events are being collected; reports trouble rather than raise it."""
        observer = _make_observer(on_trouble)
        try:
            observer.schedule(_Handler(self._path, on_hint, on_trouble), self._path, recursive=True)
            observer.start()
        except OSError as error:
            on_trouble(
                WatchTrouble.UNSUPPORTED,
                N_(
                    "{path} cannot be watched: {reason}",
                    path=self._path,
                    reason=system_reason(error),
                ),
            )
            return
        self._observer = observer

    def stop(self) -> None:
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()
            observer.join()


class _Handler(FileSystemEventHandler):
    def __init__(self, root: str, on_hint: OnHint, on_trouble: OnTrouble) -> None:
        self._root = root
        self._on_hint = on_hint
        self._on_trouble = on_trouble

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in _TOLD:
            return
        source, target = os.fsdecode(event.src_path), os.fsdecode(event.dest_path)
        if event.event_type == EVENT_TYPE_DELETED and source == self._root:
            self._on_trouble(
                WatchTrouble.STOPPED,
                N_("{path} was moved, deleted or unmounted; watching stopped", path=self._root),
            )
        elif not (event.is_directory and event.event_type == EVENT_TYPE_MODIFIED):
            is_new_folder = event.is_directory and event.event_type == EVENT_TYPE_CREATED
            self._post(source, deep=is_new_folder, sign=_SIGNS.get(event.event_type, Sign.CHANGING))
            if target:
                self._post(target, deep=event.is_directory, sign=Sign.RENAMED)

    def _post(self, absolute: str, *, deep: bool, sign: Sign) -> None:
        path = relative_path(self._root, absolute)
        if path is not None:
            self._on_hint(WatchHint(path, deep, sign))


def relative_path(root: str, absolute: str) -> str | None:
    """`absolute` below `root`, joined by `/`; None for the root, our own folder and what is out."""
    prefix = root.rstrip("/\\") + os.sep
    if not absolute.startswith(prefix):
        return None
    path = absolute[len(prefix) :].replace(os.sep, "/")
    return None if not path or is_reserved(path.partition("/")[0]) else path


def _make_observer(on_trouble: OnTrouble) -> BaseObserver:
    if sys.platform == "win32":
        from dreamsync.local.watch_windows import OverflowTellingObserver

        return OverflowTellingObserver(on_trouble)
    else:  # noqa: RET505  (type checkers read only this system's branch)
        from watchdog.observers import Observer

        return Observer()
