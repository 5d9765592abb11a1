"""Finding one's way on a picture of the screen: the icon in the panel, the lines of a menu."""

from collections.abc import Sequence

from PIL import Image, ImageChops, ImageStat

from dreamsync.tray.icons import Mark, Panel, draw
from dreamsync.tray.menu import Item
from tests.support.screen import PANEL_HEIGHT, SIZE

_ICON_SIZE = 22
"""What xfce4-panel makes of a panel of 32 pixels."""
_SEARCHED = 8
_MOST_DIFFERENCE = 6.0
"""Of 255, on average: a panel draws light behind what the mouse is over."""
_PADDING = 4
_SEPARATOR = 1

ICON = (12, SIZE[1] - PANEL_HEIGHT // 2)
"""Its middle: the panel holds nothing else and begins on the left."""

Box = tuple[int, int, int, int]

THE_ICON: Box = (0, SIZE[1] - PANEL_HEIGHT, 2 * ICON[0], SIZE[1])
"""The panel lights it up."""


def seen_mark(picture: Image.Image) -> Mark | None:
    """The mark of the icon in the panel; None where there is none that looks like one."""
    ground = picture.getpixel((SIZE[0] // 2, ICON[1]))
    assert isinstance(ground, tuple)
    differences = {mark: _difference(picture, mark, ground) for mark in Mark}
    nearest = min(differences, key=lambda mark: differences[mark])
    return nearest if differences[nearest] < _MOST_DIFFERENCE else None


def _difference(picture: Image.Image, mark: Mark, ground: tuple[int, ...]) -> float:
    expected = Image.new("RGB", (_ICON_SIZE, _ICON_SIZE), ground[:3])
    icon = draw(mark, _ICON_SIZE, Panel.EITHER)
    expected.paste(icon, mask=icon)
    top = SIZE[1] - PANEL_HEIGHT
    return min(
        _distance(picture.crop((x, y, x + _ICON_SIZE, y + _ICON_SIZE)), expected)
        for x in range(_SEARCHED)
        for y in range(top, top + PANEL_HEIGHT - _ICON_SIZE)
    )


def _distance(one: Image.Image, other: Image.Image) -> float:
    return float(sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3)


def opened_between(
    before: Image.Image, after: Image.Image, *, besides: Sequence[Box]
) -> Box | None:
    """What has opened between two pictures, besides what has changed in known places."""
    changed = ImageChops.difference(before, after)
    for box in besides:
        changed.paste(0, box)
    return changed.getbbox()


def place_of(label: str, items: Sequence[Item], menu: Box) -> tuple[int, int]:
    """Where to click for the line that begins with `label`. All lines of a menu are of one
    height."""
    left, top, right, bottom = menu
    separators = sum(item.is_separator for item in items)
    lines = len(items) - separators
    height = (bottom - top - 2 * _PADDING - separators * _SEPARATOR) / lines
    y = top + _PADDING + height / 2
    for item in items:
        if item.label.startswith(label):
            return (left + right) // 2, round(y)
        y += _SEPARATOR if item.is_separator else height
    raise AssertionError(f"no line {label!r} in {[item.label for item in items]}")
