"""The server's tables as they are now. The migrations make them; queries name their columns.

All tables key on the space. Times are milliseconds since the epoch, UTC. Identifiers are text.
"""

from typing import Any

import sqlalchemy as sa

METADATA = sa.MetaData()


def _text(name: str, *, key: bool = False, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=key, nullable=null)


def _number(name: str, *, key: bool = False, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, primary_key=key, nullable=null, autoincrement=False)


def _flag(name: str, *, null: bool = False) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=null)


SPACES = sa.Table(
    "spaces",
    METADATA,
    _text("id", key=True),
    _text("name"),
    _number("sequence"),  # of the latest commit; taken by its writer under the row's lock
    _text("commit_id"),
    _number("purged_through"),  # tombstones up to this sequence may be gone
    _number("stored_bytes"),  # the sizes of all contents
    _number("reserved_bytes"),  # the sizes of all uploads under way
    _number("quota_limit", null=True),  # bytes; NULL: none
    _number("created_ms"),
)

MEMBERS = sa.Table(
    "members",
    METADATA,
    _text("account_id", key=True),
    _text("space_id", key=True),
    _number("joined_ms"),  # an account's earliest space is its default
)


def _state_columns() -> list[sa.Column[Any]]:
    """The state of a node, as `nodes` has the latest and `revisions` each of them."""
    return [
        _text("parent_id"),  # '' below the root
        _text("name"),
        _text("kind"),
        _number("sequence"),
        _number("size"),
        _text("checksum", null=True),  # MD5, hex
        _text("digest", null=True),
        _text("content_id", null=True),
        _flag("executable", null=True),  # NULL: unknown
        _number("modified_ns", null=True),  # the file's own mtime
        _text("device_id"),
        _number("created_ms"),
        _number("updated_ms"),
        _number("deleted_ms", null=True),  # NULL while live
        _flag("confirmed"),  # tombstones: a person has answered for the deletion
    ]


NODES = sa.Table(
    "nodes",
    METADATA,
    _text("space_id", key=True),
    _text("id", key=True),
    _number("version"),
    *_state_columns(),
)

REVISIONS = sa.Table(
    "revisions",
    METADATA,
    _text("space_id", key=True),
    _text("id", key=True),
    _number("version", key=True),
    *_state_columns(),
    _text("change"),
    _text("commit_id"),
    _number("superseded_ms", null=True),  # when the next revision came; NULL: the latest
)

COMMITS = sa.Table(
    "commits",
    METADATA,
    _text("space_id", key=True),
    _text("id", key=True),
    _number("first"),
    _number("last"),
    _text("account_id"),
    _text("device_id"),
    _number("created_ms"),
)

CONTENTS = sa.Table(
    "contents",
    METADATA,
    _text("space_id", key=True),
    _text("id", key=True),
    _number("size"),
    _text("checksum", null=True),
    _text("digest"),
    _flag("claimed"),  # the checksum is the client's word, not yet confirmed
    _number("created_ms"),
)

CONTENT_BLOCKS = sa.Table(
    "content_blocks",
    METADATA,
    _text("space_id", key=True),
    _text("content_id", key=True),
    _number("position", key=True),
    _text("sha256"),
    _text("object"),  # the blob object, and the range in it
    _number("start"),
    _number("size"),
)

ANSWERS = sa.Table(
    "answers",
    METADATA,
    _text("space_id", key=True),
    _text("account_id", key=True),
    _text("key", key=True),  # the Idempotency-Key
    _text("request_hash"),
    _number("status"),
    _text("body"),  # JSON
    _number("created_ms"),
)

UPLOADS = sa.Table(
    "uploads",
    METADATA,
    _text("space_id", key=True),
    _text("id", key=True),
    _text("account_id"),
    _text("device_id"),
    _text("request"),  # JSON
    _number("file_size"),
    _number("block_size"),
    _number("created_ms"),
    _number("expires_ms"),
)

UPLOAD_BLOCKS = sa.Table(
    "upload_blocks",
    METADATA,
    _text("space_id", key=True),
    _text("upload_id", key=True),
    _number("position", key=True),
    _text("sha256"),
    _text("object"),
    _number("start"),
    _number("size"),
)

ACKNOWLEDGEMENTS = sa.Table(
    "acknowledgements",
    METADATA,
    _text("space_id", key=True),
    _text("device_id", key=True),
    _number("sequence"),
    _text("missing"),  # JSON list of node ids
    _number("updated_ms"),
)
