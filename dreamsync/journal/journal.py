"""`Journal`: the file as a whole, and its one transaction per step."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from dreamsync.journal.contents import Contents
from dreamsync.journal.database import (
    JournalCorrupt,
    is_damage,
    open_database,
)
from dreamsync.journal.records import Intents, Sessions, Settings
from dreamsync.journal.statements import Statements
from dreamsync.journal.told import Conflicts, History, Holds, Problems, SkippedItems
from dreamsync.journal.trees import JournalTrees
from dreamsync.message import N_

_DAMAGED = ".damaged"


class Journal:
    """Used by one thread at a time. Reading needs no transaction; writing goes through one.

    Raises `JournalError` on opening. `:memory:` is a journal for tests and the simulator, new or
    as an `image` of another one has it.
    """

    def __init__(self, path: str, *, read_only: bool = False, image: bytes | None = None) -> None:
        self.path = path
        self._sql = open_database(path, read_only=read_only, image=image)
        self._statements = statements = Statements(self._sql)
        self.trees = JournalTrees(statements)
        self.contents = Contents(statements)
        self.settings = Settings(statements)
        self.intents = Intents(statements)
        self.sessions = Sessions(statements)
        self.problems = Problems(statements)
        self.skipped = SkippedItems(statements)
        self.holds = Holds(statements)
        self.history = History(statements)
        self.conflicts = Conflicts(statements)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what is written inside, durable on leaving, or nothing of it.

        Nothing is written to the disk where nothing changed: a cycle at rest costs no write.
        """
        self._sql.execute("BEGIN IMMEDIATE")
        try:
            with self.trees.remembering(), self._statements.gathering():
                yield
            self._sql.execute("COMMIT")
        except BaseException:
            # On a full disk SQLite may have undone it already.
            if self._sql.in_transaction:
                self._sql.execute("ROLLBACK")
            self.settings.undone()
            raise

    def changes(self) -> int:
        """Rows written since the journal was opened, for noticing that nothing was."""
        self._statements.write_all()
        return self._sql.total_changes

    def image(self) -> bytes:
        """All of it as of the last transaction."""
        return self._sql.serialize()

    def release_memory(self) -> None:
        """Give up the pages kept in memory; the system's own cache still has them."""
        self._sql.execute("PRAGMA shrink_memory")

    def close(self) -> None:
        self._sql.close()


def open_journal(path: str, *, now_ms: int) -> tuple[Journal, str | None]:
    """The journal, and where a damaged one was put aside (None where it was whole).

    A journal that cannot be read is kept for whoever wants to look at it, and a new one begins:
    both sides are then joined as a union, and nothing is deleted (promises, invariant 11).
    """
    if os.path.exists(path + _DAMAGED):
        return _begun_anew(path, now_ms)
    try:
        return Journal(path), None
    except JournalCorrupt:
        return _begun_anew(path, now_ms)


@contextmanager
def damage_noted(path: str) -> Iterator[None]:
    """Around all work with a journal: a page that turns out damaged is noted for the next
    `open_journal`, since one that nobody has read yet does not keep a journal from opening.

    Raises `JournalCorrupt` in place of SQLite's error.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        with open(path + _DAMAGED, "wb"):
            pass
        raise JournalCorrupt(
            N_("the journal {path} is damaged: {error}", path=path, error=error)
        ) from error


def _begun_anew(path: str, now_ms: int) -> tuple[Journal, str]:
    aside = f"{path}.damaged-{now_ms}"
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(path + suffix):
            os.replace(path + suffix, aside + suffix)
    with suppress(FileNotFoundError):
        os.unlink(path + _DAMAGED)
    return Journal(path), aside
