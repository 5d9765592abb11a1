"""Alembic revisions of the server's schema, run by `metadata.database` when the server starts."""
