"""Alembic revisions of the server's schema, run by `metadata.migrate` when the server starts."""

NEWEST = "0002"
"""The last of them, in the order of their names. What has it is opened without alembic."""
