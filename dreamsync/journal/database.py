"""Opening the journal's file: durability settings, integrity and migrations.

JournalError
├── JournalCorrupt      not a database, or one whose pages do not hold together
├── JournalNewer        written by a newer dreamsync; nothing is touched
└── JournalUnavailable  cannot be opened now (a full disk, a lock, permissions): it may be whole
"""

import os
import sqlite3
from contextlib import suppress
from importlib import resources

from dreamsync.message import N_

SCHEMA_VERSION = 5


class JournalError(Exception):
    pass


class JournalCorrupt(JournalError):
    pass


class JournalNewer(JournalError):
    pass


class JournalUnavailable(JournalError):
    pass


_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_PRIMARY = 0xFF
"""The part of an extended result code that names its kind (sqlite.org/rescode.html)."""


def open_database(
    path: str, *, read_only: bool = False, image: bytes | None = None
) -> sqlite3.Connection:
    """A connection in WAL mode with synchronous FULL: a commit survives power loss. In memory it
    begins as `image` where one is given.

    NORMAL may lose the last commits, and a base row that says less than the disk makes false
    conflicts (promises, invariant 10). Raises `JournalError`.
    """
    try:
        connection = _connect(path, read_only=read_only)
        if image is not None:
            connection.deserialize(image)
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            connection.close()
            raise JournalNewer(
                N_(
                    "the journal {path} was written by a newer dreamsync (format {version}, "
                    "this one knows {known})",
                    path=path,
                    version=version,
                    known=SCHEMA_VERSION,
                )
            )
        if version < SCHEMA_VERSION and not read_only:
            _migrate(connection, version)
        return connection
    except sqlite3.DatabaseError as error:
        kind = JournalCorrupt if is_damage(error) else JournalUnavailable
        raise kind(
            N_("the journal {path} cannot be opened: {error}", path=path, error=error)
        ) from error


def is_damage(error: sqlite3.Error) -> bool:
    """Whether pages do not hold together; a full disk or a lock is no damage."""
    return error.sqlite_errorcode & _PRIMARY in _DAMAGE


def is_full(error: Exception) -> bool:
    """Whether its disk has no room for a change, which is as it was before then."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(code, int) and code & _PRIMARY == sqlite3.SQLITE_FULL


def check_integrity(connection: sqlite3.Connection) -> str | None:
    """What SQLite finds wrong, or None. Reads the whole file: for `doctor`, not for each start."""
    try:
        answer = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if answer == "ok" else answer


def _make_private(path: str) -> None:
    """It names every file of the person; SQLite gives -wal and -shm the same mode. Why it cannot
    be made, SQLite says."""
    with suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _connect(path: str, *, read_only: bool) -> sqlite3.Connection:
    mode = "?mode=ro" if read_only else ""
    if path != ":memory:" and not read_only:
        _make_private(path)
    target = f"file:{_escaped(path)}{mode}" if path != ":memory:" else path
    connection = sqlite3.connect(
        target,
        uri=path != ":memory:",
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
        timeout=10.0,
    )
    if not read_only:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA cache_size = -8000")
    return connection


def _escaped(path: str) -> str:
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _migrate(connection: sqlite3.Connection, version: int) -> None:
    scripts = sorted(
        entry.name
        for entry in resources.files(__package__).joinpath("schema").iterdir()
        if entry.name.endswith(".sql")
    )
    for script in scripts[version:]:
        text = resources.files(__package__).joinpath("schema", script).read_text("utf-8")
        number = int(script.partition("_")[0])
        connection.executescript(
            f"BEGIN IMMEDIATE;\n{text}\nPRAGMA user_version = {number};\nCOMMIT;"
        )
