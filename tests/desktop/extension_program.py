"""A file manager of a few lines: the system's Python and GLib's real main loop, but a window that
is JSON on stdout.

Run by a Python that has `gi`: `python extension_program.py EXTENSION HOST`. A line of JSON on stdin
is an order: `{"show": [path, ...]}`, `{"hide": [path, ...]}`, `{"menu": [path, ...]}`,
`{"click": label, "on": [path, ...]}`. It answers with `{"path": ..., "emblems": [...]}` whenever an
item is drawn anew, and with `{"menu": [[label, sensitive], ...]}`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
import types
import urllib.parse
from typing import Any, ClassVar

from gi.repository import GLib, GObject

_SHOWN: dict[str, FileInfo] = {}


class FileInfo:
    """An item on the screen."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.emblems: list[str] = []

    def get_uri(self) -> str:
        return "file://" + urllib.parse.quote_from_bytes(os.fsencode(self.path))

    def is_directory(self) -> bool:
        return os.path.isdir(self.path)

    def add_emblem(self, name: str) -> None:
        self.emblems.append(name)

    def invalidate_extension_info(self) -> None:
        GLib.idle_add(draw, self)

    @staticmethod
    def lookup_for_uri(uri: str) -> FileInfo | None:
        path = os.fsdecode(urllib.parse.unquote_to_bytes(uri[len("file://") :]))
        return _SHOWN.get(path)


class MenuItem(GObject.GObject):
    __gsignals__: ClassVar[dict[str, Any]] = {"activate": (GObject.SignalFlags.RUN_LAST, None, ())}
    sensitive = GObject.Property(type=bool, default=True)

    def __init__(self, name: str, label: str, tip: str, icon: str) -> None:
        super().__init__()
        self.label = label
        self.items: list[MenuItem] = []

    def set_submenu(self, menu: Menu) -> None:
        self.items = menu.items


class Menu:
    def __init__(self) -> None:
        self.items: list[MenuItem] = []

    def append_item(self, item: MenuItem) -> None:
        self.items.append(item)


class InfoProvider(GObject.GInterface):
    pass


class MenuProvider(GObject.GInterface):
    pass


def say(**told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def draw(item: FileInfo) -> bool:
    item.emblems = []
    began = time.monotonic()
    PROVIDER.update_file_info(item)
    say(path=item.path, emblems=item.emblems, took=time.monotonic() - began)
    return False


def menu_of(paths: list[str]) -> Any:
    items = [FileInfo(path) for path in paths]
    window = () if HOST == "nautilus" else (None,)
    return PROVIDER.get_file_items(*window, items)


def follow(order: dict[str, Any]) -> None:
    for path in order.get("show", ()):
        _SHOWN[path] = FileInfo(path)
        draw(_SHOWN[path])
    for path in order.get("hide", ()):
        del _SHOWN[path]
    if "menu" in order:
        top = menu_of(order["menu"])
        say(menu=[[one.label, one.sensitive] for item in top for one in item.items])
    if "click" in order:
        (top,) = menu_of(order["on"])
        next(one for one in top.items if one.label == order["click"]).emit("activate")


def heard(_fd: int, _condition: object) -> bool:
    line = sys.stdin.readline()
    if not line:
        LOOP.quit()
        return False
    follow(json.loads(line))
    return True


def load(path: str) -> Any:
    spec = importlib.util.spec_from_file_location("dreamsync_files", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.DreamsyncFiles()


HOST = sys.argv[2]
manager = types.ModuleType("gi.repository." + HOST.capitalize())
for part in (FileInfo, MenuItem, Menu, InfoProvider, MenuProvider):
    setattr(manager, part.__name__, part)
sys.modules[manager.__name__] = manager
PROVIDER = load(sys.argv[1])
LOOP = GLib.MainLoop()
GLib.io_add_watch(0, GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN | GLib.IOCondition.HUP, heard)
LOOP.run()
