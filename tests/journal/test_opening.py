"""Opening a journal: a damaged one is put aside, any other that cannot be read stays as it is."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

import dreamsync.journal
from dreamsync.core.nodes import ROOT
from dreamsync.core.trees import Place
from dreamsync.journal.database import (
    JournalCorrupt,
    JournalNewer,
    JournalUnavailable,
    is_damage,
    is_full,
)
from dreamsync.journal.journal import Journal, damage_noted, open_journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A whole journal with a setting in it, closed."""
    path = tmp_path / "journal.sqlite"
    journal = Journal(str(path))
    with journal.transaction():
        journal.settings.set("cursor", "7.c")
    journal.close()
    return path


@pytest.mark.promise(11)
@pytest.mark.fault("journal")
@pytest.mark.parametrize(
    "content", [b"this is no database" * 1000, b"SQLite format 3\0" + b"x" * 9000]
)
def test_a_damaged_journal_is_put_aside_and_a_new_one_begins(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    journal, aside = open_journal(str(path), now_ms=5)

    assert journal.settings.get("cursor") is None
    journal.close()
    assert aside == f"{path}.damaged-5"
    assert Path(aside).read_bytes() == content


@pytest.mark.fault("journal")
def test_damage_that_shows_in_the_middle_of_work_is_put_aside_at_the_next_start(path: Path) -> None:
    with pytest.raises(JournalCorrupt, match="damaged"), damage_noted(str(path)):
        raise _damage()

    journal, aside = open_journal(str(path), now_ms=5)
    journal.close()
    assert aside == f"{path}.damaged-5"

    journal, aside = open_journal(str(path), now_ms=6)
    journal.close()
    assert aside is None


def _damage() -> sqlite3.DatabaseError:
    """SQLite's own, of a file that is none of its databases."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET rootpage = 999")
        connection.execute("PRAGMA writable_schema = RESET")
        try:
            connection.execute("SELECT * FROM t").fetchall()
        except sqlite3.DatabaseError as error:
            return error
    raise AssertionError("SQLite read a page that is not there")


def test_a_newer_journal_is_not_touched(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = path.read_bytes()

    with pytest.raises(JournalNewer, match="newer dreamsync"):
        open_journal(str(path), now_ms=5)

    assert path.read_bytes() == before


@pytest.mark.fault("journal")
def test_a_journal_that_cannot_be_opened_now_may_be_whole(path: Path) -> None:
    path.rename(path.with_suffix(".kept"))
    path.mkdir()

    with pytest.raises(JournalUnavailable, match="cannot be opened"):
        open_journal(str(path), now_ms=5)

    assert [one.name for one in path.parent.iterdir() if "damaged" in one.name] == []


def test_an_older_journal_goes_on_with_what_it_had_sent_without_an_answer(tmp_path: Path) -> None:
    path = str(tmp_path / "journal.sqlite")
    _journal_of_format(path, 4, "INSERT INTO intent VALUES (2, 0, 1, 'a.txt', 0, 0, 3, 0, 0, 7)")

    journal = Journal(path)

    (intent,) = journal.intents.creations_at(Place(ROOT, "a.txt"))
    assert (intent.node, intent.fingerprint.size, intent.at_ms) == (2, 3, 7)
    assert journal.intents.creations() == {intent.node}
    journal.close()


def _journal_of_format(path: str, version: int, statement: str) -> None:
    schema = Path(dreamsync.journal.__file__).with_name("schema")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for script in sorted(schema.glob("*.sql"))[:version]:
            connection.executescript(script.read_text("utf-8"))
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute(statement)
        connection.commit()


def test_a_whole_journal_is_opened_as_it_was(path: Path) -> None:
    journal, aside = open_journal(str(path), now_ms=5)

    assert (journal.settings.get("cursor"), aside) == ("7.c", None)
    journal.close()


@pytest.mark.fault("journal")
def test_a_disk_without_room_is_told_as_such_and_undoes_the_whole_transaction(path: Path) -> None:
    journal = Journal(str(path))
    pages = journal._sql.execute("PRAGMA page_count").fetchone()[0]
    journal._sql.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(sqlite3.OperationalError) as caught:
        _set_in_one(journal, {"first": "one", "second": "x" * 100_000})
    assert is_full(caught.value)
    assert not is_damage(caught.value)
    assert journal.settings.get("first") is None
    _set_in_one(journal, {"first": "one"})
    assert journal.settings.get("first") == "one"
    journal.close()


def _set_in_one(journal: Journal, settings: dict[str, str]) -> None:
    with journal.transaction():
        for name, value in settings.items():
            journal.settings.set(name, value)
