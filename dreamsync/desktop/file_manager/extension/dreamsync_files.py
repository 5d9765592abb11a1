"""Emblems and a menu for what dreamsync syncs, in Nautilus, Nemo and Caja.

`dreamsync desktop install` put this file here, and `dreamsync desktop remove` takes it away.

It runs in the file manager's process, with whatever Python that has: nothing is imported but the
standard library and the file manager's own bindings. It never waits: what is not known yet is asked
for over the daemon's socket by the main loop, and drawn when the answer is there. Without a daemon
there is nothing to tell, so nothing is drawn.
"""

from __future__ import annotations

import importlib
import json
import os
import socket
import subprocess
import time
import urllib.parse
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from gi.repository import GLib, GObject

MOST_SHOWN = 5000
"""Items whose state is remembered; who scrolls through more asks again."""
MOST_AT_ONCE = 100
MOST_BYTES = 40_000
"""The daemon takes no larger request than 64 KiB."""
GATHER_MS = 30
"""A folder's items come one by one; they are asked for together."""
BETWEEN_CHANGES_MS = 1000
RETRY_MS = (2000, 5000, 15_000, 30_000)
WAIT_SECONDS = 55
PATIENCE_MS = 70_000
RECORDS_SECONDS = 5.0

EMBLEMS = {
    "synced": "dreamsync-synced",
    "pending": "dreamsync-pending",
    "held": "dreamsync-problem",
    "problem": "dreamsync-problem",
    "ignored": "dreamsync-ignored",
}
"""Of each state the emblem; its icon is called `emblem-` and this."""

_HOST = os.path.basename(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_MANAGER: Any = importlib.import_module("gi.repository." + _HOST.partition("-")[0].capitalize())
"""Where this file lies, such as `nemo-python/extensions`, says whose it is."""

_DATA = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
RECORDS = os.path.join(_DATA, "dreamsync", "file-managers")


class Question:
    """One request to the daemon. `done` gets its result, or None where there is none."""

    def __init__(self, path: str, call: str, body: object, done: Callable[[object], None]) -> None:
        self._done: Callable[[object], None] | None = done
        self._answer = b""
        family = socket.AF_UNIX  # type: ignore[attr-defined,unused-ignore]  # never on Windows
        self._connection = socket.socket(family, socket.SOCK_STREAM)
        self._connection.setblocking(False)
        self._sources: list[int] = []
        try:
            self._connection.connect(path)
            request = _request(call, body)
            if self._connection.send(request) != len(request):
                raise OSError("the request is too large")
        except OSError:
            self._connection.close()
            # Whoever asks is not yet ready for the answer.
            self._sources.append(GLib.idle_add(self._give_up))
            return
        conditions = GLib.IOCondition.IN | GLib.IOCondition.HUP | GLib.IOCondition.ERR
        watch = GLib.io_add_watch(
            self._connection.fileno(), GLib.PRIORITY_DEFAULT_IDLE, conditions, self._readable
        )
        self._sources = [watch, GLib.timeout_add(PATIENCE_MS, self._give_up)]

    def _readable(self, _fd: int, _condition: object) -> bool:
        try:
            piece = self._connection.recv(65536)
        except BlockingIOError:
            return True
        except OSError:
            piece = b""
        self._answer += piece
        if piece:
            return True
        self._sources.pop(0)
        self._end(_result(self._answer))
        return False

    def _give_up(self) -> bool:
        self._sources.pop()
        self._end(None)
        return False

    def _end(self, result: object) -> None:
        for source in self._sources:
            GLib.source_remove(source)
        self._sources = []
        self._connection.close()
        done, self._done = self._done, None
        if done is not None:
            done(result)


def _request(call: str, body: object) -> bytes:
    content = json.dumps(body).encode()
    head = f"POST /v1/{call} HTTP/1.0\r\nHost: localhost\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


def _result(answer: bytes) -> object:
    head, _blank, body = answer.partition(b"\r\n\r\n")
    if not head.startswith((b"HTTP/1.0 200", b"HTTP/1.1 200")):
        return None
    try:
        return json.loads(body)["result"]
    except (ValueError, KeyError, TypeError):
        return None


class Folder:
    """One synced folder, as far as it is being looked at: paths, relative to it, and states."""

    def __init__(self, record: dict[str, Any]) -> None:
        self.record = record
        self._roots = [record["folder"], os.path.realpath(record["folder"])]
        self._shown: OrderedDict[str, str | None] = OrderedDict()
        self._uris: dict[str, str] = {}
        self._wanted: OrderedDict[str, None] = OrderedDict()
        self._asking = False
        self._following = False
        self._revision: int | None = None
        self._failures = 0

    def inside(self, path: str) -> str | None:
        """`path` relative to the folder; None for one elsewhere."""
        for root in self._roots:
            if path == root:
                return ""
            if path.startswith(root + "/"):
                return path[len(root) + 1 :]
        return None

    def state(self, path: str) -> str | None:
        return self._shown.get(path)

    def close(self) -> None:
        """Its record is gone, or another now: what is shown of it is to be asked for anew."""
        items = [self._item(path) for path in self._shown]
        self._shown.clear()
        self._wanted.clear()
        for item in items:
            if item is not None:
                item.invalidate_extension_info()

    def show(self, path: str, uri: str) -> str | None:
        """What is known of an item that has come into view; the rest is asked for."""
        known = path in self._shown
        self._shown.setdefault(path, None)
        self._shown.move_to_end(path)
        self._uris[path] = uri
        while len(self._shown) > MOST_SHOWN:
            gone, _state = self._shown.popitem(last=False)
            self._uris.pop(gone, None)
        if not known:
            self._want([path])
        return self._shown[path]

    def _want(self, paths: list[str]) -> None:
        self._wanted.update(dict.fromkeys(paths))
        if self._wanted and not self._asking:
            self._asking = True
            GLib.timeout_add(GATHER_MS, self._ask)

    def _ask(self) -> bool:
        paths: list[str] = []
        size = 0
        while self._wanted and len(paths) < MOST_AT_ONCE and size < MOST_BYTES:
            path, _none = self._wanted.popitem(last=False)
            paths.append(path)
            size += len(json.dumps(path)) + 2
        Question(
            self.record["socket"],
            "item-states",
            {"paths": paths},
            lambda result: self._told(paths, result),
        )
        return False

    def _told(self, paths: list[str], result: object) -> None:
        self._asking = False
        if not isinstance(result, list) or len(result) != len(paths):
            self._lost()
            return
        self._failures = 0
        for path, state in zip(paths, result):  # noqa: B905 - older Pythons have no `strict`
            self._note(path, state)
        self._want([])
        self._follow()

    def _note(self, path: str, state: str | None) -> None:
        if path in self._shown and self._shown[path] != state:
            self._shown[path] = state
            item = self._item(path)
            if item is not None:
                item.invalidate_extension_info()

    def _item(self, path: str) -> Any:
        """The file manager's own object; None where it shows the item no longer."""
        return _MANAGER.FileInfo.lookup_for_uri(self._uris.get(path, ""))

    def _lost(self) -> None:
        """No daemon, or one that is too busy: nothing is known any more."""
        self._wanted.clear()
        self._revision = None
        for path in list(self._shown):
            self._note(path, None)
        wait = RETRY_MS[min(self._failures, len(RETRY_MS) - 1)]
        self._failures += 1
        if not self._following:
            self._following = True
            GLib.timeout_add(wait, self._look_again)

    def _follow(self) -> None:
        """Hear of changes, for as long as something is shown."""
        if self._following or not self._shown:
            return
        self._following = True
        before = -1 if self._revision is None else self._revision
        seconds = 0.0 if self._revision is None else float(WAIT_SECONDS)
        body = {"after_revision": before, "seconds": seconds}
        Question(self.record["socket"], "wait-for-revision", body, self._heard)

    def _heard(self, revision: object) -> None:
        self._following = False
        _FOLDERS.refresh()
        if not isinstance(revision, int):
            self._lost()
        elif revision == self._revision:
            self._follow_what_is_shown()
        else:
            first = self._revision is None
            self._revision = revision
            self._following = True
            GLib.timeout_add(GATHER_MS if first else BETWEEN_CHANGES_MS, self._look_again)

    def _look_again(self) -> bool:
        self._following = False
        self._forget_unseen()
        if self._shown:
            self._want(list(self._shown))
        return False

    def _follow_what_is_shown(self) -> None:
        self._forget_unseen()
        self._follow()

    def _forget_unseen(self) -> None:
        for path in [path for path in self._shown if self._item(path) is None]:
            del self._shown[path]
            self._uris.pop(path, None)


class Folders:
    """All synced folders of this person, as their records say."""

    def __init__(self) -> None:
        self._folders: dict[str, Folder] = {}
        self._looked = float("-inf")

    def find(self, path: str) -> tuple[Folder, str] | None:
        if time.monotonic() > self._looked + RECORDS_SECONDS:
            self.refresh()
        for folder in self._folders.values():
            inside = folder.inside(path)
            if inside is not None:
                return folder, inside
        return None

    def refresh(self) -> None:
        self._looked = time.monotonic()
        found = _records()
        old = self._folders
        self._folders = {
            name: old[name] if name in old and old[name].record == record else Folder(record)
            for name, record in found.items()
        }
        for name, folder in old.items():
            if self._folders.get(name) is not folder:
                folder.close()


def _records() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    try:
        names = [name for name in sorted(os.listdir(RECORDS)) if name.endswith(".json")]
    except OSError:
        return found
    for name in names:
        try:
            with open(os.path.join(RECORDS, name), encoding="utf-8") as file:
                found[name] = json.load(file)
        except (OSError, ValueError):
            continue
    return found


_FOLDERS = Folders()


def _path_of(item: Any) -> str | None:
    """On this disk; None for what lies elsewhere."""
    uri = item.get_uri()
    if not uri.startswith("file:///"):
        return None
    return os.fsdecode(urllib.parse.unquote_to_bytes(uri[len("file://") :])).rstrip("/") or "/"


def _located(item: Any) -> tuple[Folder, str, str] | None:
    """The synced folder that it is in, its path there, and its path on this disk."""
    path = _path_of(item)
    found = _FOLDERS.find(path) if path is not None else None
    if path is None or found is None:
        return None
    return found[0], found[1], path


class DreamsyncFiles(GObject.GObject, _MANAGER.InfoProvider, _MANAGER.MenuProvider):
    """What the file manager calls."""

    def update_file_info(self, item: Any) -> None:
        located = _located(item)
        if located is not None:
            folder, inside, _path = located
            emblem = EMBLEMS.get(folder.show(inside, item.get_uri()) or "")
            if emblem is not None:
                item.add_emblem(emblem)

    def get_file_items(self, *arguments: Any) -> list[Any]:
        """With the window before the items in some versions, without it in others."""
        items = arguments[-1]
        located = [one for one in map(_located, items) if one is not None]
        if len(located) != len(items) or len({folder for folder, _inside, _path in located}) != 1:
            return []
        if "" in {inside for _folder, inside, _path in located}:
            return []
        folder, inside, _path = located[0]
        alone = len(items) == 1
        paths = [path for _folder, _inside, path in located]
        is_file = alone and not items[0].is_directory()
        return [_menu(folder, paths, inside if alone else None, is_file)]

    def get_background_items(self, *_arguments: object) -> list[Any]:
        return []


def _menu(folder: Folder, paths: list[str], only: str | None, is_file: bool) -> Any:
    item = _MANAGER.MenuItem(name="Dreamsync::menu", label="dreamsync", tip="", icon="")
    menu = _MANAGER.Menu()
    item.set_submenu(menu)
    told = folder.record["states"].get(folder.state(only)) if only is not None else None
    if told:
        line = _MANAGER.MenuItem(name="Dreamsync::state", label=told, tip="", icon="")
        line.set_property("sensitive", False)
        menu.append_item(line)
    for entry in folder.record["menu"]:
        if is_file or not entry["for_one_file"]:
            menu.append_item(_menu_item(folder, entry, paths))
    return item


def _menu_item(folder: Folder, entry: dict[str, Any], paths: list[str]) -> Any:
    item = _MANAGER.MenuItem(
        name="Dreamsync::" + entry["action"], label=entry["label"], tip="", icon=""
    )
    item.connect("activate", lambda _item: _start(folder.record, entry["action"], paths))
    return item


def _start(record: dict[str, Any], action: str, paths: list[str]) -> None:
    process = subprocess.Popen(  # noqa: S603 - our own program, no shell
        [*record["command"], "desktop", action, "--", *paths],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    # Nobody else waits for it: a child that has ended would stay in the list of processes.
    GLib.child_watch_add(GLib.PRIORITY_DEFAULT, process.pid, lambda *_ended: None)
    process.returncode = 0
