"""What a cycle costs follows the number of changes: no question that it asks reads a whole tree."""

import re
import sqlite3
from collections.abc import Callable, Sequence

import pytest

from dreamsync.engine.status import engine_status
from tests.support.devices import Device, World

_COMPARISON = "SELECT count(*) FROM local JOIN remote"
"""Of all digests: it rations itself by what it costs (`engine/verify.py`)."""
_WHOLE = re.compile(r"\bSCAN (local|remote|base|identity)\b")


@pytest.fixture
def two(world: World) -> tuple[World, Device, Device]:
    a, b = world.device("a"), world.device("b")
    for number in range(10):
        a.write(f"folder/file {number}.txt", f"content of {number}")
    world.settle()
    return world, a, b


class Asked:
    """The statements that a device's journal is asked meanwhile."""

    def __init__(self, device: Device) -> None:
        self._sql = device.journal._sql
        self.statements: set[str] = set()

    def __enter__(self) -> "Asked":
        self._sql.set_trace_callback(lambda statement: self.statements.add(statement.strip()))
        return self

    def __exit__(self, *_: object) -> None:
        self._sql.set_trace_callback(None)

    def that_read_a_whole_tree(self) -> set[str]:
        return {
            statement
            for statement in self.statements
            if statement.startswith(("SELECT", "WITH", "UPDATE", "DELETE"))
            and not statement.startswith(_COMPARISON)
            and _WHOLE.search("\n".join(_plan(self._sql, statement)))
        }


def _plan(sql: sqlite3.Connection, statement: str) -> Sequence[str]:
    return [row[3] for row in sql.execute(f"EXPLAIN QUERY PLAN {statement}")]


def test_an_edit_here_and_there_reads_no_tree_whole(two: tuple[World, Device, Device]) -> None:
    _, a, b = two
    with Asked(a) as by_a, Asked(b) as by_b:
        a.write("folder/file 3.txt", "edited")
        a.live("folder/file 3.txt", seconds=40)
        b.live(seconds=40)
        for device in (a, b):
            engine_status(device.context, device.engine)
            device.journal.trees.folders_above("dirty")

    assert b.tree() == a.tree()
    assert by_a.statements
    assert by_a.that_read_a_whole_tree() | by_b.that_read_a_whole_tree() == set()


def test_a_new_process_reads_no_tree_whole_for_what_the_one_before_sent_unheard(
    two: tuple[World, Device, Device],
) -> None:
    _, a, _ = two
    with Asked(a) as by_a:
        a.restart()

    assert any("FROM intent" in statement for statement in by_a.statements)
    assert by_a.that_read_a_whole_tree() == set()


def test_what_a_new_file_costs_the_journals_of_both_sides_stays_small(world: World) -> None:
    """Statements, those of triggers included; each is some microseconds of every file."""
    a, b = world.device("a"), world.device("b")
    world.settle()
    files = 200
    for number in range(files):
        a.write(f"folder/file {number}.txt", f"content of {number}")

    counts = {device.name: _statements(device, device.sync) / files for device in (a, b)}

    assert counts["a"] < 26
    assert counts["b"] < 17
    assert b.tree() == a.tree()


def _statements(device: Device, act: Callable[[], None]) -> int:
    statements: list[str] = []
    device.journal._sql.set_trace_callback(statements.append)
    act()
    device.journal._sql.set_trace_callback(None)
    return len(statements)


def test_a_new_file_does_not_read_what_else_its_folder_holds(
    two: tuple[World, Device, Device],
) -> None:
    """Of many that are saved one after the other, each would read all before it."""
    _, a, _ = two
    a.write("folder/new.txt", "new")

    with Asked(a) as asked:
        a.live("folder/new.txt", seconds=40)

    assert "new.txt" in [file.name for file in a.remote.changes(None).files]
    whole_folder = re.compile(r"FROM local WHERE parent = \d+$")
    assert not [one for one in asked.statements if whole_folder.search(one)]
