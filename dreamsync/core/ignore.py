"""Which paths are left out of the synced folder: a short built-in list, and `.dreamsyncignore`.

Pure: the texts are passed in. The files follow gitignore (its manual's "PATTERN FORMAT"), at the
root and in subfolders: the last matching line decides, a deeper file over the one above, and what
lies in an ignored folder cannot be brought back by `!`. Their patterns are matched with `/` paths
of wire names. The built-in list cannot be un-ignored.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from pathspec import GitIgnoreSpec

from dreamsync.core.nodes import Kind

IGNORE_FILE = ".dreamsyncignore"

BUILT_IN = (
    "~$*",
    ".~lock.*#",
    "*.swp",
    ".*.sw?",
    "4913",
    ".goutputstream-*",
    ".DS_Store",
    "Thumbs.db",
    "desktop.ini",
    "*.part",
    "*.crdownload",
    ".fuse_hidden*",
    ".nfs*",
    ".Trash-*",
)
"""Names, compared without regard to case: temporary files of Office and LibreOffice, of vim (4913
is how it tries a folder) and GNOME; what systems keep beside people's files; unfinished downloads;
and what stands for files deleted while open. Never `.git`, `*.lock` or `__pycache__`: people sync
those on purpose. Not `*~` either, which is a backup that somebody may look for."""


def _as_regex(pattern: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)


_BUILT_IN = re.compile(
    "|".join(f"({_as_regex(pattern)})" for pattern in BUILT_IN), re.IGNORECASE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Rule:
    """The line that decided about a path. `source` is the ignore file, None for the built-in."""

    source: str | None
    line: int
    pattern: str


@dataclass(frozen=True, slots=True)
class InvalidLine:
    """A line of an ignore file that cannot be understood, and is passed over."""

    source: str
    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class _IgnoreText:
    """One ignore file: `folder` is where it lies, `lines` the line numbers of the patterns."""

    folder: str
    spec: GitIgnoreSpec
    lines: tuple[Rule, ...]

    def decide(self, path: str, kind: Kind) -> tuple[bool, Rule] | None:
        """(ignored, the line that says so) for a path in its folder; None: it says nothing."""
        inside = path[len(self.folder) + 1 :] if self.folder else path
        result = self.spec.check_file(f"{inside}/" if kind is Kind.FOLDER else inside)
        if result.include is None or result.index is None:
            return None
        return result.include, self.lines[result.index]


class IgnoreRules:
    """The rules of one synced folder.

    `built_in` False leaves the built-in list out. `texts` maps each folder that has a
    `.dreamsyncignore` ("" for the root) to that file's text.
    `invalid` lists the lines that could not be understood.
    """

    def __init__(self, texts: Mapping[str, str] | None = None, *, built_in: bool = True) -> None:
        self._built_in = built_in
        self._texts: dict[str, _IgnoreText] = {}
        self.invalid: list[InvalidLine] = []
        for folder, text in sorted((texts or {}).items()):
            self._texts[folder] = self._parse(folder, text)
        self._explain_folder = lru_cache(maxsize=4096)(self._explain_one_folder)

    def _parse(self, folder: str, text: str) -> _IgnoreText:
        source = f"{folder}/{IGNORE_FILE}" if folder else IGNORE_FILE
        kept: list[Rule] = []
        for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
            if not line.strip() or line.startswith("#"):
                continue
            try:
                GitIgnoreSpec.from_lines([line])
            except (ValueError, re.error) as error:
                self.invalid.append(InvalidLine(source, number, line, str(error)))
            else:
                kept.append(Rule(source, number, line))
        spec = GitIgnoreSpec.from_lines([rule.pattern for rule in kept])
        return _IgnoreText(folder, spec, tuple(kept))

    def matches(self, path: str, kind: Kind) -> bool:
        """Whether `path` (relative, wire names) is ignored, by itself or with a folder above it."""
        return self.explain(path, kind) is not None

    def explain(self, path: str, kind: Kind) -> Rule | None:
        """The rule by which `path` is ignored; None where it is synced."""
        folder, _, name = path.rpartition("/")
        if folder:
            above = self._explain_folder(folder)
            if above is not None:
                return above
        return self._explain_item(path, name, kind)

    def _explain_one_folder(self, folder: str) -> Rule | None:
        return self.explain(folder, Kind.FOLDER)

    def _explain_item(self, path: str, name: str, kind: Kind) -> Rule | None:
        built_in = _BUILT_IN.fullmatch(name) if self._built_in else None
        if built_in is not None and built_in.lastindex is not None:
            return Rule(None, built_in.lastindex, BUILT_IN[built_in.lastindex - 1])
        folder = path
        while self._texts and folder:
            folder = folder.rpartition("/")[0]
            text = self._texts.get(folder)
            decision = None if text is None else text.decide(path, kind)
            if decision is not None:
                ignored, rule = decision
                return rule if ignored else None
        return None


def pattern_for(path: str, kind: Kind) -> str:
    """The line of the top folder's ignore file that leaves out just this path."""
    literal = re.sub(r"([\\*?\[])", r"\\\1", path)
    if literal.endswith(" "):
        literal = literal[:-1] + "\\ "
    return f"/{literal}/" if kind is Kind.FOLDER else f"/{literal}"
