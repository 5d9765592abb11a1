"""The icon on Windows and macOS, by pystray."""

import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from dreamsync.i18n import _
from dreamsync.tray.actions import Action, Do
from dreamsync.tray.face import Face
from dreamsync.tray.icons import Panel, draw
from dreamsync.tray.menu import Item, Menu
from dreamsync.tray.notices import Kind, Notice

if TYPE_CHECKING:
    import pystray

_SIZE = 64
"""pystray makes the sizes that the system wants of it."""
_MOST_TITLE, _MOST_HEAD, _MOST_MESSAGE = 127, 63, 255
"""Windows has room for so many UTF-16 units before the closing zero; longer is an error there."""


class PystrayTray:
    """Implements `Tray`. macOS wants `run` in the main thread."""

    def __init__(self, panel: Panel) -> None:
        import pystray

        self._panel = panel
        self._guard = threading.Lock()
        self._shown: Face | None = None
        self._running = False
        self._stopped = False
        self._unsaid: list[Notice] = []
        self._told: Kind | None = None
        self._on_action: Callable[[Action], None] = lambda _action: None
        self._icon = pystray.Icon("dreamsync")

    def run(self, on_action: Callable[[Action], None]) -> None:
        self._on_action = on_action
        self._icon.run(setup=self._ready)

    def show(self, face: Face) -> None:
        with self._guard:
            before, self._shown = self._shown, face
            if self._running:
                _in_main_thread(lambda: self._apply(face, before))

    def notify(self, notice: Notice) -> None:
        """Without buttons: what needs an answer says where it is given."""
        with self._guard:
            self._unsaid.append(notice)
            if self._running:
                _in_main_thread(self._say_all)

    def withdraw(self, kind: Kind) -> None:
        with self._guard:
            self._unsaid = [notice for notice in self._unsaid if notice.kind is not kind]
            if self._running and self._told is kind:
                self._told = None
                _in_main_thread(self._icon.remove_notification)

    def stop(self) -> None:
        with self._guard:
            self._stopped = True
            if self._running:
                _in_main_thread(self._icon.stop)

    def _ready(self, icon: "pystray.Icon") -> None:
        """Called by pystray in a thread of its own, once the icon may be shown."""

        def begin() -> None:
            with self._guard:
                self._running = True
                if self._shown is not None:
                    self._apply(self._shown, None)
                icon.visible = True
                if self._unsaid:
                    _in_main_thread(self._say_all)
                if self._stopped:
                    icon.stop()

        _in_main_thread(begin)

    def _say_all(self) -> None:
        notices, self._unsaid = self._unsaid, []
        for notice in notices if self._icon.HAS_NOTIFICATION else ():
            self._told = notice.kind
            self._icon.notify(_cut(_message(notice), _MOST_MESSAGE), _cut(notice.title, _MOST_HEAD))

    def _apply(self, face: Face, before: Face | None) -> None:
        if before is None or before.mark is not face.mark:
            self._icon.icon = draw(face.mark, _SIZE, self._panel)
        if before is None or (before.title, before.details) != (face.title, face.details):
            self._icon.title = _title(face)
        if before is None or before.menu != face.menu:
            self._icon.menu = self._menu(face.menu)

    def _menu(self, menu: Menu) -> "pystray.Menu":
        import pystray

        return pystray.Menu(*self._items(menu))

    def _items(self, menu: Menu) -> "Iterator[pystray.MenuItem]":
        import pystray

        for item in menu:
            if item.is_separator:
                yield pystray.Menu.SEPARATOR
            elif item.items:
                yield pystray.MenuItem(_label(item), self._menu(item.items))
            else:
                yield pystray.MenuItem(
                    _label(item),
                    self._click(item.action),
                    default=item.action is Do.OPEN_FOLDER,
                    enabled=item.action is not None,
                )

    def _click(self, action: Action | None) -> "Callable[[pystray.Icon, pystray.MenuItem], None]":
        def clicked(_icon: "pystray.Icon", _item: "pystray.MenuItem") -> None:
            if action is not None:
                self._on_action(action)

        return clicked


if sys.platform == "darwin":
    from PyObjCTools import AppHelper

    def _in_main_thread(work: Callable[[], None]) -> None:
        """AppKit may be called from nowhere else, and pystray does not see to it."""
        AppHelper.callAfter(work)

else:

    def _in_main_thread(work: Callable[[], None]) -> None:
        """The other backends hand over by themselves."""
        work()


def _label(item: Item) -> str:
    """Windows takes a lone & for a mark of the letter behind it."""
    return item.label.replace("&", "&&") if sys.platform == "win32" else item.label


def _title(face: Face) -> str:
    return _cut("\n".join((f"dreamsync: {face.title}", *face.details)), _MOST_TITLE)


def _message(notice: Notice) -> str:
    if notice.needs_answer:
        return "\n".join((notice.text, _("Answer in the menu of the icon.")))
    return notice.text


def _cut(text: str, most: int) -> str:
    units = text.encode("utf-16-le")[: 2 * most]
    return units.decode("utf-16-le", "ignore") if sys.platform == "win32" else text
