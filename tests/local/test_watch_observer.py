"""Events of watchdog's own observers as hints: what Windows and macOS use."""

import os

import pytest
from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirModifiedEvent,
    DirMovedEvent,
    FileClosedNoWriteEvent,
    FileModifiedEvent,
    FileOpenedEvent,
    FileSystemEvent,
)

from dreamsync.local.protocol import Sign, WatchHint, WatchTrouble
from dreamsync.local.watch_observer import _Handler

ROOT = os.path.abspath("/synced")


def at(path: str) -> str:
    return os.path.join(ROOT, *path.split("/"))


@pytest.mark.parametrize(
    ("event", "hints"),
    [
        (FileModifiedEvent(at("a/b.txt")), [WatchHint("a/b.txt", deep=False)]),
        (DirCreatedEvent(at("new")), [WatchHint("new", deep=True)]),
        (
            DirMovedEvent(at("old"), at("new")),
            [WatchHint("old", False, Sign.LEFT), WatchHint("new", True, Sign.RENAMED)],
        ),
        (DirModifiedEvent(at("a")), []),
        (FileOpenedEvent(at("a")), []),
        (FileClosedNoWriteEvent(at("a")), []),
        (FileModifiedEvent(at(".dreamsync/staging/x")), []),
        (FileModifiedEvent(os.path.abspath("/elsewhere/x")), []),
    ],
)
def test_events_become_hints(event: FileSystemEvent, hints: list[WatchHint]) -> None:
    heard: list[WatchHint] = []
    _Handler(ROOT, heard.append, lambda trouble, text: None).on_any_event(event)
    assert heard == hints


def test_the_end_of_the_root_is_reported() -> None:
    troubles: list[WatchTrouble] = []
    handler = _Handler(ROOT, lambda hint: None, lambda trouble, text: troubles.append(trouble))
    handler.on_any_event(DirDeletedEvent(ROOT))
    assert troubles == [WatchTrouble.STOPPED]
