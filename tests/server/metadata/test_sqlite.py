"""SQLite as a `MetadataStore`: conformance, and what only the file has."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from dreamsync.server import migrations
from dreamsync.server.metadata import tables
from dreamsync.server.metadata.database import Database
from dreamsync.server.metadata.migrate import DatabaseUnusable
from dreamsync.server.metadata.sqlite import SqliteMetadata
from tests.server.metadata.conformance import MetadataStoreConformance


class TestSqliteMetadata(MetadataStoreConformance):
    @pytest.fixture(autouse=True)
    def file(self, database: Database) -> None:
        self._database = database

    def open_store(self) -> SqliteMetadata:
        return SqliteMetadata(self._database)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(str(tmp_path / "db.sqlite3"))
    yield made
    made.close()


def test_the_migrations_make_the_tables_that_the_queries_name(database: Database) -> None:
    with database.read() as connection:
        inspector = sa.inspect(connection)
        for table in tables.METADATA.sorted_tables:
            made = {column["name"]: column for column in inspector.get_columns(table.name)}
            assert made.keys() == set(table.columns.keys())
            for column in table.columns:
                assert made[column.name]["nullable"] == column.nullable, column


def test_opening_again_changes_nothing(database: Database) -> None:
    with database.write() as connection:
        connection.execute(sa.text("CREATE TABLE mine (x)"))

    again = Database(database.path)

    with again.read() as connection:
        assert sa.inspect(connection).has_table("mine")
    again.close()


def test_the_newest_revision_is_the_last_of_alembic_s(database: Database) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")

    assert ScriptDirectory.from_config(config).get_current_head() == migrations.NEWEST
    with database.read() as connection:
        assert (
            connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
            == migrations.NEWEST
        )


def test_a_database_of_the_newest_schema_opens_without_alembic(database: Database) -> None:
    code = (
        "import sys; from dreamsync.server.metadata.database import Database; "
        f"Database({database.path!r}).close(); print('alembic' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"


def test_a_database_of_a_newer_dreamsync_is_left_alone(database: Database) -> None:
    with database.write() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9001'"))

    with pytest.raises(DatabaseUnusable, match=r"newer dreamsync \(schema 9001"):
        Database(database.path)


def test_a_commit_survives_a_loss_of_power(database: Database) -> None:
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    assert os.stat(database.path).st_mode & 0o077 == 0


def test_the_feed_is_read_by_its_index(database: Database) -> None:
    query = """EXPLAIN QUERY PLAN SELECT * FROM nodes
        WHERE space_id = 's' AND sequence > 5 AND (deleted_ms IS NULL OR sequence > 9)
        ORDER BY sequence LIMIT 10"""
    with database.read() as connection:
        plan = " ".join(str(row) for row in connection.exec_driver_sql(query))

    assert "nodes_feed" in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.security(4)
def test_an_errors_text_tells_nothing_of_what_was_to_be_stored(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "dreamsync.sqlite3"))
    with pytest.raises(sa.exc.SQLAlchemyError) as caught, database.read() as connection:
        connection.execute(sa.text("SELECT :secret FROM nowhere"), {"secret": "canary"})
    database.close()
    assert "nowhere" in str(caught.value)
    assert "canary" not in str(caught.value)
