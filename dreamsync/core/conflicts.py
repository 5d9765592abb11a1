"""How a conflict copy is called: `name (conflict DEVICE YYYY-MM-DD HHMMSS).ext`.

The time is the losing bytes' mtime in UTC, so planning again gives the same name; an existing
suffix is replaced and not stacked; the stem is cut so that the whole fits the 255 bytes of a file
system.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from dreamsync.core.names import MOST_NAME_BYTES, split_extension

_SUFFIX = re.compile(r" \(conflict [^()]* \d{4}-\d\d-\d\d \d{6}(?: \d+)?\)")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def conflict_name(
    name: str, *, device: str, mtime_ns: int, taken: Callable[[str], bool] = lambda _: False
) -> str:
    """The first name of the pattern that is not `taken`; numbers are added from 2 on."""
    stem, extension = split_extension(_SUFFIX.sub("", name))
    label = f"conflict {_plain(device)} {_moment(mtime_ns)}"
    candidate = _fit(stem, f" ({label})", extension)
    number = 2
    while taken(candidate):
        candidate = _fit(stem, f" ({label} {number})", extension)
        number += 1
    return candidate


def is_conflict_name(name: str) -> bool:
    return _SUFFIX.search(name) is not None


def original_name(name: str) -> str:
    """The name a conflict copy lost against; any other name as it is."""
    return _SUFFIX.sub("", name)


def _fit(stem: str, suffix: str, extension: str) -> str:
    room = MOST_NAME_BYTES - len((suffix + extension).encode())
    cut = stem.encode()[:room].decode(errors="ignore") if len(stem.encode()) > room else stem
    return unicodedata.normalize("NFC", cut + suffix + extension)


def _plain(device: str) -> str:
    """A device's name as it can stand in a file name on every system."""
    kept = "".join(
        letter if letter.isprintable() and letter not in '<>:"/\\|?*()' else "-"
        for letter in unicodedata.normalize("NFC", device)
    )
    return kept.strip(" .").encode()[:60].decode(errors="ignore") or "device"


def _moment(mtime_ns: int) -> str:
    """Clocks may be years off; times that no calendar holds are the nearest that one does."""
    try:
        moment = _EPOCH + timedelta(seconds=mtime_ns // 1_000_000_000)
    except OverflowError:
        moment = _EPOCH
    return f"{moment:%Y-%m-%d %H%M%S}" if moment.year >= 1000 else "1970-01-01 000000"
