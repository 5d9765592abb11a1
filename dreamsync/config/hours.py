"""Times of the week as a person writes them: "mon-fri 08:00-18:00, sat 22:00-06:00"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW = re.compile(
    r"(?:(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))?\s+)?"
    r"(?P<begin>\d{1,2}:\d{2})\s*-\s*(?P<end>\d{1,2}:\d{2})"
)
_MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Window:
    """Minutes of the day, on these days (Monday is 0). One that ends before it begins goes on into
    the next day; it belongs to the day on which it begins."""

    days: frozenset[int]
    begin: int
    end: int

    def holds(self, day: int, minute: int) -> bool:
        if self.begin < self.end:
            return day in self.days and self.begin <= minute < self.end
        yesterday = (day - 1) % 7
        return (day in self.days and minute >= self.begin) or (
            yesterday in self.days and minute < self.end
        )


def parse_hours(text: str) -> Sequence[Window]:
    """The windows that `text` names; none for an empty one. Raise `ValueError`."""
    return [_window(part.strip().lower()) for part in text.split(",")] if text.strip() else []


def in_hours(windows: Sequence[Window], now: datetime) -> bool:
    """Whether `now`, as the clock on the wall shows it, is within one of them."""
    return any(one.holds(now.weekday(), now.hour * 60 + now.minute) for one in windows)


def _window(text: str) -> Window:
    match = _WINDOW.fullmatch(text)
    if match is None:
        raise ValueError(text)
    begin, end = _minute(match["begin"]), _minute(match["end"])
    if begin in (end, _MINUTES_A_DAY):
        raise ValueError(text)
    return Window(_days(match["first"], match["last"]), begin, end)


def _days(first: str | None, last: str | None) -> frozenset[int]:
    if first is None:
        return frozenset(range(7))
    begin, end = _DAYS.index(first), _DAYS.index(last or first)
    return frozenset((begin + step) % 7 for step in range((end - begin) % 7 + 1))


def _minute(text: str) -> int:
    hour, minute = map(int, text.split(":"))
    if minute > 59 or hour * 60 + minute > _MINUTES_A_DAY:
        raise ValueError(text)
    return hour * 60 + minute
