"""Rows of the tables to records and back."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import sqlalchemy as sa

from dreamsync.core.nodes import Kind
from dreamsync.server.metadata import tables
from dreamsync.server.metadata.records import (
    BlobRange,
    Block,
    Change,
    Content,
    Head,
    Node,
    Revision,
)

Row: TypeAlias = sa.Row[*tuple[Any, ...]]
Values = dict[str, object]

_NODE_FIELDS = (
    *("id", "parent_id", "name", "kind", "version", "sequence", "size", "checksum", "digest"),
    *("content_id", "executable", "modified_ns", "device_id", "created_ms", "updated_ms"),
    *("deleted_ms", "confirmed"),
)
NODE_COLUMNS = [tables.NODES.c[name] for name in _NODE_FIELDS]
REVISION_COLUMNS = [
    *(tables.REVISIONS.c[name] for name in _NODE_FIELDS),
    tables.REVISIONS.c.change,
    tables.REVISIONS.c.commit_id,
]
_NODE_WIDTH = len(_NODE_FIELDS)
_KINDS = {kind.value: kind for kind in Kind}


def node_from(row: Row) -> Node:
    """From a row of `NODE_COLUMNS`. By position: a feed page makes thousands of them."""
    return Node(row[0], row[1], row[2], _KINDS[row[3]], *row[4:_NODE_WIDTH])


def revision_from(row: Row) -> Revision:
    """From a row of `REVISION_COLUMNS`."""
    return Revision(node_from(row), Change(row[_NODE_WIDTH]), row[_NODE_WIDTH + 1])


def node_values(space_id: str, node: Node) -> Values:
    values: Values = {name: getattr(node, name) for name in _NODE_FIELDS}
    values["kind"] = node.kind.value
    values["space_id"] = space_id
    return values


def head_from(row: Row) -> Head:
    """From a row of the whole table `spaces`."""
    return Head(
        space_id=row.id,
        name=row.name,
        sequence=row.sequence,
        commit_id=row.commit_id,
        purged_through=row.purged_through,
        stored_bytes=row.stored_bytes,
        reserved_bytes=row.reserved_bytes,
        quota_limit=row.quota_limit,
    )


def head_values(head: Head) -> Values:
    return {
        "name": head.name,
        "sequence": head.sequence,
        "commit_id": head.commit_id,
        "purged_through": head.purged_through,
        "stored_bytes": head.stored_bytes,
        "reserved_bytes": head.reserved_bytes,
        "quota_limit": head.quota_limit,
    }


def block_from(row: Row) -> Block:
    """From a row of `content_blocks` or `upload_blocks`."""
    return Block(row.sha256, BlobRange(row.object, row.start, row.size))


def block_values(space_id: str, position: int, block: Block) -> Values:
    return {
        "space_id": space_id,
        "position": position,
        "sha256": block.sha256,
        "object": block.at.object,
        "start": block.at.offset,
        "size": block.at.size,
    }


def contents_from(rows: Iterable[Row], blocks: Mapping[str, list[Block]]) -> dict[str, Content]:
    """From rows of `contents` and their blocks by content id, in order."""
    return {
        row.id: Content(
            id=row.id,
            size=row.size,
            checksum=row.checksum,
            digest=row.digest,
            blocks=tuple(blocks.get(row.id, ())),
            created_ms=row.created_ms,
            claimed=row.claimed,
        )
        for row in rows
    }
