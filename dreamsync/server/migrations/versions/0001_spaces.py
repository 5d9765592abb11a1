"""Spaces, members, nodes, revisions, contents, commits, answers, uploads, acknowledgements."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_DROPPED = (
    "acknowledgements",
    "upload_blocks",
    "uploads",
    "answers",
    "content_blocks",
    "contents",
    "commits",
    "revisions",
    "nodes",
    "members",
    "spaces",
)


def upgrade() -> None:
    _make_spaces()
    _make_nodes()
    _make_history()
    _make_contents()
    _make_requests()


def downgrade() -> None:
    for table in _DROPPED:
        op.drop_table(table)


def _text(name: str, *, key: bool = False, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=key, nullable=null)


def _number(name: str, *, key: bool = False, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, primary_key=key, nullable=null, autoincrement=False)


def _flag(name: str, *, null: bool = False) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=null)


def _make_spaces() -> None:
    op.create_table(
        "spaces",
        _text("id", key=True),
        _text("name"),
        _number("sequence"),
        _text("commit_id"),
        _number("purged_through"),
        _number("stored_bytes"),
        _number("reserved_bytes"),
        _number("quota_limit", null=True),
        _number("created_ms"),
    )
    op.create_table(
        "members",
        _text("account_id", key=True),
        _text("space_id", key=True),
        _number("joined_ms"),
    )


def _state_columns() -> list[sa.Column[Any]]:
    return [
        _text("parent_id"),
        _text("name"),
        _text("kind"),
        _number("sequence"),
        _number("size"),
        _text("checksum", null=True),
        _text("digest", null=True),
        _text("content_id", null=True),
        _flag("executable", null=True),
        _number("modified_ns", null=True),
        _text("device_id"),
        _number("created_ms"),
        _number("updated_ms"),
        _number("deleted_ms", null=True),
        _flag("confirmed"),
    ]


def _make_nodes() -> None:
    op.create_table(
        "nodes",
        _text("space_id", key=True),
        _text("id", key=True),
        _number("version"),
        *_state_columns(),
    )
    live, dead = sa.text("deleted_ms IS NULL"), sa.text("deleted_ms IS NOT NULL")
    _index("nodes_feed", ["space_id", "sequence"], unique=True)
    _index("nodes_live_name", ["space_id", "parent_id", "name"], unique=True, where=live)
    _index("nodes_dead_name", ["space_id", "parent_id", "name"], where=dead)
    _index("nodes_trash", ["space_id", "deleted_ms", "id"], where=dead)
    folders = sa.text("kind = 'folder' AND deleted_ms IS NULL")
    _index("nodes_folders", ["space_id", "parent_id"], where=folders)


def _make_history() -> None:
    op.create_table(
        "revisions",
        _text("space_id", key=True),
        _text("id", key=True),
        _number("version", key=True),
        *_state_columns(),
        _text("change"),
        _text("commit_id"),
        _number("superseded_ms", null=True),
    )
    op.create_index("revisions_content", "revisions", ["space_id", "content_id"])
    superseded = sa.text("superseded_ms IS NOT NULL")
    op.create_index(
        "revisions_superseded",
        "revisions",
        ["space_id", "superseded_ms"],
        sqlite_where=superseded,
        postgresql_where=superseded,
    )
    op.create_table(
        "commits",
        _text("space_id", key=True),
        _text("id", key=True),
        _number("first"),
        _number("last"),
        _text("account_id"),
        _text("device_id"),
        _number("created_ms"),
    )
    op.create_index("commits_order", "commits", ["space_id", "last"], unique=True)


def _make_contents() -> None:
    op.create_table(
        "contents",
        _text("space_id", key=True),
        _text("id", key=True),
        _number("size"),
        _text("checksum", null=True),
        _text("digest"),
        _flag("claimed"),
        _number("created_ms"),
    )
    claimed = sa.text("claimed")
    op.create_index(
        "contents_claimed",
        "contents",
        ["space_id", "id"],
        sqlite_where=claimed,
        postgresql_where=claimed,
    )
    op.create_table(
        "content_blocks",
        _text("space_id", key=True),
        _text("content_id", key=True),
        _number("position", key=True),
        _text("sha256"),
        _text("object"),
        _number("start"),
        _number("size"),
    )
    op.create_index("content_blocks_object", "content_blocks", ["space_id", "object"])


def _make_requests() -> None:
    op.create_table(
        "answers",
        _text("space_id", key=True),
        _text("account_id", key=True),
        _text("key", key=True),
        _text("request_hash"),
        _number("status"),
        _text("body"),
        _number("created_ms"),
    )
    op.create_index("answers_age", "answers", ["space_id", "created_ms"])
    op.create_table(
        "uploads",
        _text("space_id", key=True),
        _text("id", key=True),
        _text("account_id"),
        _text("device_id"),
        _text("request"),
        _number("file_size"),
        _number("block_size"),
        _number("created_ms"),
        _number("expires_ms"),
    )
    op.create_table(
        "upload_blocks",
        _text("space_id", key=True),
        _text("upload_id", key=True),
        _number("position", key=True),
        _text("sha256"),
        _text("object"),
        _number("start"),
        _number("size"),
    )
    op.create_index("upload_blocks_object", "upload_blocks", ["space_id", "object"])
    op.create_table(
        "acknowledgements",
        _text("space_id", key=True),
        _text("device_id", key=True),
        _number("sequence"),
        _text("missing"),
        _number("updated_ms"),
    )


def _index(
    name: str, columns: list[str], *, unique: bool = False, where: sa.TextClause | None = None
) -> None:
    op.create_index(
        name, "nodes", columns, unique=unique, sqlite_where=where, postgresql_where=where
    )
