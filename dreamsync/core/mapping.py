"""Reversible names: between what a name is on the wire and what a disk can hold.

Pure. A character that cannot be used as it is gets *quoted*: `‛uXXXX` (U+201B, the letter u, four
upper-case hex digits), `‛UXXXXXX` above U+FFFF and where the short form is taken. No journal is
needed to read it back.

On the way to a disk quoted are what Windows refuses and, on a disk that folds names, the letter in
which a twin differs; on the way to the wire, what the wire refuses (control characters). So on the
wire a quoted control character or combining mark stays quoted, and any other is read back. A name
that would be misread has the `‛` of its `‛u` quoted in turn, as `‛u201B`.

The decomposed twin of a composed name travels as `name‛NFD.txt`; one that is decomposed in part
only, with those characters quoted. Such names stay as they are on other disks: a decomposed name is
never made where nobody wrote it, because people see it as broken jamo.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from dreamsync.core.names import (
    MOST_NAME_BYTES,
    NameProblem,
    split_extension,
    wire_name_problem,
)

MARK = "\u201b"

_QUOTED = re.compile(f"{MARK}(?:u([0-9A-F]{{4}})|U([0-9A-F]{{6}}))")
_LITERAL = re.compile(f"{MARK}(?=[uU])")
_WIRE_REFUSES = re.compile(r"[\x00-\x1f\x7f/]")
_WINDOWS_REFUSES = re.compile(r'[\x00-\x1f<>:"\\|?*]|[. ]\Z')
_WINDOWS_DEVICE = re.compile(
    r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9\u00b9\u00b2\u00b3]) *(?:\..*)?",
    re.IGNORECASE | re.DOTALL,
)
_LAST_CODE_POINT = 0x10FFFF


@dataclass(frozen=True, slots=True)
class NameRules:
    """How a disk treats names: the part of its traits that a name depends on."""

    folds_case: bool = False
    folds_normalization: bool = False
    windows_names: bool = False

    def respells(self, one: str, other: str) -> bool:
        """Whether these two spellings stand for the same item on such a disk."""
        return one != other and _fold(one, self) == _fold(other, self)


def wire_names(disk_names: Collection[str]) -> Mapping[str, str | None]:
    """The wire name of each of the items in one folder: all different, and always the same.

    None where the wire cannot carry it: too long, reserved, not text. Of items whose names differ
    only by normalisation the composed one keeps the plain name.
    """
    plain = {name: _plain_wire_name(name) for name in disk_names}
    claims = Counter(plain.values())
    used = {wire for wire in plain.values() if claims[wire] == 1}
    names: dict[str, str | None] = {
        name: wire if claims[wire] == 1 else None for name, wire in plain.items()
    }
    contested = [
        name
        for name in disk_names
        if (claims[plain[name]] > 1 or not plain[name]) and not _is_hopeless(name)
    ]
    for name in sorted(contested, key=lambda item: (item != plain[item], item)):
        free = (wire for wire in _wire_candidates(name) if wire not in used)
        wire = next((wire for wire in free if not wire_name_problem(wire)), "")
        names[name] = wire
        used.add(wire)
    return {name: wire or None for name, wire in names.items()}


def wire_name(disk_name: str) -> str | None:
    """The wire name of an item that has no siblings; None where the wire cannot carry it."""
    return wire_names([disk_name])[disk_name]


def disk_name(name: str, rules: NameRules) -> str | None:
    """The name of an item without siblings on a disk with those rules; None: too long."""
    return disk_name_for(name, (), rules)


class Siblings(Collection[str]):
    """The disk names in one folder, looked up as the disk would look them up.

    Made once for a folder in which many names are to land: making it costs a look at each name,
    asking and adding do not.
    """

    def __init__(self, names: Collection[str], rules: NameRules) -> None:
        self._rules = rules
        self._by_fold = {_fold(name, rules): name for name in names}

    def add(self, name: str) -> None:
        self._by_fold[_fold(name, self._rules)] = name

    def twin(self, name: str) -> str | None:
        """The name that the disk would take for `name`, which may be `name` itself."""
        return self._by_fold.get(_fold(name, self._rules))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.twin(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_fold.values())

    def __len__(self) -> int:
        return len(self._by_fold)


def disk_name_for(name: str, taken: Collection[str], rules: NameRules) -> str | None:
    """The disk name for the wire name `name` beside the other items' disk names `taken`.

    It is legal, folds together with none of the taken names, and reads back as `name` beside them.
    None where no such name is short enough. Pass `Siblings` where several names are to land.
    """
    siblings = taken if isinstance(taken, Siblings) else Siblings(taken, rules)
    for candidate in _disk_candidates(name, siblings.twin(name) or "", rules):
        free = candidate not in siblings and _fits(candidate, rules)
        if free and _reads_back(candidate, name, siblings):
            return candidate
    return None


def _reads_back(candidate: str, name: str, taken: Collection[str]) -> bool:
    if candidate == name and MARK not in name:
        return True
    return wire_names({*taken, candidate})[candidate] == name


def quote(character: str) -> str:
    code = ord(character)
    return f"{MARK}u{code:04X}" if code <= 0xFFFF else _quote_at_length(character)


def _quote_at_length(character: str) -> str:
    return f"{MARK}U{ord(character):06X}"


def _plain_wire_name(disk_name: str) -> str:
    """Quoted characters read back, composed, what the wire refuses quoted; "" where it cannot."""
    if disk_name.isascii() and not _WIRE_REFUSES.search(disk_name):
        name = disk_name
    else:
        read_back = _QUOTED.sub(_read_unless_wire_needs_it, disk_name)
        name = _quote_refused(unicodedata.normalize("NFC", read_back))
    return "" if wire_name_problem(name) else name


def _is_hopeless(disk_name: str) -> bool:
    """No text, or our own folder's name: quoting must not smuggle it past the rules."""
    problem = wire_name_problem(unicodedata.normalize("NFC", disk_name))
    return problem in (NameProblem.SURROGATE, NameProblem.RESERVED)


def _wire_candidates(disk_name: str) -> Iterator[str]:
    """Wire names for an item, the plainest first; the later ones belong to this item alone."""
    yield _plain_wire_name(disk_name)
    yield _decomposed_twin_name(disk_name)
    yield _quote_refused(_quote_unstable(disk_name))
    literal = _LITERAL.sub(quote(MARK), disk_name)
    yield _quote_refused(_quote_unstable(literal))
    for length in range(1, len(disk_name) + 1):
        head = "".join(map(quote, disk_name[:length]))
        yield head + _quote_refused(_quote_unstable(disk_name[length:]))


def _decomposed_twin_name(disk_name: str) -> str:
    """`name‛NFD.txt`; "" for a name that is not wholly decomposed."""
    composed = unicodedata.normalize("NFC", disk_name)
    if disk_name in (composed, "") or disk_name != unicodedata.normalize("NFD", composed):
        return ""
    stem, extension = split_extension(composed)
    return _quote_refused(unicodedata.normalize("NFC", f"{stem}{MARK}NFD{extension}"))


def _disk_candidates(name: str, twin: str, rules: NameRules) -> Iterator[str]:
    """Disk names for a wire name: as it reads, the name itself, and then ever more quoted."""
    if MARK in name:
        yield _for_windows(_QUOTED.sub(_read_unless_unstable, name), rules)
    yield _for_windows(name, rules)
    literal = _LITERAL.sub(quote(MARK), name)
    yield _for_windows(literal, rules)
    differing = [
        index for index, letter in enumerate(name) if twin[index : index + 1] not in ("", letter)
    ]
    for index in dict.fromkeys([*differing, *range(len(name))]):
        head, tail = (_LITERAL.sub(quote(MARK), part) for part in (name[:index], name[index + 1 :]))
        yield _for_windows(head + quote(name[index]) + tail, rules)
    for length in range(2, len(name) + 1):
        tail = _LITERAL.sub(quote(MARK), name[length:])
        yield _for_windows("".join(map(quote, name[:length])) + tail, rules)
    # A disk that folds takes `‛U0041`, which is no quotation, for `‛u0041`.
    yield _for_windows(_quote_at_length(name[:1]) + _LITERAL.sub(quote(MARK), name[1:]), rules)


def _for_windows(name: str, rules: NameRules) -> str:
    if not rules.windows_names:
        return name
    if _WINDOWS_DEVICE.fullmatch(name):
        name = quote(name[0]) + name[1:]
    return _WINDOWS_REFUSES.sub(lambda found: quote(found[0]), name)


def _fits(name: str, rules: NameRules) -> bool:
    """Not empty or dots, no separator, and short enough: 255 bytes, or UTF-16 units on Windows."""
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        return False
    try:
        length = len(name.encode("utf-16-le")) // 2 if rules.windows_names else len(name.encode())
    except UnicodeEncodeError:
        return False
    return length <= MOST_NAME_BYTES


def _fold(name: str, rules: NameRules) -> str:
    if rules.folds_normalization:
        name = unicodedata.normalize("NFC", name)
    if rules.folds_case:
        name = name.casefold()
    return unicodedata.normalize("NFC", name) if rules.folds_normalization else name


def _read(found: re.Match[str]) -> str:
    code = int(found[1] or found[2], 16)
    is_character = code <= _LAST_CODE_POINT and not 0xD800 <= code <= 0xDFFF
    return chr(code) if is_character else found[0]


def _read_unless_wire_needs_it(found: re.Match[str]) -> str:
    character = _read_unless_unstable(found)
    return found[0] if _WIRE_REFUSES.match(character) else character


def _read_unless_unstable(found: re.Match[str]) -> str:
    character = _read(found)
    return found[0] if len(character) > 1 or _is_unstable(character) else character


def _is_unstable(character: str) -> bool:
    """Whether composing (NFC) may change it or join it to what is before it."""
    return (
        unicodedata.category(character)[0] == "M"
        or "\u1160" <= character <= "\u11ff"  # the vowels and finals of decomposed Hangul
        or not unicodedata.is_normalized("NFC", character)
    )


def _quote_unstable(name: str) -> str:
    return "".join(quote(letter) if _is_unstable(letter) else letter for letter in name)


def _quote_refused(name: str) -> str:
    return _WIRE_REFUSES.sub(lambda found: quote(found[0]), name)
