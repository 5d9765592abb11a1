"""Numbers for menu lines. A panel clicks numbers, perhaps of a menu that has changed meanwhile: a
number must never come to mean something else.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dreamsync.tray.actions import Action
from dreamsync.tray.menu import Item, Menu

ROOT = 0
_SUBMENU = "submenu"


@dataclass(frozen=True, slots=True)
class Line:
    """An item with its number, and those of a submenu below it."""

    id: int
    item: Item
    lines: "tuple[Line, ...]" = ()

    def everything(self) -> "Iterator[Line]":
        yield self
        for line in self.lines:
            yield from line.everything()

    def shape(self) -> Hashable:
        """Equal where only labels differ."""
        return self.id, self.item.action, tuple(line.shape() for line in self.lines)


@dataclass(slots=True)
class MenuIds:
    """Gives the same number to what asks for the same, and a new one to all else."""

    _given: dict[Hashable, int] = field(default_factory=dict)
    _last: int = ROOT

    def number(self, menu: Menu) -> Line:
        """The whole menu as the submenu of number 0. What is no longer there loses its number."""
        used: dict[Hashable, int] = {}
        lines = self._lines(menu, (), used)
        self._given = used
        return Line(ROOT, Item("root"), lines)

    def _lines(
        self, items: Sequence[Item], place: tuple[int, ...], used: dict[Hashable, int]
    ) -> tuple[Line, ...]:
        lines = []
        for index, item in enumerate(items):
            here = (*place, index)
            number = self._number(_key(item, here, used), used)
            lines.append(Line(number, item, self._lines(item.items, here, used)))
        return tuple(lines)

    def _number(self, key: Hashable, used: dict[Hashable, int]) -> int:
        number = self._given.get(key)
        if number is None:
            self._last += 1
            number = self._last
        used[key] = number
        return number


def _key(item: Item, place: tuple[int, ...], used: Mapping[Hashable, int]) -> Hashable:
    """What does nothing is known by its place; what does something by what it does, and how often
    that was there before."""
    if item.action is None:
        return (_SUBMENU if item.items else item.is_separator, place)
    times = 0
    while (item.action, times) in used:
        times += 1
    return (item.action, times)


def actions_of(root: Line) -> Mapping[int, Action]:
    return {line.id: line.item.action for line in root.everything() if line.item.action is not None}
