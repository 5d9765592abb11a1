"""The crescent moon in all its states, drawn for any size and for light and dark panels.

States differ in shape; colour only helps. Everything is drawn in units of a sixteenth of the icon,
because 16 pixels are the smallest that a panel shows: what falls on whole units is sharp there.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache

from PIL import Image, ImageChops, ImageDraw

SIZES = (16, 22, 24, 32, 48, 64)
"""What is offered to a panel that chooses for itself."""

_FINER = 8
"""Drawn so many times larger and scaled down: smooth edges."""


class Mark(Enum):
    """What the shape says."""

    TICK = "tick"
    ARROWS = "arrows"
    BARS = "bars"
    OUTLINE = "outline"
    EXCLAMATION = "exclamation"
    CROSS = "cross"
    DOTS = "dots"
    SLASH = "slash"


class Panel(Enum):
    """What the icon lies on. `EITHER`: nobody knows; the colours stand out from both, less."""

    LIGHT = "light"
    DARK = "dark"
    EITHER = "either"


_Point = tuple[float, float]
_Colour = tuple[int, int, int]

_MOON = {Panel.DARK: (255, 224, 138), Panel.LIGHT: (58, 56, 128), Panel.EITHER: (134, 119, 234)}
_COLOURS: Mapping[Panel, Mapping[Mark, _Colour]] = {
    Panel.DARK: {
        Mark.TICK: (122, 226, 136),
        Mark.ARROWS: (122, 192, 255),
        Mark.BARS: (255, 255, 255),
        Mark.OUTLINE: (196, 198, 206),
        Mark.EXCLAMATION: (255, 170, 66),
        Mark.CROSS: (255, 118, 110),
        Mark.DOTS: (196, 198, 206),
        Mark.SLASH: (196, 198, 206),
    },
    Panel.LIGHT: {
        Mark.TICK: (22, 128, 62),
        Mark.ARROWS: (20, 104, 206),
        Mark.BARS: (40, 42, 54),
        Mark.OUTLINE: (92, 94, 106),
        Mark.EXCLAMATION: (196, 88, 0),
        Mark.CROSS: (200, 30, 40),
        Mark.DOTS: (92, 94, 106),
        Mark.SLASH: (92, 94, 106),
    },
    Panel.EITHER: {
        Mark.TICK: (28, 152, 80),
        Mark.ARROWS: (38, 136, 236),
        Mark.BARS: (178, 124, 20),
        Mark.OUTLINE: (126, 128, 140),
        Mark.EXCLAMATION: (224, 112, 16),
        Mark.CROSS: (228, 72, 68),
        Mark.DOTS: (126, 128, 140),
        Mark.SLASH: (126, 128, 140),
    },
}


@dataclass(frozen=True, slots=True)
class _Moon:
    """A disc with another cut out of it towards the upper right; in units."""

    centre: _Point
    radius: float
    cut_radius: float
    shift: float
    """How far the cutting disc's centre lies from the disc's."""
    direction: float = math.radians(-28)

    @property
    def cut_centre(self) -> _Point:
        x, y = self.centre
        return x + self.shift * math.cos(self.direction), y + self.shift * math.sin(self.direction)

    def contour(self, *, steps: tuple[int, int] = (48, 48)) -> tuple[list[_Point], list[_Point]]:
        """The outer and the inner arc from horn to horn, each in so many even steps."""
        along = (self.shift**2 + self.radius**2 - self.cut_radius**2) / (2 * self.shift)
        outer = math.acos(along / self.radius)
        inner = math.acos((along - self.shift) / self.cut_radius)
        turn = self.direction
        return (
            _arc(self.centre, self.radius, turn + outer, turn + 2 * math.pi - outer, steps[0]),
            _arc(
                self.cut_centre, self.cut_radius, turn + inner, turn + 2 * math.pi - inner, steps[1]
            ),
        )


_WHOLE = _Moon(centre=(7.2, 8.5), radius=7.0, cut_radius=6.0, shift=4.0)
_OUTLINED = _Moon(centre=(7.9, 8.1), radius=6.9, cut_radius=5.6, shift=4.4)
_SMALL = _Moon(centre=(7.8, 8.2), radius=3.9, cut_radius=3.0, shift=2.3)


@cache
def draw(mark: Mark, size: int, panel: Panel) -> Image.Image:
    """One icon, `size` pixels wide and high, on nothing."""
    canvas = _Canvas(size)
    shapes = _SHAPES[mark](canvas)
    colour = _COLOURS[panel][mark]
    icon = Image.new("RGBA", (size, size), (*_MOON[panel], 0))
    icon.putalpha(canvas.scaled(shapes.moon))
    if shapes.mark is not None:
        over = Image.new("RGBA", (size, size), (*colour, 0))
        over.putalpha(canvas.scaled(shapes.mark))
        icon = Image.alpha_composite(icon, over)
    return icon


@dataclass(frozen=True, slots=True)
class _Shapes:
    """Where the moon's colour is, and where the mark's."""

    moon: Image.Image
    mark: Image.Image | None = None


class _Canvas:
    """Masks in units, finer than they are asked for."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._scale = size * _FINER / 16

    def scaled(self, mask: Image.Image) -> Image.Image:
        return mask.resize((self._size, self._size), Image.Resampling.BOX)

    def empty(self) -> Image.Image:
        side = self._size * _FINER
        return Image.new("L", (side, side), 0)

    def disc(self, mask: Image.Image, centre: _Point, radius: float, *, fill: int = 255) -> None:
        (x, y), k = centre, self._scale
        box = ((x - radius) * k, (y - radius) * k, (x + radius) * k - 1, (y + radius) * k - 1)
        ImageDraw.Draw(mask).ellipse(box, fill=fill)

    def box(self, mask: Image.Image, place: _Point, width: float, height: float) -> None:
        """Its edges fall on whole pixels of the icon: a bar half a pixel off is a grey smear."""
        left, top, across, down = (
            max(0, round(units * self._size / 16)) * _FINER for units in (*place, width, height)
        )
        ImageDraw.Draw(mask).rectangle((left, top, left + across - 1, top + down - 1), fill=255)

    def polygon(self, mask: Image.Image, points: Sequence[_Point]) -> None:
        k = self._scale
        ImageDraw.Draw(mask).polygon([(x * k, y * k) for x, y in points], fill=255)

    def stroke(self, mask: Image.Image, points: Sequence[_Point], width: float) -> None:
        """A line with round ends and corners."""
        k = self._scale
        scaled = [(x * k, y * k) for x, y in points]
        ImageDraw.Draw(mask).line(scaled, fill=255, width=round(width * k))
        for point in points:
            self.disc(mask, point, width / 2)

    def moon(self, moon: _Moon) -> Image.Image:
        mask = self.empty()
        self.disc(mask, moon.centre, moon.radius)
        self.disc(mask, moon.cut_centre, moon.cut_radius, fill=0)
        return mask


_DrawMark = Callable[[_Canvas, Image.Image, float], None]
"""With the room to leave on all sides."""
_Shape = Callable[[_Canvas], _Shapes]


def _tick(canvas: _Canvas, mask: Image.Image, extra: float) -> None:
    canvas.stroke(mask, [(8.0, 6.6), (10.4, 9.0), (14.8, 3.6)], 2.0 + extra)


def _bars(canvas: _Canvas, mask: Image.Image, extra: float) -> None:
    for left in (8, 12):
        canvas.box(mask, (left - extra, 2 - extra), 2 + 2 * extra, 8 + 2 * extra)


def _exclamation(canvas: _Canvas, mask: Image.Image, extra: float) -> None:
    for top, height in ((1, 6), (8, 3)):
        canvas.box(mask, (10 - extra, top - extra), 3 + 2 * extra, height + 2 * extra)


def _cross(canvas: _Canvas, mask: Image.Image, extra: float) -> None:
    canvas.stroke(mask, [(8.5, 3.0), (14.5, 9.0)], 2.0 + extra)
    canvas.stroke(mask, [(14.5, 3.0), (8.5, 9.0)], 2.0 + extra)


def _beside_moon(draw_mark: _DrawMark) -> _Shape:
    """The moon with a mark where it is hollow, and some room around the mark."""

    def shapes(canvas: _Canvas) -> _Shapes:
        moon, mark, room = canvas.moon(_WHOLE), canvas.empty(), canvas.empty()
        draw_mark(canvas, mark, 0.0)
        draw_mark(canvas, room, 1.0)
        return _Shapes(ImageChops.subtract(moon, room), mark)

    return shapes


def _arrows(canvas: _Canvas) -> _Shapes:
    """Two arrows on their way round a smaller moon."""
    mark = canvas.empty()
    centre, radius = (8.0, 8.0), 6.8
    for start in (0.0, math.pi):
        canvas.stroke(mark, _arc(centre, radius, start + 0.35, start + 2.2), 1.6)
        back = start + 2.2
        corners = ((radius, start + 2.95), (radius + 2.3, back), (radius - 2.3, back))
        canvas.polygon(mark, [_on(centre, far, angle) for far, angle in corners])
    return _Shapes(canvas.moon(_SMALL), mark)


def _outline(canvas: _Canvas) -> _Shapes:
    return _Shapes(canvas.empty(), _outlined(canvas))


def _outlined(canvas: _Canvas) -> Image.Image:
    mask = canvas.empty()
    for arc in _OUTLINED.contour():
        canvas.stroke(mask, arc, 1.5)
    return mask


def _dots(canvas: _Canvas) -> _Shapes:
    """So many that they are equally far apart on both arcs."""
    mask = canvas.empty()
    outer, inner = _OUTLINED.contour(steps=(9, 5))
    for point in [*outer, *inner[1:-1]]:
        canvas.disc(mask, point, 1.05)
    return _Shapes(canvas.empty(), mask)


def _slash(canvas: _Canvas) -> _Shapes:
    room, line = canvas.empty(), canvas.empty()
    ends = [(1.6, 14.4), (14.4, 1.6)]
    canvas.stroke(room, ends, 4.4)
    canvas.stroke(line, ends, 2.0)
    return _Shapes(
        canvas.empty(), ImageChops.add(ImageChops.subtract(_outlined(canvas), room), line)
    )


_SHAPES: Mapping[Mark, _Shape] = {
    Mark.TICK: _beside_moon(_tick),
    Mark.BARS: _beside_moon(_bars),
    Mark.EXCLAMATION: _beside_moon(_exclamation),
    Mark.CROSS: _beside_moon(_cross),
    Mark.ARROWS: _arrows,
    Mark.OUTLINE: _outline,
    Mark.DOTS: _dots,
    Mark.SLASH: _slash,
}


def _on(centre: _Point, radius: float, angle: float) -> _Point:
    return centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)


def _arc(centre: _Point, radius: float, start: float, end: float, steps: int = 48) -> list[_Point]:
    return [_on(centre, radius, start + (end - start) * i / steps) for i in range(steps + 1)]
