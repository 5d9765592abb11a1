"""One SQLite file for all of the server's tables: connections, pragmas, migrations.

WAL, `synchronous=FULL`, foreign keys on. One writer: `write` begins with BEGIN IMMEDIATE on the
single connection of the writing pool; `read` gives a snapshot that never waits for the writer.
Accounts share it, so that one backup holds all.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

from dreamsync.message import N_, message_of
from dreamsync.server.metadata.migrate import DatabaseUnusable, migrate

_BUSY_TIMEOUT_S = 30


class Database:
    """The database at `path`, brought to the newest schema when opened, or `DatabaseUnusable`."""

    def __init__(self, path: str) -> None:
        self.path = path
        url = sa.URL.create("sqlite+pysqlite", database=path)
        self._writer = _engine(url, begin="BEGIN IMMEDIATE", connections=1)
        self._reader = _engine(url, begin="BEGIN", connections=16)
        _make_private(path)
        try:
            with self.write() as connection:
                migrate(connection)
        except (sa.exc.SQLAlchemyError, DatabaseUnusable) as error:
            self.close()
            raise DatabaseUnusable(
                N_(
                    "The database {path} cannot be used. {reason}",
                    path=path,
                    reason=message_of(error),
                )
            ) from error

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection that sees one state of the database throughout."""
        with self._reader.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """The one writing connection: committed at the end of the block, undone if it raises."""
        with self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        self._reader.dispose()
        self._writer.dispose()


def _engine(url: sa.URL, *, begin: str, connections: int) -> sa.Engine:
    engine = sa.create_engine(
        url,
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=_BUSY_TIMEOUT_S,
        connect_args={"timeout": _BUSY_TIMEOUT_S, "check_same_thread": False},
        query_cache_size=1000,
        # An error's text may reach a log: without what was to be stored.
        hide_parameters=True,
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # pysqlite must not begin transactions by itself: it would begin them deferred.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def start(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _make_private(path: str) -> None:
    """Only the server's own user may read it; SQLite gives -wal and -shm the same mode."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
