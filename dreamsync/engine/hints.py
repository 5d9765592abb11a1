"""Which paths are to be looked at, and when.

A path settles before it is looked at: each new hint puts the look off, up to a limit. What an
operation in flight is about is *postponed* until that job has ended; what could not be read is
tried again after a minute, and counts as no work until then. What was looked at *lately* is
probably still being worked on.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_LONGEST_SETTLING = 2.0
_RETRY_UNREADABLE = 60.0
_LATELY = 1.0
_MOST_REMEMBERED = 1000


@dataclass(slots=True)
class _Hint:
    deep: bool
    first: float
    due: float


class Hints:
    """Times are monotonic seconds. `deep`: all below the path as well."""

    def __init__(self) -> None:
        self._hints: dict[str, _Hint] = {}
        self._postponed: dict[str, bool] = {}
        self._unreadable: dict[str, float] = {}
        self._looked: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._hints)

    def __bool__(self) -> bool:
        """Whether something is waiting to be looked at, due or not."""
        return bool(self._hints)

    def add(self, path: str, *, deep: bool, now: float, delay: float) -> None:
        known = self._hints.get(path)
        first = known.first if known else now
        due = min(now + delay, first + _LONGEST_SETTLING)
        self._hints[path] = _Hint(deep or (known is not None and known.deep), first, due)

    def lately(self, path: str, now: float) -> bool:
        """Whether its hint fell due within the last second."""
        return now < self._looked.get(path, float("-inf")) + _LATELY

    def look_again(self, path: str, *, deep: bool = False) -> None:
        """Soon, and no later for hints that follow."""
        hint = self._hints.setdefault(path, _Hint(deep=deep, first=0.0, due=0.0))
        hint.deep = hint.deep or deep

    def postpone(self, path: str, *, deep: bool = False) -> None:
        self._postponed[path] = deep or self._postponed.get(path, False)

    def release(self) -> None:
        """Jobs have ended: what was postponed may be looked at now."""
        for path, deep in self._postponed.items():
            self.look_again(path, deep=deep)
        self._postponed.clear()

    def retry_unreadable(self, path: str, *, now: float) -> int:
        """In how many milliseconds all of it is looked at again."""
        self._unreadable[path] = now + _RETRY_UNREADABLE
        return int(_RETRY_UNREADABLE * 1000)

    def clear(self) -> None:
        self._hints.clear()
        self._postponed.clear()
        self._unreadable.clear()

    def next_due(self) -> float | None:
        times = [hint.due for hint in self._hints.values()]
        return min((*times, *self._unreadable.values()), default=None)

    def take_due(self, now: float) -> Mapping[str, Mapping[str, bool]]:
        """By folder, the paths that are due, each with whether it is deep."""
        for path in [path for path, at in self._unreadable.items() if at <= now]:
            del self._unreadable[path]
            self.look_again(path, deep=True)
        by_folder: dict[str, dict[str, bool]] = {}
        if len(self._looked) > _MOST_REMEMBERED:
            self._looked.clear()
        for path in [path for path, hint in self._hints.items() if hint.due <= now]:
            self._looked[path] = now
            by_folder.setdefault(path.rpartition("/")[0], {})[path] = self._hints.pop(path).deep
        return by_folder
