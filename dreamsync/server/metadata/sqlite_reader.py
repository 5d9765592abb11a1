"""`SpaceReader` on a SQLite connection: every query is one compiled statement, bound by name."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from dreamsync.server.metadata import tables
from dreamsync.server.metadata.records import (
    Acknowledgement,
    BlobRange,
    Block,
    Commit,
    Content,
    Head,
    Node,
    Revision,
    StoredAnswer,
    Upload,
)
from dreamsync.server.metadata.rows import (
    NODE_COLUMNS,
    REVISION_COLUMNS,
    Row,
    block_from,
    contents_from,
    node_from,
    revision_from,
)
from dreamsync.server.metadata.store import TrashPosition

_NODES = tables.NODES.c
_REVISIONS = tables.REVISIONS.c
_COMMITS = tables.COMMITS.c
_CONTENTS = tables.CONTENTS.c
_BLOCKS = tables.CONTENT_BLOCKS.c
_ANSWERS = tables.ANSWERS.c
_UPLOADS = tables.UPLOADS.c
_UPLOAD_BLOCKS = tables.UPLOAD_BLOCKS.c
_ACKNOWLEDGEMENTS = tables.ACKNOWLEDGEMENTS.c

_EVERY_POSITION = range(1 << 31)
_MOST_KEYS = 500
"""Keys in one IN list: far below every database's limit on bound values."""


class SqliteReader:
    """One space as `connection` sees it."""

    def __init__(self, connection: sa.Connection, head: Head) -> None:
        self._connection = connection
        self._head = head
        self._space = {"space": head.space_id}

    @property
    def head(self) -> Head:
        return self._head

    def node(self, node_id: str) -> Node | None:
        row = self._first(_NODE, id=node_id)
        return None if row is None else node_from(row)

    def nodes(self, node_ids: Iterable[str]) -> Mapping[str, Node]:
        return {row[0]: node_from(row) for row in self._by_keys(_NODES_BY_ID, node_ids)}

    def child(self, parent_id: str, name: str) -> Node | None:
        row = self._first(_CHILD, parent=parent_id, name=name)
        return None if row is None else node_from(row)

    def children(self, positions: Iterable[tuple[str, str]]) -> Sequence[Node]:
        names: dict[str, list[str]] = defaultdict(list)
        for parent_id, name in positions:
            names[parent_id].append(name)
        return [
            node_from(row)
            for parent_id, wanted in names.items()
            for row in self._by_keys(_CHILDREN, wanted, parent=parent_id)
        ]

    def dead_child(self, parent_id: str, name: str, version: int) -> Node | None:
        row = self._first(_DEAD_CHILD, parent=parent_id, name=name, version=version)
        return None if row is None else node_from(row)

    def child_ids(self, parent_id: str, limit: int) -> Sequence[str]:
        return [row[0] for row in self._rows(_CHILD_IDS, parent=parent_id, most=limit)]

    def height(self, folder_id: str) -> int:
        row = self._first(_HEIGHT, folder=folder_id)
        return 0 if row is None else int(row[0] or 0)

    def changes(self, *, after: int, limit: int, live_through: int) -> Sequence[Node]:
        rows = self._rows(_CHANGES, after=after, most=limit, live_through=live_through)
        return [node_from(row) for row in rows]

    def commit(self, commit_id: str) -> Commit | None:
        row = self._first(_COMMIT, id=commit_id)
        return None if row is None else _commit_from(row)

    def commit_at(self, sequence: int) -> Commit | None:
        row = self._first(_COMMIT_AT, sequence=sequence)
        return None if row is None else _commit_from(row)

    def revisions(self, node_id: str) -> Sequence[Revision]:
        return [revision_from(row) for row in self._rows(_ALL_REVISIONS, id=node_id)]

    def revision(self, node_id: str, version: int) -> Revision | None:
        row = self._first(_REVISION, id=node_id, version=version)
        return None if row is None else revision_from(row)

    def trash(self, after: TrashPosition | None, limit: int) -> Sequence[Node]:
        if after is None:
            return [node_from(row) for row in self._rows(_TRASH, most=limit)]
        rows = self._rows(_TRASH_AFTER, at=after.deleted_ms, id=after.node_id, most=limit)
        return [node_from(row) for row in rows]

    def content(self, content_id: str) -> Content | None:
        return self.contents([content_id]).get(content_id)

    def contents(self, content_ids: Iterable[str]) -> Mapping[str, Content]:
        wanted = list(content_ids)
        return self._with_blocks(self._by_keys(_CONTENTS_BY_ID, wanted))

    def claimed_contents(self, limit: int) -> Sequence[Content]:
        return list(self._with_blocks(self._rows(_CLAIMED, most=limit)).values())

    def answer(self, account_id: str, key: str) -> StoredAnswer | None:
        return self.answers(account_id, [key]).get(key)

    def answers(self, account_id: str, keys: Iterable[str]) -> Mapping[str, StoredAnswer]:
        rows = self._by_keys(_ANSWERS_BY_KEY, keys, account=account_id)
        return {row.key: StoredAnswer(*row) for row in rows}

    def upload(self, upload_id: str) -> Upload | None:
        row = self._first(_UPLOAD, id=upload_id)
        return None if row is None else Upload(*row)

    def upload_blocks(self, upload_id: str, positions: range | None = None) -> Mapping[int, Block]:
        some = _EVERY_POSITION if positions is None else positions
        rows = self._rows(_BLOCKS_SO_FAR, id=upload_id, first=some.start, end=some.stop)
        return {row.position: block_from(row) for row in rows}

    def acknowledgements(self) -> Sequence[Acknowledgement]:
        return [
            Acknowledgement(row.device_id, row.sequence, tuple(json.loads(row.missing)), row[3])
            for row in self._rows(_ALL_ACKNOWLEDGEMENTS)
        ]

    def ranges_in(self, blob_object: str) -> Sequence[BlobRange]:
        return [BlobRange(*row) for row in self._rows(_RANGES_IN, object=blob_object)]

    def _with_blocks(self, found: Iterable[Row]) -> dict[str, Content]:
        rows = list(found)
        blocks: dict[str, list[Block]] = defaultdict(list)
        for row in self._by_keys(_BLOCKS_BY_CONTENT, [row.id for row in rows]):
            blocks[row.content_id].append(block_from(row))
        return contents_from(rows, blocks)

    def _first(self, query: sa.Executable, **values: object) -> Row | None:
        return self._connection.execute(query, self._space | values).first()

    def _rows(self, query: sa.Executable, **values: object) -> Sequence[Row]:
        return self._connection.execute(query, self._space | values).all()

    def _by_keys(
        self, query: sa.Executable, keys: Iterable[str], **values: object
    ) -> Iterator[Row]:
        wanted = list(dict.fromkeys(keys))
        for start in range(0, len(wanted), _MOST_KEYS):
            yield from self._rows(query, keys=wanted[start : start + _MOST_KEYS], **values)


def _commit_from(row: Row) -> Commit:
    return Commit(row.id, row.first, row.last, row.account_id, row.device_id, row.created_ms)


def among(column: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """The column has one of the values bound as `keys`."""
    return column.in_(sa.bindparam("keys", expanding=True))


def _here(table: sa.Table) -> sa.ColumnElement[bool]:
    return table.c.space_id == sa.bindparam("space")


def _select(table: sa.Table, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    return sa.select(*(columns or table.c)).where(_here(table))


def _height_query() -> sa.Select[Any]:
    """The folders below by level; one more level where the lowest have files."""
    below = (
        sa.select(sa.bindparam("folder").label("id"), sa.literal(0).label("level"))
        .cte("below", recursive=True)
    )  # fmt: skip
    folders = tables.NODES.alias("folders")
    below = below.union_all(
        sa.select(folders.c.id, below.c.level + 1).where(
            folders.c.space_id == sa.bindparam("space"),
            folders.c.parent_id == below.c.id,
            folders.c.deleted_ms.is_(None),
            folders.c.kind == sa.literal_column("'folder'"),
        )
    )
    occupied = sa.exists().where(
        _here(tables.NODES), _NODES.parent_id == below.c.id, _NODES.deleted_ms.is_(None)
    )
    return sa.select(sa.func.max(below.c.level + sa.case((occupied, 1), else_=0)))


_MOST: sa.BindParameter[int] = sa.bindparam("most")
_NODE = _select(tables.NODES, *NODE_COLUMNS).where(_NODES.id == sa.bindparam("id"))
_NODES_BY_ID = _select(tables.NODES, *NODE_COLUMNS).where(among(_NODES.id))
_POSITION = _NODES.parent_id == sa.bindparam("parent"), _NODES.name == sa.bindparam("name")
_CHILD = _select(tables.NODES, *NODE_COLUMNS).where(*_POSITION, _NODES.deleted_ms.is_(None))
_CHILDREN = _select(tables.NODES, *NODE_COLUMNS).where(
    _NODES.parent_id == sa.bindparam("parent"), among(_NODES.name), _NODES.deleted_ms.is_(None)
)
_DEAD_CHILD = (
    _select(tables.NODES, *NODE_COLUMNS)
    .where(*_POSITION, _NODES.deleted_ms.is_not(None), _NODES.version == sa.bindparam("version"))
    .order_by(_NODES.sequence.desc())
    .limit(1)
)
_CHILD_IDS = (
    _select(tables.NODES, _NODES.id)
    .where(_NODES.parent_id == sa.bindparam("parent"), _NODES.deleted_ms.is_(None))
    .limit(_MOST)
)
_HEIGHT = _height_query()
_CHANGES = (
    _select(tables.NODES, *NODE_COLUMNS)
    .where(
        _NODES.sequence > sa.bindparam("after"),
        _NODES.deleted_ms.is_(None) | (_NODES.sequence > sa.bindparam("live_through")),
    )
    .order_by(_NODES.sequence)
    .limit(_MOST)
)
_COMMIT = _select(tables.COMMITS).where(_COMMITS.id == sa.bindparam("id"))
_COMMIT_AT = (
    _select(tables.COMMITS)
    .where(_COMMITS.last >= sa.bindparam("sequence"))
    .order_by(_COMMITS.last)
    .limit(1)
)
_ALL_REVISIONS = (
    _select(tables.REVISIONS, *REVISION_COLUMNS)
    .where(_REVISIONS.id == sa.bindparam("id"))
    .order_by(_REVISIONS.version.desc())
)
_REVISION = _ALL_REVISIONS.where(_REVISIONS.version == sa.bindparam("version"))
_TRASH = (
    _select(tables.NODES, *NODE_COLUMNS)
    .where(_NODES.deleted_ms.is_not(None))
    .order_by(_NODES.deleted_ms.desc(), _NODES.id.desc())
    .limit(_MOST)
)
_TRASH_AFTER = _TRASH.where(
    sa.tuple_(_NODES.deleted_ms, _NODES.id) < sa.tuple_(sa.bindparam("at"), sa.bindparam("id"))
)
_CONTENTS_BY_ID = _select(tables.CONTENTS).where(among(_CONTENTS.id))
_CLAIMED = _select(tables.CONTENTS).where(_CONTENTS.claimed).limit(_MOST)
_BLOCKS_BY_CONTENT = (
    _select(tables.CONTENT_BLOCKS).where(among(_BLOCKS.content_id)).order_by(_BLOCKS.position)
)
_ANSWERS_BY_KEY = _select(
    tables.ANSWERS,
    *(_ANSWERS.account_id, _ANSWERS.key, _ANSWERS.request_hash, _ANSWERS.status),
    *(_ANSWERS.body, _ANSWERS.created_ms),
).where(_ANSWERS.account_id == sa.bindparam("account"), among(_ANSWERS.key))
_UPLOAD = _select(
    tables.UPLOADS,
    *(_UPLOADS.id, _UPLOADS.account_id, _UPLOADS.device_id, _UPLOADS.request),
    *(_UPLOADS.file_size, _UPLOADS.block_size, _UPLOADS.created_ms, _UPLOADS.expires_ms),
).where(_UPLOADS.id == sa.bindparam("id"))
_BLOCKS_SO_FAR = (
    _select(tables.UPLOAD_BLOCKS)
    .where(
        _UPLOAD_BLOCKS.upload_id == sa.bindparam("id"),
        _UPLOAD_BLOCKS.position >= sa.bindparam("first"),
        _UPLOAD_BLOCKS.position < sa.bindparam("end"),
    )
    .order_by(_UPLOAD_BLOCKS.position)
)
_ALL_ACKNOWLEDGEMENTS = _select(
    tables.ACKNOWLEDGEMENTS,
    *(_ACKNOWLEDGEMENTS.device_id, _ACKNOWLEDGEMENTS.sequence),
    *(_ACKNOWLEDGEMENTS.missing, _ACKNOWLEDGEMENTS.updated_ms),
).order_by(_ACKNOWLEDGEMENTS.device_id)
_RANGES_IN = (
    _select(tables.CONTENT_BLOCKS, _BLOCKS.object, _BLOCKS.start, _BLOCKS.size)
    .where(_BLOCKS.object == sa.bindparam("object"))
    .union(
        _select(
            tables.UPLOAD_BLOCKS,
            *(_UPLOAD_BLOCKS.object, _UPLOAD_BLOCKS.start, _UPLOAD_BLOCKS.size),
        ).where(_UPLOAD_BLOCKS.object == sa.bindparam("object"))
    )
)
