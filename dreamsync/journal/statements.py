"""The journal's connection as its classes use it: writes of one transaction are gathered by table.

Each statement gives the interpreter's lock away and has to win it back from the threads that move
files; many rows in one statement do so once. What is gathered is written before anything is asked
or changed in its table in another way, and before the transaction ends, so nobody can tell.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache

Values = Sequence[object]

_GATHERED = ("local", "remote", "base", "identity", "dirty", "intent", "activity")
_DEPENDS = {"counter": {"local", "base"}}
"""Triggers keep the counters."""
_WORD = re.compile(r"\w+")
_MOST = 4096
"""Gathered writes of one table: memory stays bounded."""


class Statements:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._gathering = False
        self._gathered: dict[str, dict[object, tuple[str, Values]]] = {
            table: {} for table in _GATHERED
        }
        self._empty: dict[str, bool] = {}

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """Around one transaction, in which nobody else writes; where it fails, what has not been
        written is dropped."""
        self._gathering = True
        self._empty.clear()
        try:
            yield
            self.write_all()
        finally:
            self._gathering = False
            self._empty.clear()
            for table in _GATHERED:
                self._gathered[table].clear()

    def execute(self, statement: str, values: Values = ()) -> sqlite3.Cursor:
        self._prepare(statement)
        return self._connection.execute(statement, values)

    def executemany(self, statement: str, rows: Iterable[Values]) -> None:
        self._prepare(statement)
        self._connection.executemany(statement, rows)

    def of_one(self, table: str, key: object, statement: str, values: Values) -> sqlite3.Cursor:
        """A question about the rows under `key` alone: what is gathered for others may wait."""
        if key in self._gathered[table]:
            self.write(table)
        return self._connection.execute(statement, values)

    def later(
        self, table: str, key: object, statement: str, values: Values, *, in_order: bool = False
    ) -> None:
        """Change the rows of one key; of several for a key only the last counts. `in_order`: rows
        of the table are unique in more than their key, so it must not be overtaken by others."""
        if not self._gathering:
            self._connection.execute(statement, values)
            return
        gathered = self._gathered[table]
        if len(gathered) >= _MOST or (in_order and key in gathered):
            self.write(table)
        gathered[key] = statement, values

    def gathered(self, table: str) -> Mapping[object, tuple[str, Values]]:
        """By key, what is not yet written."""
        return self._gathered[table]

    def is_empty(self, table: str) -> bool:
        """Remembered for the transaction; False where it was not empty earlier in it."""
        if table not in self._empty:
            row = self._connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()
            if not self._gathering:
                return row is None
            self._empty[table] = row is None
        return self._empty[table]

    def write(self, table: str) -> None:
        gathered = self._gathered[table]
        if not gathered:
            return
        by_statement: dict[str, list[Values]] = {}
        for statement, values in gathered.values():
            by_statement.setdefault(statement, []).append(values)
        gathered.clear()
        for statement, rows in by_statement.items():
            self._connection.executemany(statement, rows)

    def write_all(self) -> None:
        for table in _GATHERED:
            self.write(table)

    def _prepare(self, statement: str) -> None:
        gathered, changed = _tables_of(statement)
        for table in gathered:
            self.write(table)
        for table in changed & self._empty.keys():
            self._empty[table] = False


@lru_cache(maxsize=512)
def _tables_of(statement: str) -> tuple[Sequence[str], frozenset[str]]:
    """Of what it names, the tables that are gathered, and where it is no question all of it. Every
    word may be a table's name; one too many costs little."""
    words = set(_WORD.findall(statement))
    for table, others in _DEPENDS.items():
        if table in words:
            words |= others
    asks = statement.lstrip().startswith(("SELECT", "WITH"))
    return tuple(words & set(_GATHERED)), frozenset(() if asks else words)
