"""Watching on Linux: watchdog's inotify reader, with a tree of watched folders above it.

One thread, asleep in poll(2) until the kernel has something to say. Folders are watched by
descriptor (`/proc/self/fd/N`), opened beneath the root without following links, so that no watch
ever lands outside the folder. A folder is watched first and listed then, and its deep hint is
posted last: what was made in it before the watch is found by the scan that the hint asks for.
"""

import errno
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

assert sys.platform == "linux"  # noqa: S101  (type checkers stop here on other systems)

from watchdog.observers.inotify_c import (  # noqa: E402
    CallbackId,
    InotifyConstants,
    InotifyEvent,
    InotifyFD,
    Mask,
    WatchDescriptor,
)

from dreamsync.local.listing import MOST_DEPTH  # noqa: E402
from dreamsync.local.network_file_systems import network_file_system  # noqa: E402
from dreamsync.local.paths import is_reserved  # noqa: E402
from dreamsync.local.posix import Folder  # noqa: E402
from dreamsync.local.protocol import (  # noqa: E402
    OnHint,
    OnTrouble,
    Sign,
    WatchHint,
    WatchTrouble,
)
from dreamsync.local.watch_tree import WatchTree  # noqa: E402
from dreamsync.message import N_  # noqa: E402
from dreamsync.system_errors import system_reason  # noqa: E402

_MASK = Mask(
    InotifyConstants.IN_MODIFY
    | InotifyConstants.IN_CLOSE_WRITE
    | InotifyConstants.IN_ATTRIB
    | InotifyConstants.IN_CREATE
    | InotifyConstants.IN_DELETE
    | InotifyConstants.IN_MOVED_FROM
    | InotifyConstants.IN_MOVED_TO
    | InotifyConstants.IN_ONLYDIR
    | InotifyConstants.IN_EXCL_UNLINK
)
"""Without opens and closes after reading, which our own scans would raise (measured: with them
watchdog never comes to rest at 10,000 folders)."""

_ROOT_MASK = Mask(_MASK | InotifyConstants.IN_MOVE_SELF)

_STRAY_SECONDS = 2.0
"""How long a folder that moved away may take to turn up elsewhere before its watch is given up."""

_LIMIT_TEXT = N_(
    "the system's limit of watched folders is reached; raise it with: "
    "sudo sysctl fs.inotify.max_user_watches=1048576"
)
_INSTANCES_TEXT = N_(
    "the system's limit of watching programs is reached; raise it with: "
    "sudo sysctl fs.inotify.max_user_instances=1024"
)


class InotifyWatcher:
    """A `Watcher` of the folder at `path`."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._tree = WatchTree()
        self._ids: dict[int, CallbackId] = {}
        self._last_id = 0
        self._left_at: float | None = None
        self._moving: int | None = None
        self._moved_on: set[int] = set()
        """Watches of folders in which something turned up that was not found under their paths."""
        self._reader: InotifyFD | None = None
        self._at_limit = False

    def start(self, on_hint: OnHint, on_trouble: OnTrouble) -> None:
        """Returns once all folders are watched; reports trouble rather than raise it."""
        self._on_hint, self._on_trouble = on_hint, on_trouble
        try:
            self._reader = InotifyFD()
        except OSError:
            on_trouble(WatchTrouble.LIMIT, _INSTANCES_TEXT)
            return
        try:
            self._watch_root()
        except OSError as error:
            self._on_trouble(
                WatchTrouble.STOPPED,
                N_(
                    "{path} cannot be watched: {reason}",
                    path=self._path,
                    reason=system_reason(error),
                ),
            )
        self._reader.start()

    def stop(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.stop()
            if reader.is_alive() and reader is not threading.current_thread():
                reader.join()

    # What watchdog's reader calls.

    def on_event(self, event: InotifyEvent) -> None:
        with self._lock:
            self._give_up_strays()
            if event.wd == self._tree.root and event.is_move_self:
                self._tree.forget(event.wd)
                self._end_root()
            elif event.name:
                self._handle(event, os.fsdecode(event.name))

    def on_watch_deleted(self, wd: WatchDescriptor) -> None:
        with self._lock:
            was_root = wd == self._tree.root
            self._ids.pop(wd, None)
            self._tree.forget(wd)
            if was_root and self._reader is not None:
                self._end_root()

    def on_queue_overflow(self) -> None:
        """Watch again before it is reported: the rescan then sees what no watch will tell of."""
        with self._lock:
            with suppress(OSError):
                self._watch_root()
            self._on_trouble(
                WatchTrouble.OVERFLOW,
                N_("more changed at once than the system could tell; rescanning"),
            )

    # Events.

    def _handle(self, event: InotifyEvent, name: str) -> None:
        is_new = False
        if event.is_directory:
            if event.is_moved_from:
                self._left(event.wd, name)
            elif event.is_create or event.is_moved_to:
                is_new = self._arrived(event.wd, name)
                self._look_into_moved_on()
        self._post(event.wd, name, deep=is_new, sign=self._sign(event))

    def _sign(self, event: InotifyEvent) -> Sign:
        """The two halves of a rename within the folder follow each other with one cookie."""
        if event.is_moved_from:
            self._moving = event.cookie
            return Sign.LEFT
        if event.is_moved_to:
            return Sign.RENAMED if event.cookie == self._moving else Sign.FINISHED
        if event.is_delete:
            return Sign.GONE
        return Sign.FINISHED if event.is_close_write else Sign.CHANGING

    def _left(self, parent: int, name: str) -> None:
        watch = self._tree.at(parent, name)
        if watch is not None:
            self._tree.detach(watch)
            self._left_at = time.monotonic()

    def _arrived(self, parent: int, name: str) -> bool:
        """Watch a folder that turned up; whether it was not watched before."""
        if _is_skipped(name):
            return False
        try:
            with self._open(parent) as above:
                return self._watch_child(above, parent, name)
        except OSError:
            self._moved_on.add(parent)
            return True

    def _watch_child(self, above: Folder, parent: int, name: str) -> bool:
        try:
            with above.child(name) as folder:
                return self._watch_below(folder, parent, name)
        except OSError:
            return True

    def _look_into_moved_on(self) -> None:
        """Where a folder had moved on before it was told what turned up in it, that is not watched,
        and what was told since went to paths that are no more."""
        for parent in tuple(self._moved_on):
            if parent not in self._tree:
                self._moved_on.discard(parent)
                continue
            with suppress(OSError), self._open(parent) as folder:
                self._watch_inside(folder, parent, MOST_DEPTH)
                self._moved_on.discard(parent)
                self._hint(self._tree.path(parent), deep=True, sign=Sign.CHANGING)

    @contextmanager
    def _open(self, watch: int) -> Iterator[Folder]:
        """A watched folder, where it is thought to be; else an `OSError`."""
        path = self._tree.path(watch)
        if path is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        with Folder.open_root(self._path) as root, root.child(path or ".") as folder:
            yield folder

    def _post(self, parent: int, name: str, *, deep: bool, sign: Sign) -> None:
        if is_reserved(name):
            return
        self._hint(self._tree.path_of(parent, name), deep=deep, sign=sign)

    def _hint(self, path: str | None, *, deep: bool, sign: Sign) -> None:
        if path is not None:
            readable = path.encode(errors="surrogateescape").decode(errors="replace")
            self._on_hint(WatchHint(readable, deep, sign))

    def _end_root(self) -> None:
        self._on_trouble(
            WatchTrouble.STOPPED,
            N_("{path} was moved, deleted or unmounted; watching stopped", path=self._path),
        )

    # Watches.

    def _watch_root(self) -> None:
        with self._lock, Folder.open_root(self._path) as root:
            status = root.status()
            self._warn_of_network(status.st_dev)
            self._watch_below(root, None, "")

    def _warn_of_network(self, device: int) -> None:
        with suppress(OSError), open("/proc/self/mountinfo", encoding="utf-8") as file:
            kind = network_file_system(file.read(), device)
            if kind is not None:
                self._on_trouble(
                    WatchTrouble.UNSUPPORTED,
                    N_(
                        "{path} is on a network file system ({kind}), which does not tell of "
                        "changes by other computers; it is looked through at intervals instead",
                        path=self._path,
                        kind=kind,
                    ),
                )

    def _watch_below(self, top: Folder, parent: int | None, name: str) -> bool:
        """Watch a folder and all below it; whether the folder itself was not watched before."""
        watched = self._watch(top, parent, name)
        if watched is None:
            return True
        watch, is_new = watched
        if is_new or parent is None:
            self._watch_inside(top, watch, MOST_DEPTH)
        return is_new

    def _watch_inside(self, folder: Folder, watch: int, depth: int) -> None:
        """Mounts and links are refused by `child`; what cannot be opened is the scan's to tell."""
        for name in _subfolders(folder) if depth else ():
            with suppress(OSError), folder.child(name) as below:
                watched = self._watch(below, watch, name)
                if watched is not None:
                    self._watch_inside(below, watched[0], depth - 1)

    def _watch(self, folder: Folder, parent: int | None, name: str) -> tuple[int, bool] | None:
        """(descriptor, whether it is a new one); None where it cannot be watched."""
        if self._reader is None:
            return None
        self._last_id += 1
        callback_id = CallbackId(self._last_id)
        path = b"/proc/self/fd/%d" % folder.descriptor
        mask = _ROOT_MASK if parent is None else _MASK
        try:
            watch = self._reader.add_callback(path, mask, self, callback_id)
        except OSError as error:
            self._cannot_watch(error)
            return None
        if watch < 0:
            return None
        is_new = watch not in self._ids
        if is_new:
            self._ids[watch] = callback_id
        else:
            self._reader.remove_callbacks([(watch, callback_id)])
        if parent is None:
            self._tree.set_root(watch)
        else:
            self._tree.place(watch, parent, name)
        return watch, is_new

    def _cannot_watch(self, error: OSError) -> None:
        if error.errno in (errno.ENOSPC, errno.EMFILE) and not self._at_limit:
            self._at_limit = True
            self._on_trouble(WatchTrouble.LIMIT, _LIMIT_TEXT)

    def _give_up_strays(self) -> None:
        """Folders that moved out of the synced folder some time ago are no more our concern."""
        if self._left_at is None or time.monotonic() - self._left_at < _STRAY_SECONDS:
            return
        self._left_at = None
        for watch in self._tree.strays():
            callback_id = self._ids.pop(watch, None)
            self._tree.forget(watch)
            if callback_id is not None and self._reader is not None:
                self._reader.remove_callbacks([(WatchDescriptor(watch), callback_id)])


def _subfolders(folder: Folder) -> list[str]:
    """By the kind that the listing itself tells: no `lstat` for each file."""
    with os.scandir(folder.descriptor) as entries:
        return [
            entry.name
            for entry in entries
            if entry.is_dir(follow_symlinks=False) and not _is_skipped(entry.name)
        ]


def _is_skipped(name: str) -> bool:
    """What the scan skips: our own folder, and names that are no text."""
    if is_reserved(name):
        return True
    try:
        name.encode()
    except UnicodeEncodeError:
        return True
    return False
