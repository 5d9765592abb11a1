"""Words and numbers for people; and names made harmless for whatever shows them."""

import datetime
import re
import unicodedata

from dreamsync.i18n import _, ngettext

_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters move the cursor or change the title; bidirectional marks reorder what is
read; lone surrogates cannot be printed."""

_MORNING = datetime.time(8)

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


def printable(text: str) -> str:
    """`text` in NFC with everything that is no visible character escaped."""
    return _UNSAFE.sub(_escape, unicodedata.normalize("NFC", text))


def _escape(match: "re.Match[str]") -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def about(path: str, message: str) -> str:
    """`message` after the path it is about, unless it begins with that itself."""
    return message if message.startswith(path) else f"{path}: {message}"


def count(number: int) -> str:
    """With thousands separated: 12,431."""
    return f"{number:,}"


def files(number: int) -> str:
    return ngettext("{n} file", "{n} files", number).format(n=count(number))


def changes(number: int) -> str:
    return ngettext("{n} change", "{n} changes", number).format(n=count(number))


def size(number: int) -> str:
    """Bytes in the largest fitting decimal unit, as file managers tell them."""
    value = float(number)
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            return _bytes(number) if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError("unreachable")


def _bytes(number: int) -> str:
    return ngettext("{n} byte", "{n} bytes", number).format(n=number)


def ago(at_ms: int, now_ms: int) -> str:
    """How long `at_ms` is past; clocks that differ make it "just now", never negative."""
    seconds = max(0, now_ms - at_ms) // 1000
    if seconds < 60:
        return _("just now")
    if seconds < 3600:
        return ngettext("{n} minute ago", "{n} minutes ago", seconds // 60).format(n=seconds // 60)
    if seconds < 86_400:
        hours = seconds // 3600
        return ngettext("{n} hour ago", "{n} hours ago", hours).format(n=hours)
    days = seconds // 86_400
    return ngettext("{n} day ago", "{n} days ago", days).format(n=count(days))


def local_time(at_ms: int) -> str:
    """A moment in this computer's time zone, to the second."""
    return datetime.datetime.fromtimestamp(at_ms / 1000).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def clock_time(at_ms: int, now_ms: int) -> str:
    """The same to the minute, and without its date where that is today's."""
    at, now = (datetime.datetime.fromtimestamp(ms / 1000).astimezone() for ms in (at_ms, now_ms))
    return at.strftime("%H:%M" if at.date() == now.date() else "%Y-%m-%d %H:%M")


def tomorrow_ms(now_ms: int) -> int:
    """The next day's morning, eight o'clock on this computer's clock."""
    today = datetime.datetime.fromtimestamp(now_ms / 1000).astimezone().date()
    return _local_ms(datetime.datetime.combine(today + datetime.timedelta(days=1), _MORNING))


def next_time_ms(text: str, now_ms: int) -> int | None:
    """When this computer's clock shows `text` ("18:30") next; None for what is no time of day."""
    try:
        wanted = datetime.datetime.strptime(text.strip(), "%H:%M").time()
    except ValueError:
        return None
    today = datetime.datetime.fromtimestamp(now_ms / 1000).astimezone().date()
    at_ms = _local_ms(datetime.datetime.combine(today, wanted))
    if at_ms <= now_ms:
        at_ms = _local_ms(datetime.datetime.combine(today + datetime.timedelta(days=1), wanted))
    return at_ms


def _local_ms(moment: datetime.datetime) -> int:
    """A time without zone is local time, with whatever summer time holds on that day."""
    return round(moment.timestamp() * 1000)


def shortened(text: str, most: int) -> str:
    """At most `most` characters; what is left out is in the middle, where a name says least."""
    if len(text) <= most:
        return text
    head = (most - 1) // 3
    return text[:head] + "…" + text[len(text) - (most - 1 - head) :]


def rfc3339(at_ms: int) -> str:
    """A moment as JSON tells it: UTC, to the millisecond."""
    moment = datetime.datetime.fromtimestamp(at_ms // 1000, datetime.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{at_ms % 1000:03d}Z"


def duration_ms(text: str) -> int | None:
    """`30m`, `1h30m`, `2d`, or a number of minutes; None for what is none of these."""
    if text.isascii() and text.isdigit():
        text += "m"
    match = _DURATION.fullmatch(text.strip().lower())
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    return total * 1000 if 0 < total <= 366 * 86_400 else None
