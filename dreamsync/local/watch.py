"""The watcher: being told of changes by the system, with nothing running while nothing changes.

Owns the choice of mechanism and the words for what is wrong with it. On Linux `watch_inotify.py`
(watchdog's inotify reader under a tree of our own: watchdog's own recursive observer subscribes to
opens and closes, wakes itself while it walks and keeps each path several times over); elsewhere
`watch_observer.py` (watchdog's observer). Where events cannot be relied on the engine polls.
"""

import sys

from dreamsync.local.protocol import Watcher


def make_watcher(path: str) -> Watcher:
    """The watcher for the synced folder at `path` on this system."""
    if sys.platform == "linux":
        from dreamsync.local.watch_inotify import InotifyWatcher

        return InotifyWatcher(path)
    else:  # noqa: RET505  (type checkers read only this system's branch)
        from dreamsync.local.watch_observer import ObserverWatcher

        return ObserverWatcher(path)
