"""Alembic's entry: migrations always run on a connection that `metadata.database` has opened."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    # The caller's transaction holds all revisions: the schema is the old one or the new one.
    transactional_ddl=False,
)
context.run_migrations()
