"""What of the tray is seen: icon, tooltip and menu as one value."""

from dataclasses import dataclass

from dreamsync.tray.icons import Mark
from dreamsync.tray.menu import Menu, menu_of
from dreamsync.tray.view import View, mark_of
from dreamsync.tray.words import detail_lines, headline


@dataclass(frozen=True, slots=True)
class Face:
    mark: Mark
    title: str
    details: tuple[str, ...]
    menu: Menu


def face_of(view: View) -> Face:
    return Face(mark_of(view), headline(view), tuple(detail_lines(view)), menu_of(view))
