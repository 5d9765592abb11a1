"""Which tests name which promise: read from the sources, so that nothing need be imported or run.

A marker is `@pytest.mark.NAME(VALUE, ...)` on a test or on a class of tests, or in a module's
`pytestmark`; its values are literals.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"


@dataclass(frozen=True, slots=True)
class Marked:
    """A test and one value that a marker of it has. `where` is its file below `tests`."""

    marker: str
    value: object
    where: str
    test: str

    @property
    def words(self) -> str:
        """The test's name as the sentence that it is."""
        return self.test.rpartition("::")[2].removeprefix("test_").replace("_", " ")


def marked_tests(marker: str) -> list[Marked]:
    """In the order of files and lines."""
    found: list[Marked] = []
    for path in sorted(TESTS.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if f"mark.{marker}(" in text:
            found.extend(_in_module(marker, ast.parse(text), str(path.relative_to(TESTS))))
    return found


def marked_by_value(marker: str) -> Mapping[object, list[Marked]]:
    found: dict[object, list[Marked]] = {}
    for marked in marked_tests(marker):
        found.setdefault(marked.value, []).append(marked)
    return found


def _in_module(marker: str, module: ast.Module, where: str) -> Iterator[Marked]:
    of_all = [value for node in module.body for value in _assigned(marker, node)]
    for name, values in _tests(marker, module.body, "", of_all):
        for value in values:
            yield Marked(marker, value, where, name)


def _tests(
    marker: str, body: list[ast.stmt], prefix: str, inherited: list[object]
) -> Iterator[tuple[str, list[object]]]:
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        values = [*inherited, *_values(marker, node.decorator_list)]
        if isinstance(node, ast.ClassDef):
            yield from _tests(marker, node.body, f"{prefix}{node.name}::", values)
        elif node.name.startswith("test_"):
            yield f"{prefix}{node.name}", list(dict.fromkeys(values))


def _assigned(marker: str, node: ast.stmt) -> list[object]:
    if not isinstance(node, ast.Assign) or ast.unparse(node.targets[0]) != "pytestmark":
        return []
    marks = node.value.elts if isinstance(node.value, ast.List) else [node.value]
    return _values(marker, marks)


def _values(marker: str, marks: list[ast.expr]) -> list[object]:
    return [
        ast.literal_eval(argument)
        for mark in marks
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == f"pytest.mark.{marker}"
        for argument in mark.args
    ]
