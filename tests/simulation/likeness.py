"""Whether two servers' answers are the same, but for how they call things.

Ids, cursors and addresses differ, and are learnt from the answers: what has one name there has one
name here. Times of a server's own, and what it offers besides, are not compared.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from dreamsync.remotes.protocol import BlockTicket

_NOT_COMPARED = frozenset(
    (
        *("created_at", "updated_at", "modified_at", "mime_type"),
        *("server_time", "capabilities", "space_id", "quota_used", "quota_limit"),
        *("headers", "message", "retry_after"),
    )
)
_NAMES = frozenset(("id", "parent_id", "cursor", "url"))
_CHANGING = frozenset(("cursor", "url"))
"""One position, or one place to send a block to, may be called differently at another time."""


class Likeness:
    """`differences` learns names from the answers that it compares, `translated` uses them."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._tickets: dict[tuple[str | None, int], BlockTicket] = {}

    def translated(self, value: object) -> object:
        """The same in the other server's names."""
        if isinstance(value, BlockTicket):
            return self._tickets.get((value.url, value.index), value)
        if isinstance(value, str):
            return self._names.get(value, value)
        if isinstance(value, list | tuple):
            return type(value)([self.translated(item) for item in value])
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return dataclasses.replace(
                value, **{name: self.translated(item) for name, item in _fields(value)}
            )
        return value

    def differences(self, expected: object, found: object, at: str = "") -> Iterator[str]:
        """In words, each with its place."""
        if isinstance(expected, BlockTicket) and isinstance(found, BlockTicket):
            self._tickets[(expected.url, expected.index)] = found
        for kinds, compare in self._kinds():
            if isinstance(expected, kinds) and isinstance(found, kinds):
                yield from compare(expected, found, at)
                return
        if dataclasses.is_dataclass(expected) and type(expected) is type(found):
            yield from self._of_fields(expected, found, at)
        elif isinstance(expected, Exception) and type(expected) is type(found):
            return
        elif expected != found:
            yield f"{at}: {expected!r} became {found!r}"

    def _kinds(self) -> Iterator[tuple[type | tuple[type, ...], Callable[..., Iterator[str]]]]:
        yield datetime, lambda *_: iter(())
        yield Mapping, self._of_mappings
        yield (list, tuple), self._of_items

    def _of_mappings(
        self, expected: Mapping[int, str], found: Mapping[int, str], at: str
    ) -> Iterator[str]:
        yield from self._of_items(sorted(expected.items()), sorted(found.items()), at)

    def _of_items(
        self, expected: Sequence[object], found: Sequence[object], at: str
    ) -> Iterator[str]:
        if len(expected) != len(found):
            yield f"{at}: {len(expected)} items became {len(found)}: {expected} and {found}"
            return
        for number, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from self.differences(one, other, f"{at}[{number}]")

    def _of_fields(self, expected: object, found: object, at: str) -> Iterator[str]:
        for name, one in _fields(expected):
            other = getattr(found, name)
            if name in _NAMES and isinstance(one, str) and isinstance(other, str):
                yield from self._of_names(name, one, other, at)
            elif name not in _NOT_COMPARED:
                yield from self.differences(one, other, f"{at}.{name}")

    def _of_names(self, name: str, one: str, other: str, at: str) -> Iterator[str]:
        known = self._names.setdefault(one, other)
        if known != other and name not in _CHANGING:
            yield f"{at}.{name}: {one} was {known}, and is {other} now"
        self._names[one] = other


def _fields(value: object) -> Iterator[tuple[str, object]]:
    for field in dataclasses.fields(value):  # type: ignore[arg-type]
        yield field.name, getattr(value, field.name)
