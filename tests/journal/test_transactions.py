"""A step's writes are durable together or not at all."""

from pathlib import Path

import pytest

from dreamsync.journal.journal import Journal


@pytest.mark.promise(9, 14)
def test_what_was_written_before_a_failure_is_taken_back(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path / "journal.sqlite"))

    def half_a_step() -> None:
        with journal.transaction():
            journal.settings.set("cursor", "new")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        half_a_step()

    assert journal.settings.get("cursor") is None
    journal.close()


@pytest.mark.promise(10)
def test_a_transaction_is_flushed_to_the_disk_before_it_counts(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path / "journal.sqlite"))
    full = 2

    assert journal._sql.execute("PRAGMA synchronous").fetchone() == (full,)
    assert journal._sql.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    journal.close()
