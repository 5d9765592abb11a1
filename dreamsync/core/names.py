"""The rules for names on the wire: what one component of a path may be.

Pure. A name that is illegal only on some systems (`a:b`, `CON`) is fine on the wire; clients map it
to a legal name on their disk.
"""

import re
import unicodedata
from enum import Enum

from dreamsync.message import N_

MOST_NAME_BYTES = 255

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SHORT_FORM = re.compile(r"dreams~[0-9]+|dr[0-9a-f]{4}~[0-9]+")

_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Default_Ignorable_Code_Point (Unicode DerivedCoreProperties): HFS+ and others drop them."""


class NameProblem(Enum):
    """Why a component is refused; the value is the reason in words."""

    EMPTY = N_("a name must not be empty")
    DOTS = N_("a name must not be '.' or '..'")
    SEPARATOR = N_("a name must not contain '/'")
    CONTROL = N_("a name must not contain control characters")
    SURROGATE = N_("a name must not contain unpaired surrogates")
    NOT_NFC = N_("a name must be in Unicode normalisation form NFC")
    TOO_LONG = N_("a name must not be longer than 255 bytes of UTF-8")
    RESERVED = N_("the name '.dreamsync' and names that fold to it are reserved")


def wire_name_problem(name: str) -> NameProblem | None:
    """Why `name` must not be a component of a path on the wire; None where it may."""
    if not name:
        return NameProblem.EMPTY
    if name in (".", ".."):
        return NameProblem.DOTS
    if "/" in name:
        return NameProblem.SEPARATOR
    if _CONTROL.search(name):
        return NameProblem.CONTROL
    try:
        encoded = name.encode()
    except UnicodeEncodeError:
        return NameProblem.SURROGATE
    if len(encoded) > MOST_NAME_BYTES:
        return NameProblem.TOO_LONG
    if not unicodedata.is_normalized("NFC", name):
        return NameProblem.NOT_NFC
    return NameProblem.RESERVED if _folds_to_reserved(name) else None


def _folds_to_reserved(name: str) -> bool:
    """Whether some file system would open our own folder under this name (CVE-2014-9390).

    NTFS drops trailing dots and spaces, takes `name:stream` and `name::$INDEX_ALLOCATION` for the
    name itself, and makes short forms: six letters, or after four of them two letters and a hash.
    """
    folded = _fold(name.partition(":")[0]).rstrip(". ")
    return folded == ".dreamsync" or _SHORT_FORM.fullmatch(folded) is not None


def _fold(name: str) -> str:
    """Folded as far as any file system in use folds: compatibility forms too."""
    visible = _IGNORABLE.sub("", unicodedata.normalize("NFKC", name))
    return _IGNORABLE.sub("", unicodedata.normalize("NFKC", visible.casefold()))


def split_extension(name: str) -> tuple[str, str]:
    """`archive.tar.gz` -> (`archive.tar`, `.gz`); a leading dot is no extension."""
    stem, dot, extension = name.rpartition(".")
    if not stem.strip(".") or not extension or len(extension.encode()) > 32 or " " in extension:
        return name, ""
    return stem, dot + extension
