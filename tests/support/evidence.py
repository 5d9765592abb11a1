"""What a failed story of real processes leaves for whoever looks for its cause."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.support.census import tree_on_disk
from tests.support.e2e import Instance, OwnedProcess, ServerProcess, Workbench

_MOST_LINES = 400
_MOST_NODES = 40
_SIDES = ("local", "remote", "base", "tombstone", "intent")


def print_evidence(bench: Workbench) -> None:
    """The state of all that runs, and where the rest is: asked before it is ended."""
    print(f"evidence is in {bench.folder} (kept with --basetemp)")
    for script in sorted(bench.folder.glob("script.log")):
        print(script.read_text())
    for process in bench.processes:
        for line in _of(process):
            print(line.encode(errors="backslashreplace").decode())


def _of(process: ServerProcess | Instance) -> Iterator[str]:
    if isinstance(process, ServerProcess):
        yield f"--- server: {_state(process.process)}"
        yield process.process.words()
        return
    yield f"--- {process.name}: {_state(process.process)}"
    yield f"status: {process.try_status()}"
    yield process.process.words()
    yield from _unsettled(process)
    yield from _unnoticed(process)
    log = Path(process.paths.log_file)
    yield from log.read_text(errors="replace").splitlines()[-_MOST_LINES:] if log.exists() else ()


def _state(process: OwnedProcess) -> str:
    return "runs" if process.running else "does not run"


def _unsettled(instance: Instance) -> Iterator[str]:
    """Dirty nodes as the three trees have them, and what else the journal says waits."""
    try:
        uri = f"file:{instance.paths.journal}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as sql:
            yield from _rows(sql, "problem")
            yield from _rows(sql, "hold")
            yield from _rows(sql, "activity", "ORDER BY id DESC")
            nodes = [row[0] for row in sql.execute("SELECT node FROM dirty")]
            yield f"{len(nodes)} dirty nodes"
            for node in nodes[:_MOST_NODES]:
                for side in _SIDES:
                    yield from _rows(sql, side, f"WHERE node = {node}")
    except sqlite3.Error as error:
        yield f"the journal cannot be read: {error}"


def _unnoticed(instance: Instance) -> Iterator[str]:
    """Files that are not what the journal takes them for, as the three trees have them."""
    query = "SELECT node, digest FROM {} WHERE name = ? AND digest IS NOT NULL"
    try:
        uri = f"file:{instance.paths.journal}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as sql:
            for path, item in tree_on_disk(instance.folder).items():
                name = path.rpartition("/")[2]
                known = [
                    row
                    for side in ("local", "remote")
                    for row in sql.execute(query.format(side), [name])
                ]
                if item.digest is None or {digest for _, digest in known} == {item.digest}:
                    continue
                yield f"unnoticed: {path} is {item.digest}"
                for node in sorted({node for node, _ in known}):
                    for side in _SIDES:
                        yield from _rows(sql, side, f"WHERE node = {node}")
    except sqlite3.Error as error:
        yield f"the journal cannot be read: {error}"


def _rows(sql: sqlite3.Connection, table: str, condition: str = "") -> Iterator[str]:
    for row in sql.execute(f"SELECT * FROM {table} {condition} LIMIT {_MOST_LINES}"):
        yield f"{table}: {row}"
