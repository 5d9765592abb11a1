"""Who uses the tray: by what is on the screen, and with a mouse."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PIL import Image

from dreamsync.core.status import Activity, Status
from dreamsync.tray.icons import Mark
from dreamsync.tray.menu import Item, Menu, menu_of
from dreamsync.tray.view import View
from tests.support.e2e import wait_until
from tests.support.screen import Screen
from tests.support.tray_picture import ICON, THE_ICON, Box, opened_between, place_of, seen_mark

_STILL_SECONDS = 0.3


class Daemon(Protocol):
    def status(self) -> Status: ...

    def activity(self, *, limit: int) -> Sequence[Activity]: ...


@dataclass
class Person:
    """Sits before the screen, sees the icon and uses the mouse. `daemon` tells which lines the menu
    has now; `pictures` is where pictures of open menus go."""

    screen: Screen
    daemon: Callable[[], Daemon]
    pictures: Path

    def sees(self, mark: Mark) -> None:
        wait_until(lambda: seen_mark(self.screen.picture()) is mark, f"the icon {mark}")

    def sees_no_icon(self) -> None:
        wait_until(lambda: seen_mark(self.screen.picture()) is None, "no icon")

    def chooses(self, *labels: str) -> None:
        """Open the icon's menu, go through submenus, click the last."""
        items, known = self._menu(), [THE_ICON]
        before = self.screen.picture()
        self.screen.click(*ICON, button=3)
        for label in labels[:-1]:
            known.append(self._opened(before, known))
            self.screen.click(*place_of(label, items, known[-1]))
            items = _named(label, items).items
        box = self._opened(before, known)
        self.screen.picture().save(self.pictures / f"{'-'.join(labels)}.png")
        self.screen.click(*place_of(labels[-1], items, box))

    def _menu(self) -> Menu:
        """What the daemon's state makes of the menu; the number of its lines is what matters."""
        daemon = self.daemon()
        status, recent = daemon.status(), tuple(daemon.activity(limit=10))
        now_ms = round(time.time() * 1000)
        return menu_of(View(now_ms, status, recent=recent, folder=status.folder))

    def _opened(self, before: Image.Image, known: Sequence[Box]) -> Box:
        """Where a menu has opened since, besides what is known."""
        wait_until(lambda: opened_between(before, self.screen.picture(), besides=known), "the menu")
        box = opened_between(before, self._settled(), besides=known)
        assert box is not None
        return box

    def _settled(self) -> Image.Image:
        """The screen once it was still for a while: menus fade in, and take no click before."""
        picture, since = self.screen.picture(), time.monotonic()

        def still() -> bool:
            nonlocal picture, since
            now = self.screen.picture()
            if now.tobytes() != picture.tobytes():
                picture, since = now, time.monotonic()
            return time.monotonic() > since + _STILL_SECONDS

        wait_until(still, "the screen to be still", seconds=20)
        return picture


def _named(label: str, items: Menu) -> Item:
    return next(item for item in items if item.label.startswith(label))
