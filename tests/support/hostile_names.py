"""More than 500 names that are meant to get out of the synced folder, or into dreamsync's own.

`REFUSED`: no server of ours takes them and no client makes anything of them. `HARMLESS`: they look
like trouble, but each is one component of a path, and lands inside under a name that the disk can
hold. Names that would lead out carry the word `ESCAPED`, so that whatever they made could be found.
"""

import itertools
import random
import unicodedata
from collections.abc import Iterator

from dreamsync.core.mapping import NameRules

ESCAPED = "escaped"
OURS = ".dreamsync"

RULES = (
    NameRules(),
    NameRules(folds_case=True, folds_normalization=True),
    NameRules(folds_case=True, windows_names=True),
)
"""Linux, macOS, Windows."""

_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u180b\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202e"
    "\u2060\u2064\u206f\u3164\ufe00\ufe0f\ufeff\uffa0\U0001d173\U000e0001\U000e0100"
)
_TRAVERSALS = (
    f"../{ESCAPED}", f"../../{ESCAPED}", f"./{ESCAPED}", f"/{ESCAPED}", f"//{ESCAPED}",
    f"a/{ESCAPED}", f"a/../{ESCAPED}", f"a/../../{ESCAPED}", f"{ESCAPED}/", f"{ESCAPED}/.",
    f"{ESCAPED}/..", f"..//{ESCAPED}", f"C:/{ESCAPED}", f"..\\../{ESCAPED}", f"/../{ESCAPED}",
    "/", "//", "./", "../", "/..", "/.", "a/", "/tmp", "/etc/passwd", "~/.ssh/authorized_keys",
    f".dreamsync/trash/{ESCAPED}", ".dreamsync/root.json", "../.dreamsync/root.json",
)  # fmt: skip
_ALPHABETS = (
    0xFF41, 0x1D41A, 0x1D44E, 0x1D482, 0x1D4EA, 0x1D51E, 0x1D552, 0x1D586, 0x1D5BA,
    0x1D5EE, 0x1D622, 0x1D656, 0x1D68A, 0x24D0, 0xFF21, 0x1D400, 0x1D5A0, 0x24B6, 0x1F130,
)  # fmt: skip
"""Where alphabets begin whose letters are compatible with ours."""

_WINDOWS_DEVICES = (
    "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$",
    *(f"{port}{number}" for port in ("COM", "LPT") for number in "123456789¹²³"),
)  # fmt: skip
_WINDOWS_PATHS = (
    f"..\\{ESCAPED}", f"..\\..\\{ESCAPED}", f"\\{ESCAPED}", f"C:{ESCAPED}", f"C:\\{ESCAPED}", "C:",
    f"\\\\server\\share\\{ESCAPED}", f"\\\\?\\C:\\{ESCAPED}", "\\\\.\\pipe\\x", "\\", "..\\",
    "a:stream", "a::$DATA", "a:$I30:$INDEX_ALLOCATION", ":", "::", ":a", "...", "....", ".. ", ". ",
    "\\..", " ", "  ", " ..", "a.", "a ", "a. .", "CON.", "nul .txt", "com1.tar.gz", "Aux.c",
)  # fmt: skip
_LOOKALIKES = (
    f"..%2f{ESCAPED}", f"%2e%2e%2f{ESCAPED}", f"%2e%2e%5c{ESCAPED}", f"..%c0%af{ESCAPED}", "%00",
    f"..\u2215{ESCAPED}", f"..\u2044{ESCAPED}", f"..\uff0f{ESCAPED}", f"..\u29f8{ESCAPED}",
    "\u2024\u2024", "\u2025", "\uff0e\uff0e", ".\u200b.", "\u202etxt.exe", "a\u202eb", "\u2066x",
    "‛u002F", "‛u002E‛u002E", f"‛u002E‛u002E‛u002F{ESCAPED}", "‛u0000", "‛U00002F", "‛uD800",
    "‛u002Edreamsync", ".dreamsyn‛u0063", "DREAMS‛u007E1", ".dream‛u200Csync", ".dreamsync‛u002E",
    "‛u201Bu002Edreamsync", "dreamsync", ".dreamsyncignore", ".dreamsyn", "dreamsync~1",
    "-rf", "--help", "-", "~", "~root", "$HOME", "$(touch x)", "`touch x`", "a;b", "a|b",
    "*", "?", "a*", "[a]", "{a,b}", "!x", "#x", "&", "%PATH%", "%s%n", "{0}", "<script>", "'", '"',
    '"><img src=x onerror=alert(1)>', "<b>bold", "é" * 127, "한" * 85, "x" * 255,
)  # fmt: skip


def _own_folder() -> Iterator[str]:
    """What some file system takes for our own folder."""
    choice = random.Random(20141225)
    for _ in range(40):
        yield "".join(choice.choice((letter, letter.upper())) for letter in OURS)
    for end in (".", " ", "..", " .", ". ", "...", ":", ":x", "::$INDEX_ALLOCATION", ":$I30"):
        yield OURS + end
        yield OURS.upper() + end
    for position, ignorable in itertools.product((0, 1, 6, len(OURS)), _IGNORABLE):
        yield OURS[:position] + ignorable + OURS[position:]
    for position in range(len(OURS) + 1):
        yield f"{OURS[:position]}\u200c{OURS[position:]}\u200d."
    for start in _ALPHABETS:
        letters = [chr(start + ord(letter) - ord("a")) for letter in OURS[1:]]
        yield OURS[0] + "".join(letters)
        yield OURS[:3] + letters[2] + OURS[4:]
    for dot in "\uff0e\ufe52\u2024":
        yield dot + OURS[1:]
    yield from (".dream\u017fync", ".DREAM\u017fYNC", ".dreamsyn\u217d", ".\u217ereamsync")
    for number in (1, 2, 9, 10, 123):
        yield from (
            f"DREAMS~{number}",
            f"dreams~{number}",
            f"DREAMS~{number}.",
            f"Dreams~{number} ",
        )
        yield from (f"DR{hashed}~{number}" for hashed in ("0000", "A1B2", "ffff", "9C3d"))


def _no_names() -> Iterator[str]:
    """What is no name at all, or none that goes over the wire."""
    yield from ("", ".", "..")
    yield from _TRAVERSALS
    for code in (*range(32), 127):
        yield f"{chr(code)}{ESCAPED}"
        yield f"a{chr(code)}../{ESCAPED}" if code % 2 else f"a{chr(code)}"
    yield from ("\ud800", "\udfff", "a\udc80", "\udcff.txt", "\ud83d", f"{OURS}\udcff")
    yield from ("x" * 256, "é" * 128, "한" * 86, "x" * 4096, "\U0001f600" * 64)
    for composed in ("é", "한글.txt", "Å", "ô", "ẛ̣", "깊은 폴더", ".dreaḿsync"):
        yield unicodedata.normalize("NFD", composed)
    yield from ("\u212b", "\u2126", "\u0340", "e\u0301\u0323")


REFUSED = tuple(dict.fromkeys((*_no_names(), *_own_folder())))
HARMLESS = tuple(
    dict.fromkeys(
        (
            *_WINDOWS_DEVICES,
            *(f"{device.lower()}.txt" for device in _WINDOWS_DEVICES),
            *(f"{device} .x" for device in _WINDOWS_DEVICES[:6]),
            *_WINDOWS_PATHS,
            *_LOOKALIKES,
        )
    )
)
