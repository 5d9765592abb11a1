"""Which tests hold which row, read from the source: `@pytest.mark.fault(...)` above a function or
class, or in a module's `pytestmark`."""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]


def marked(marker: str) -> dict[str, list[str]]:
    """By the marker's text: the tests that carry it, as pytest names them."""
    found: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("*.py")):
        module = str(path.relative_to(TESTS.parent))
        for text, test in _of_module(ast.parse(path.read_text("utf-8")), marker):
            found.setdefault(text, []).append(f"{module}::{test}" if test else module)
    return found


def _of_module(tree: ast.Module, marker: str) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            yield from ((text, "") for text in _texts(node.value, marker))
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield from _of_definition(node, marker)


def _of_definition(
    node: ast.FunctionDef | ast.ClassDef, marker: str, within: str = ""
) -> Iterator[tuple[str, str]]:
    name = f"{within}{node.name}"
    for decorator in node.decorator_list:
        yield from ((text, name) for text in _texts(decorator, marker))
    if isinstance(node, ast.ClassDef):
        for child in node.body:
            if isinstance(child, ast.FunctionDef):
                yield from _of_definition(child, marker, f"{name}::")


def _texts(node: ast.AST, marker: str) -> Iterator[str]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == f"pytest.mark.{marker}":
            yield from (str(ast.literal_eval(argument)) for argument in call.args)
