"""`SpaceWriter` on a SQLite connection that has begun its write transaction."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import insert

from dreamsync.server.metadata import tables
from dreamsync.server.metadata.records import (
    Acknowledgement,
    BlobRange,
    Block,
    Commit,
    Content,
    Head,
    Revision,
    StoredAnswer,
    Upload,
)
from dreamsync.server.metadata.rows import (
    Values,
    block_values,
    head_values,
    node_values,
)
from dreamsync.server.metadata.sqlite_reader import SqliteReader, among
from dreamsync.server.metadata.store import Changes

_NODES = tables.NODES.c
_REVISIONS = tables.REVISIONS.c
_CONTENTS = tables.CONTENTS.c
_BLOCKS = tables.CONTENT_BLOCKS.c
_ANSWERS = tables.ANSWERS.c
_UPLOADS = tables.UPLOADS.c


class SqliteWriter(SqliteReader):
    """The writer of a space; its `head` is what it last stored."""

    def apply(self, changes: Changes) -> None:
        if changes.commit is not None:
            self._add_commit(changes.commit)
        self._add_contents(changes.contents)
        self._add_revisions(changes.revisions)
        self._add_answers(changes.answers)
        if changes.closed_upload is not None:
            self.drop_upload(changes.closed_upload)
        self.put_head(changes.head)

    def put_head(self, head: Head) -> None:
        query = sa.update(tables.SPACES).where(tables.SPACES.c.id == sa.bindparam("space"))
        self._connection.execute(query, self._space | head_values(head))
        self._head = head

    def put_upload(self, upload: Upload) -> None:
        values: Values = {
            "space_id": self._head.space_id,
            "id": upload.id,
            "account_id": upload.account_id,
            "device_id": upload.device_id,
            "request": upload.request,
            "file_size": upload.file_size,
            "block_size": upload.block_size,
            "created_ms": upload.created_ms,
            "expires_ms": upload.expires_ms,
        }
        self._connection.execute(sa.insert(tables.UPLOADS), values)

    def put_upload_blocks(self, upload_id: str, blocks: Mapping[int, Block]) -> None:
        rows = [
            block_values(self._head.space_id, position, block) | {"upload_id": upload_id}
            for position, block in blocks.items()
        ]
        self._put(tables.UPLOAD_BLOCKS, rows)

    def drop_upload(self, upload_id: str) -> None:
        blocks = tables.UPLOAD_BLOCKS
        self._connection.execute(
            sa.delete(blocks).where(self._here(blocks), blocks.c.upload_id == upload_id)
        )
        self._connection.execute(
            sa.delete(tables.UPLOADS).where(self._here(tables.UPLOADS), _UPLOADS.id == upload_id)
        )

    def put_acknowledgement(self, acknowledgement: Acknowledgement) -> None:
        values: Values = {
            "space_id": self._head.space_id,
            "device_id": acknowledgement.device_id,
            "sequence": acknowledgement.sequence,
            "missing": json.dumps(acknowledgement.missing),
            "updated_ms": acknowledgement.updated_ms,
        }
        self._put(tables.ACKNOWLEDGEMENTS, [values])

    def drop_answers(self, *, before_ms: int) -> None:
        old = sa.delete(tables.ANSWERS).where(
            self._here(tables.ANSWERS), _ANSWERS.created_ms < before_ms
        )
        self._connection.execute(old)

    def expired_uploads(self, *, now_ms: int) -> Sequence[Upload]:
        query = sa.select(_UPLOADS.id).where(
            self._here(tables.UPLOADS), _UPLOADS.expires_ms <= now_ms
        )
        found = [self.upload(upload_id) for upload_id in self._connection.scalars(query).all()]
        return [upload for upload in found if upload is not None]

    def purge(self, *, before_ms: int, limit: int) -> int:
        dead = self._connection.execute(
            sa.select(_NODES.id, _NODES.sequence)
            .where(self._here(tables.NODES), _NODES.deleted_ms < before_ms)
            .order_by(_NODES.deleted_ms)
            .limit(limit)
        ).all()
        superseded = self._connection.execute(
            sa.select(_REVISIONS.id, _REVISIONS.version, _REVISIONS.content_id)
            .where(self._here(tables.REVISIONS), _REVISIONS.superseded_ms < before_ms)
            .limit(limit)
        ).all()
        if not dead and not superseded:
            return 0
        named = self._drop_tombstones([row.id for row in dead])
        named |= {row.content_id for row in superseded}
        self._drop_revisions([(row.id, row.version) for row in superseded])
        freed = self._drop_unnamed(named)
        through = max([self._head.purged_through, *(row.sequence for row in dead)])
        left = self._head.stored_bytes - freed
        self.put_head(replace(self._head, stored_bytes=left, purged_through=through))
        return len(dead) + len(superseded)

    def confirm_content(self, content_id: str, checksum: str) -> None:
        for table, column in (
            (tables.CONTENTS, _CONTENTS.id),
            (tables.NODES, _NODES.content_id),
            (tables.REVISIONS, _REVISIONS.content_id),
        ):
            where = self._here(table), column == content_id
            self._connection.execute(sa.update(table).where(*where).values(checksum=checksum))
        where = self._here(tables.CONTENTS), _CONTENTS.id == content_id
        self._connection.execute(sa.update(tables.CONTENTS).where(*where).values(claimed=False))

    def move_ranges(self, moves: Mapping[BlobRange, BlobRange]) -> None:
        rows = [
            {"old": old.object, "at": old.offset, "object": new.object, "start": new.offset}
            for old, new in moves.items()
        ]
        for table in (tables.CONTENT_BLOCKS, tables.UPLOAD_BLOCKS):
            query = (
                sa.update(table)
                .where(
                    self._here(table),
                    table.c.object == sa.bindparam("old"),
                    table.c.start == sa.bindparam("at"),
                )
                .values(object=sa.bindparam("object"), start=sa.bindparam("start"))
            )
            if rows:
                self._connection.execute(query, rows)

    def _add_commit(self, commit: Commit) -> None:
        values: Values = {
            "space_id": self._head.space_id,
            "id": commit.id,
            "first": commit.first,
            "last": commit.last,
            "account_id": commit.account_id,
            "device_id": commit.device_id,
            "created_ms": commit.created_ms,
        }
        self._connection.execute(sa.insert(tables.COMMITS), values)

    def _add_contents(self, contents: Sequence[Content]) -> None:
        space_id = self._head.space_id
        rows: list[Values] = [
            {
                "space_id": space_id,
                "id": content.id,
                "size": content.size,
                "checksum": content.checksum,
                "digest": content.digest,
                "claimed": content.claimed,
                "created_ms": content.created_ms,
            }
            for content in contents
        ]
        blocks = [
            block_values(space_id, position, block) | {"content_id": content.id}
            for content in contents
            for position, block in enumerate(content.blocks)
        ]
        self._insert(tables.CONTENTS, rows)
        self._insert(tables.CONTENT_BLOCKS, blocks)

    def _add_revisions(self, revisions: Sequence[Revision]) -> None:
        if not revisions:
            return
        nodes = [node_values(self._head.space_id, revision.node) for revision in revisions]
        self._put(tables.NODES, nodes)
        rows = [
            values | {"change": revision.change.value, "commit_id": revision.commit_id}
            for values, revision in zip(nodes, revisions, strict=True)
        ]
        self._insert(tables.REVISIONS, rows)
        # After the insert: a batch may change one node twice, and supersede its own revision.
        self._supersede(revisions)

    def _supersede(self, revisions: Sequence[Revision]) -> None:
        rows = [
            {"node": r.node.id, "previous": r.node.version - 1, "at": r.node.updated_ms}
            for r in revisions
            if r.node.version > 1
        ]
        query = (
            sa.update(tables.REVISIONS)
            .where(
                self._here(tables.REVISIONS),
                _REVISIONS.id == sa.bindparam("node"),
                _REVISIONS.version == sa.bindparam("previous"),
            )
            .values(superseded_ms=sa.bindparam("at"))
        )
        if rows:
            self._connection.execute(query, rows)

    def _add_answers(self, answers: Sequence[StoredAnswer]) -> None:
        rows: list[Values] = [
            {
                "space_id": self._head.space_id,
                "account_id": answer.account_id,
                "key": answer.key,
                "request_hash": answer.request_hash,
                "status": answer.status,
                "body": answer.body,
                "created_ms": answer.created_ms,
            }
            for answer in answers
        ]
        self._put(tables.ANSWERS, rows)

    def _drop_tombstones(self, node_ids: Sequence[str]) -> set[str | None]:
        """With all their revisions; the contents that those named."""
        gone = {"keys": node_ids}
        query = sa.select(_REVISIONS.content_id).where(
            self._here(tables.REVISIONS), among(_REVISIONS.id)
        )
        named: set[str | None] = set(self._connection.scalars(query, gone))
        for table in (tables.NODES, tables.REVISIONS):
            drop = sa.delete(table).where(self._here(table), among(table.c.id))
            self._connection.execute(drop, gone)
        return named

    def _drop_revisions(self, revisions: Sequence[tuple[str, int]]) -> None:
        query = sa.delete(tables.REVISIONS).where(
            self._here(tables.REVISIONS),
            _REVISIONS.id == sa.bindparam("node"),
            _REVISIONS.version == sa.bindparam("number"),
        )
        if revisions:
            gone = [{"node": node_id, "number": version} for node_id, version in revisions]
            self._connection.execute(query, gone)

    def _drop_unnamed(self, content_ids: set[str | None]) -> int:
        """Forget those of the contents that no revision names any more; how many bytes."""
        still_named = sa.exists().where(
            _REVISIONS.space_id == _CONTENTS.space_id, _REVISIONS.content_id == _CONTENTS.id
        )
        query = sa.select(_CONTENTS.id, _CONTENTS.size).where(
            self._here(tables.CONTENTS), among(_CONTENTS.id), ~still_named
        )
        rows = list(self._by_keys(query, (c for c in content_ids if c is not None)))
        gone = [{"content": row.id} for row in rows]
        for table, column in (
            (tables.CONTENTS, _CONTENTS.id),
            (tables.CONTENT_BLOCKS, _BLOCKS.content_id),
        ):
            drop = sa.delete(table).where(self._here(table), column == sa.bindparam("content"))
            if gone:
                self._connection.execute(drop, gone)
        return sum(row.size for row in rows)

    def _here(self, table: sa.Table) -> sa.ColumnElement[bool]:
        return table.c.space_id == self._head.space_id

    def _put(self, table: sa.Table, rows: Sequence[Values]) -> None:
        """Insert, or replace the row of the same key."""
        self._insert(table, rows, or_replace=True)

    def _insert(self, table: sa.Table, rows: Sequence[Values], *, or_replace: bool = False) -> None:
        """Rows that all name the same columns, straight to the driver: SQLAlchemy's own way costs
        several times as much for each of hundreds."""
        if not rows:
            return
        statement, names = _insertion(table, tuple(rows[0]), or_replace=or_replace)
        cells = [tuple([row[name] for name in names]) for row in rows]
        self._connection.exec_driver_sql(statement, cells)


@cache
def _insertion(
    table: sa.Table, columns: tuple[str, ...], *, or_replace: bool
) -> tuple[str, Sequence[str]]:
    """SQLite's statement, and the columns in the order of its parameters."""
    query = insert(table)
    if or_replace:
        query = query.on_conflict_do_update(
            index_elements=list(table.primary_key.columns),
            set_={c.name: query.excluded[c.name] for c in table.c if not c.primary_key},
        )
    compiled = query.compile(dialect=sqlite.dialect(), column_keys=columns)
    return str(compiled), compiled.positiontup or ()
