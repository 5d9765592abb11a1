"""Bring a database to the newest schema.

Alembic and what it brings along cost every start half a second and 15 MiB: they are loaded only
where there is something to change.
"""

import os
from importlib import resources

import sqlalchemy as sa

from dreamsync.message import N_
from dreamsync.server.migrations import NEWEST


class DatabaseUnusable(Exception):
    """It is damaged, or was made by a newer dreamsync; `str(error)` tells its owner."""


def migrate(connection: sa.Connection) -> None:
    """All missing revisions, inside the caller's transaction; raise `DatabaseUnusable`."""
    revision = _revision(connection)
    if revision is not None and revision > NEWEST:
        raise DatabaseUnusable(
            N_(
                "It was made by a newer dreamsync (schema {revision}, and this one knows "
                "{newest}). Install that version again: it goes on where it was.",
                revision=revision,
                newest=NEWEST,
            )
        )
    if revision != NEWEST:
        _upgrade(connection)


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    known = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return None if known is None else str(known)


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    with resources.as_file(resources.files("dreamsync.server") / "migrations") as scripts:
        config.set_main_option("script_location", os.fspath(scripts).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
