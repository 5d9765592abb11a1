"""Dataclasses to JSON values and back, by their type hints.

Strict in what a request may hold (`Malformed` names the place); an answer's unknown fields are
passed over, so that a command line of yesterday understands a daemon of today. Texts may hold lone
surrogates (names on disk that are not UTF-8): JSON's ASCII escapes carry them unharmed. Messages
travel as what they were made of, for who reads them may speak another language.
"""

import functools
import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

from dreamsync.message import from_parts, to_parts

Json = Mapping[str, "Json"] | Sequence["Json"] | str | int | float | bool | None


class Malformed(Exception):
    """The value is not of the expected shape; the text says where and why."""


def encode(value: object) -> Json:
    """A JSON value for a dataclass of dataclasses, enums, times, sequences and scalars."""
    if isinstance(value, str):
        return to_parts(value)
    if value is None or isinstance(value, int | float | bool):
        return value
    if isinstance(value, Enum):
        return encode(value.value)
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value):
        return {one.name: encode(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, list | tuple):
        return [encode(one) for one in value]
    raise TypeError(f"{type(value).__name__} has no JSON form")


def decode(kind: Any, value: object, *, strict: bool, where: str = "body") -> Any:
    """A value of type `kind`. `strict`: unknown fields are `Malformed` instead of passed over."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _decode_optional(kind, value, strict=strict, where=where)
    if origin in (tuple, Sequence):
        return _decode_sequence(kind, value, strict=strict, where=where)
    if is_dataclass(kind):
        return _decode_dataclass(kind, value, strict=strict, where=where)
    return _decode_scalar(kind, value, strict=strict, where=where)


def _decode_optional(kind: Any, value: object, *, strict: bool, where: str) -> Any:
    if value is None:
        return None
    (inner,) = (arm for arm in get_args(kind) if arm is not types.NoneType)
    return decode(inner, value, strict=strict, where=where)


def _decode_sequence(kind: Any, value: object, *, strict: bool, where: str) -> Any:
    if not isinstance(value, list):
        raise Malformed(f"{where} must be a list")
    inner = get_args(kind)[0]
    return tuple(
        decode(inner, one, strict=strict, where=f"{where}[{index}]")
        for index, one in enumerate(value)
    )


def _decode_dataclass(kind: Any, value: object, *, strict: bool, where: str) -> Any:
    if not isinstance(value, dict):
        raise Malformed(f"{where} must be an object")
    hints = _hints(kind)
    if strict and (unknown := sorted(set(value) - set(hints))):
        raise Malformed(f"{where} has no field {unknown[0]!r}")
    for one in fields(kind):
        optional = one.default is not MISSING or one.default_factory is not MISSING
        if one.name not in value and not optional:
            raise Malformed(f"{where}.{one.name} is missing")
    return kind(
        **{
            name: decode(hint, value[name], strict=strict, where=f"{where}.{name}")
            for name, hint in hints.items()
            if name in value
        }
    )


def _decode_scalar(kind: Any, value: object, *, strict: bool, where: str) -> Any:
    if kind is float and type(value) is int:
        return float(value)
    if kind is str and isinstance(value, dict) and not strict:
        return _decode_message(value, where)
    if kind in (str, int, bool, float):
        if type(value) is not kind:
            raise Malformed(f"{where} must be of type {kind.__name__}")
        return value
    try:
        return datetime.fromisoformat(str(value)) if kind is datetime else kind(value)
    except ValueError as error:
        raise Malformed(f"{where} has a value that is not allowed") from error


def _decode_message(value: object, where: str) -> str:
    try:
        return from_parts(value)
    except ValueError as error:
        raise Malformed(f"{where} is {error}") from error


@functools.cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)
