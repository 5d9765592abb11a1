"""Strict reading of JSON objects: each accessor gives a typed value or raises `WireError`."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar

_RFC_3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)\Z", re.ASCII
)

_Message = TypeVar("_Message")


class WireError(ValueError):
    """A message that does not fit the contract; the text says which field and why."""


@dataclass(frozen=True, slots=True)
class Fields:
    """One JSON object, read field by field. Unknown fields are ignored: servers may say more."""

    _values: Mapping[str, object]
    _what: str

    @classmethod
    def of(cls, value: object, what: str) -> "Fields":
        if not isinstance(value, dict):
            raise WireError(f"{what}: expected an object, got {type(value).__name__}")
        return cls(value, what)

    @property
    def names(self) -> Sequence[str]:
        return tuple(self._values)

    def has(self, name: str) -> bool:
        return self._values.get(name) is not None

    def text(self, name: str) -> str:
        value = self._values.get(name)
        if not isinstance(value, str):
            raise self._wrong(name, "text")
        return value

    def text_or(self, name: str, default: str) -> str:
        return default if self._values.get(name) is None else self.text(name)

    def optional_text(self, name: str) -> str | None:
        return None if self._values.get(name) is None else self.text(name)

    def one_of(self, name: str, allowed: Sequence[str], *, default: str) -> str:
        value = self.text_or(name, default)
        if value not in allowed:
            raise self._wrong(name, f"one of {', '.join(allowed)}")
        return value

    def integer(self, name: str) -> int:
        value = self._values.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
            raise self._wrong(name, "a non-negative integer")
        return value

    def integer_or(self, name: str, default: int) -> int:
        return default if self._values.get(name) is None else self.integer(name)

    def optional_integer(self, name: str) -> int | None:
        return None if self._values.get(name) is None else self.integer(name)

    def flag(self, name: str) -> bool:
        value = self._values.get(name)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def flag_or(self, name: str, *, default: bool) -> bool:
        return default if self._values.get(name) is None else self.flag(name)

    def optional_flag(self, name: str) -> bool | None:
        return None if self._values.get(name) is None else self.flag(name)

    def items(self, name: str) -> Sequence[object]:
        value = self._values.get(name)
        if not isinstance(value, list):
            raise self._wrong(name, "a list")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        values = self.items(name)
        texts = tuple(value for value in values if isinstance(value, str))
        if len(texts) != len(values):
            raise self._wrong(name, "a list of texts")
        return texts

    def texts_or(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        return default if self._values.get(name) is None else self.texts(name)

    def integers_or(self, name: str, default: tuple[int, ...]) -> tuple[int, ...]:
        if self._values.get(name) is None:
            return default
        values = self.items(name)
        integers = tuple(value for value in values if type(value) is int and value >= 0)
        if len(integers) != len(values):
            raise self._wrong(name, "a list of non-negative integers")
        return integers

    def messages(self, name: str, parse: Callable[[object], _Message]) -> tuple[_Message, ...]:
        return tuple(parse(value) for value in self.items(name))

    def optional_child(self, name: str, parse: Callable[[object], _Message]) -> _Message | None:
        value = self._values.get(name)
        return None if value is None else parse(value)

    def child(self, name: str) -> "Fields":
        return Fields.of(self._values.get(name), f"{self._what}.{name}")

    def child_or_empty(self, name: str) -> "Fields":
        return Fields({}, self._what) if self._values.get(name) is None else self.child(name)

    def optional_time(self, name: str) -> datetime | None:
        value = self.optional_text(name)
        if value is None:
            return None
        moment = _datetime_of(value)
        if moment is None:
            raise self._wrong(name, "an RFC 3339 time")
        return moment

    def optional_nanoseconds(self, name: str) -> int | None:
        value = self.optional_text(name)
        if value is None:
            return None
        moment_ns = _nanoseconds_of(value)
        if moment_ns is None:
            raise self._wrong(name, "an RFC 3339 time")
        return moment_ns

    def _wrong(self, name: str, expected: str) -> WireError:
        return WireError(f"{self._what}: field {name!r} must be {expected}")


@lru_cache(maxsize=1024)
def _nanoseconds_of(value: str) -> int | None:
    """None where it is no RFC 3339 time. All files of a batch have the same times but one."""
    match = _RFC_3339.match(value)
    if match is None:
        return None
    date, clock, fraction, zone = match.groups()
    offset = "+00:00" if zone in "Zz" else zone
    try:
        whole = datetime.fromisoformat(f"{date}T{clock}{offset}")
    except ValueError:
        return None
    return int(whole.timestamp()) * 1_000_000_000 + int(f"{fraction or 0:0<9}"[:9])


@lru_cache(maxsize=1024)
def _datetime_of(value: str) -> datetime | None:
    """None where it is no RFC 3339 time, or one that this system cannot tell."""
    moment_ns = _nanoseconds_of(value)
    if moment_ns is None:
        return None
    try:
        return datetime.fromtimestamp(moment_ns / 1_000_000_000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
