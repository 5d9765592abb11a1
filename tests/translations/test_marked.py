"""Every text for people is marked for translation, and nothing that programs read is."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.translations.texts import MARKS, PACKAGE, ROOT, literal, sources

_OF_PROGRAMS = {
    "AssertionError", "BlobDamaged", "BrokenAnswer", "DBusError", "FileNotFoundError",
    "HTTPException", "ImportError", "KeyError", "Malformed", "OSError", "PermissionError",
    "RequestRefused", "RuntimeError", "TypeError", "ValueError", "WireError",
}  # fmt: skip
"""Errors whose text no person is shown: defects, and what travels between programs."""

_ROOMS_OF_THE_WIRE = ("server/service", "server/http", "server/blobs", "remotes/memory", "wire")
"""What they refuse is told in problem documents, which are English, as the contract is."""

_SHOWN = ("echo", "confirm", "prompt", "UsageError", "BadParameter", "Item", "tell", "_need")
"""Functions and classes whose first argument a person reads."""

_FOR_PEOPLE = ("hint", "message", "empty", "otherwise", "reason")
"""Parameters that a person reads, whoever takes them."""


_TAKE_CODES = ("trash_file", "trash_folder")
"""Their reason is a code, which `cli/words.py` has the words for."""


def _sources_for_people() -> Mapping[Path, ast.Module]:
    return {
        path: tree
        for path, tree in sources().items()
        if not path.relative_to(PACKAGE).as_posix().startswith(_ROOMS_OF_THE_WIRE)
    }


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def _is_bare(node: ast.expr) -> bool:
    """A literal with words in it, not marked; of a formatted one what stands around the fields."""
    if isinstance(node, ast.JoinedStr):
        words = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    elif isinstance(node, ast.IfExp):
        return _is_bare(node.body) or _is_bare(node.orelse)
    else:
        words = literal(node) or ""
    words = re.sub(r"%\(\w+\)s", "", words)
    return " " in words.strip(" :,()\n") and any(char.isalpha() for char in words)


def _bare_texts(tree: ast.Module, errors: set[str]) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or _name(node.func) in (*MARKS, *_TAKE_CODES):
            continue
        if _name(node.func) in errors:
            yield from filter(_is_bare, node.args)
        elif _name(node.func) in _SHOWN:
            yield from filter(_is_bare, node.args[:1])
        for keyword in node.keywords:
            if keyword.arg in _FOR_PEOPLE and _is_bare(keyword.value):
                yield keyword.value


def _errors() -> set[str]:
    """Every class of ours that is an error, and is for people."""
    bases: dict[str, set[str]] = {}
    for tree in sources().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                bases.setdefault(node.name, set()).update(map(_name, node.bases))
    found: set[str] = {"Exception", "OSError"}
    while True:
        more = {name for name, of in bases.items() if of & found} - found
        if not more:
            return found - _OF_PROGRAMS - {"Exception"}
        found |= more


def _where(path: Path, node: ast.expr) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)[:80]}"


def test_every_text_for_people_is_marked() -> None:
    errors = _errors()
    assert {"CommandError", "DiskError", "Unreachable", "ConfigError", "ServeError"} <= errors

    bare = [
        _where(path, node)
        for path, tree in _sources_for_people().items()
        for node in _bare_texts(tree, errors)
    ]

    assert bare == []


def _marks(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in MARKS:
            yield node


def test_what_is_marked_is_a_literal() -> None:
    """Only that can be found in the source; a variable would never be in the catalogue."""
    computed = [
        _where(path, node)
        for path, tree in sources().items()
        if path.name not in ("i18n.py", "message.py", "language.py")
        for node in _marks(tree)
        if literal(node.args[0]) is None
    ]

    assert computed == []


def test_a_message_is_given_the_values_that_its_template_names() -> None:
    """None at all for a template that is kept in a table and filled later."""
    wrong = [
        _where(path, node)
        for path, tree in sources().items()
        for node in _marks(tree)
        if _name(node.func) == "N_" and not _is_filled(node)
    ]

    assert wrong == []


def _is_filled(call: ast.Call) -> bool:
    named = set(re.findall(r"\{(\w+)\}", literal(call.args[0]) or ""))
    given = {keyword.arg for keyword in call.keywords}
    return not given or None in given or named == given


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('raise ConfigError("it is wrong", path)', True),
        ('raise ConfigError(f"{path} is wrong", path)', True),
        ('raise ConfigError(N_("it is wrong"), path)', False),
        ('raise ConfigError(message, "a.txt")', False),
        ('CommandError(code, N_("x y"), hint="do this")', True),
        ('click.echo("all is well")', True),
        ('click.echo(f"  {path}: {size}")', False),
        ('Problem("", reason, message="not there" if gone else N_("there is"))', True),
        ('_log.warning("a log is English")', False),
    ],
)
def test_the_test_itself_finds_what_is_bare(source: str, found: bool) -> None:
    bare = list(_bare_texts(ast.parse(source), {"ConfigError", "CommandError"}))

    assert bool(bare) is found


def test_what_programs_read_is_never_translated() -> None:
    """No document is made of words in the person's language: the makers of documents know none."""
    for name in ("documents.py", "exit_codes.py"):
        tree = sources()[PACKAGE / "cli" / name]
        imported = {
            node.module
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module
        }
        assert "dreamsync.i18n" not in imported


def test_what_is_logged_is_never_translated() -> None:
    translated = [
        _where(path, argument)
        for path, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and _name(node.func.value) == "_log"
        for argument in node.args
        for part in ast.walk(argument)
        if isinstance(part, ast.Call) and _name(part.func) in ("_", "ngettext", "translated")
    ]

    assert translated == []
