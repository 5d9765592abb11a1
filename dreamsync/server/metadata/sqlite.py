"""`MetadataStore` on the shared SQLite file.

SQLite has one writer for the whole file, which is stricter than one for each space: `write` is the
file's write transaction, and the head row needs no lock of its own.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa

from dreamsync.server.metadata import tables
from dreamsync.server.metadata.database import Database
from dreamsync.server.metadata.records import Commit, Head
from dreamsync.server.metadata.rows import head_from, head_values
from dreamsync.server.metadata.sqlite_reader import SqliteReader
from dreamsync.server.metadata.sqlite_writer import SqliteWriter
from dreamsync.server.metadata.store import SpaceMissing

_SPACES = tables.SPACES.c
_MEMBERS = tables.MEMBERS.c


class SqliteMetadata:
    """The tables of `database`; closing it closes the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def read(self, space_id: str) -> Iterator[SqliteReader]:
        with self._database.read() as connection:
            yield SqliteReader(connection, _require(connection, space_id))

    @contextmanager
    def write(self, space_id: str) -> Iterator[SqliteWriter]:
        with self._database.write() as connection:
            yield SqliteWriter(connection, _require(connection, space_id))

    def create_space(self, head: Head, first: Commit) -> None:
        with self._database.write() as connection:
            space = head_values(head) | {"id": head.space_id, "created_ms": first.created_ms}
            connection.execute(sa.insert(tables.SPACES), space)
            commit = {
                "space_id": head.space_id,
                "id": first.id,
                "first": first.first,
                "last": first.last,
                "account_id": first.account_id,
                "device_id": first.device_id,
                "created_ms": first.created_ms,
            }
            connection.execute(sa.insert(tables.COMMITS), commit)

    def add_member(self, space_id: str, account_id: str, *, joined_ms: int) -> None:
        member = {"space_id": space_id, "account_id": account_id, "joined_ms": joined_ms}
        with self._database.write() as connection:
            connection.execute(sa.insert(tables.MEMBERS), member)

    def space_of_member(self, account_id: str, space_id: str | None) -> Head | None:
        query = (
            sa.select(tables.SPACES)
            .join(tables.MEMBERS, _MEMBERS.space_id == _SPACES.id)
            .where(_MEMBERS.account_id == account_id)
            .order_by(_MEMBERS.joined_ms, _SPACES.id)
            .limit(1)
        )
        if space_id is not None:
            query = query.where(_SPACES.id == space_id)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else head_from(row)

    def space_ids(self) -> Sequence[str]:
        with self._database.read() as connection:
            return connection.scalars(sa.select(_SPACES.id).order_by(_SPACES.id)).all()

    def drop_space(self, space_id: str) -> None:
        with self._database.write() as connection:
            for table in tables.METADATA.sorted_tables:
                key = table.c.id if table is tables.SPACES else table.c.space_id
                connection.execute(sa.delete(table).where(key == space_id))

    def close(self) -> None:
        self._database.close()


def _require(connection: sa.Connection, space_id: str) -> Head:
    row = connection.execute(_HEAD, {"space": space_id}).first()
    if row is None:
        raise SpaceMissing(space_id)
    return head_from(row)


_HEAD = sa.select(tables.SPACES).where(_SPACES.id == sa.bindparam("space"))
