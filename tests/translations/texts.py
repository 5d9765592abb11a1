"""The texts that the code has for people: what `_`, `ngettext` and `N_` are called with, and what
click shows of a command."""

import ast
import functools
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "dreamsync"

MARKS = ("_", "N_", "ngettext")
_SHOWN_BY_CLICK = ("help", "short_help", "epilog")


@dataclass(frozen=True, slots=True)
class Text:
    """As it is in the source; `plural` where it has two forms."""

    singular: str
    plural: str | None = None


@functools.cache
def sources() -> Mapping[Path, ast.Module]:
    """Every file of the package, parsed."""
    return {
        path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))
    }


@functools.cache
def texts_of_dreamsync() -> Mapping[Text, set[str]]:
    """Each with the files that say it, relative to the checkout."""
    found: dict[Text, set[str]] = {}
    for path, tree in sources().items():
        for text in _texts_in(tree):
            found.setdefault(text, set()).add(path.relative_to(ROOT).as_posix())
    return found


@functools.cache
def texts_of_click() -> set[Text]:
    """Of the version that is installed; it hands one of them on unmarked."""
    folder = Path(inspect.getfile(click)).parent
    return {Text("required")} | {
        text
        for path in folder.glob("*.py")
        for text in _marked_in(ast.parse(path.read_text(encoding="utf-8")))
    }


def _texts_in(tree: ast.Module) -> Iterator[Text]:
    yield from _marked_in(tree)
    yield from _shown_by_click(tree)


def _marked_in(tree: ast.Module) -> Iterator[Text]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
            words = [literal(one) for one in node.args[: 2 if node.func.id == "ngettext" else 1]]
            if words and None not in words:
                yield Text(*[word for word in words if word is not None])


def _shown_by_click(tree: ast.Module) -> Iterator[Text]:
    """Docstrings of commands, and what decorators are given to show."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(map(_makes_command, node.decorator_list)):
            yield Text(ast.get_docstring(node) or node.name)
        if isinstance(node, ast.Call) and _is_of_click(node.func):
            for keyword in node.keywords:
                words = literal(keyword.value)
                if keyword.arg in _SHOWN_BY_CLICK and words:
                    yield Text(inspect.cleandoc(words))


def _makes_command(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(called, ast.Attribute) and called.attr in ("command", "group")


def _is_of_click(called: ast.expr) -> bool:
    return isinstance(called, ast.Attribute) and called.attr in ("command", "group", "option")


def literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
