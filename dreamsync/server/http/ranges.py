"""`Range` of one part (RFC 9110, 14): which bytes of a representation to send."""

import re
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"bytes=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*\Z", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `start` up to, not including, `end`."""

    start: int
    end: int

    def content_range(self, size: int) -> str:
        return f"bytes {self.start}-{self.end - 1}/{size}"


class RangeUnsatisfiable(Exception):
    """416: no byte asked for exists."""


def wanted_range(header: str | None, size: int) -> ByteRange | None:
    """The part of `size` bytes to send; None for all of them.

    Several ranges, other units and malformed headers are ignored, as the RFC allows. Raise
    `RangeUnsatisfiable` for a range that lies behind the end.
    """
    match = _ONE_RANGE.match(header) if header is not None else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if first == "":
        start, end = max(0, size - int(last)), size
    elif last == "":
        start, end = int(first), size
    elif int(first) > int(last):
        return None
    else:
        start, end = int(first), min(int(last) + 1, size)
    if start >= end:
        raise RangeUnsatisfiable
    return ByteRange(start, end)
