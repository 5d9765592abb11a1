"""Backup and restore of a data folder, also while its server runs.

The database is copied first, by SQLite's own online backup: one state of it. Blobs are written once
and outlive the metadata that names them by the grace period, so that copying them afterwards gives
at least what the copied database names; what had been purged meanwhile makes the copy start again.

A restored server has another history: every commit gets a fresh id, so that each cursor given out
before is answered `historyReplaced`. One from before the backup too: a device that stood there may
have been told of later states in answers to what it sent.
"""

import os
import secrets
import shutil
import sqlite3
from contextlib import closing

from dreamsync.message import N_
from dreamsync.server.blobs.durable import make_folders, sync_folder
from dreamsync.server.service.layout import blobs_folder, database_file

_ATTEMPTS = 3
_COMMIT_IDS = (("spaces", "commit_id"), ("commits", "id"), ("revisions", "commit_id"))
_OBJECTS = """
    SELECT object, MAX(start + size) FROM
        (SELECT object, start, size FROM content_blocks
         UNION ALL SELECT object, start, size FROM upload_blocks)
    GROUP BY object
"""


class BackupError(Exception):
    """The text says what stands in the way, and of which folder."""


def backup(data_dir: str, target_dir: str) -> None:
    """Copy the server's data to `target_dir`: made if absent, else brought up to date.

    Raise `BackupError`; the earlier backup in `target_dir` is then still whole.
    """
    if not os.path.isfile(database_file(data_dir)):
        raise BackupError(N_("There is no server's data in {data_dir}.", data_dir=data_dir))
    os.makedirs(target_dir, mode=0o700, exist_ok=True)
    fresh = f"{database_file(target_dir)}.new"
    for _ in range(_ATTEMPTS):
        _copy_database(database_file(data_dir), fresh)
        missing = _copy_blobs(fresh, blobs_folder(data_dir), blobs_folder(target_dir))
        if not missing:
            os.replace(fresh, database_file(target_dir))
            sync_folder(target_dir)
            return
    raise BackupError(
        N_(
            "{missing} in {data_dir} cannot be read: look at its disk.",
            missing=missing,
            data_dir=data_dir,
        )
    )


def restore_backup(backup_dir: str, data_dir: str) -> None:
    """Make `data_dir`, which must not hold a server yet, from a backup. Raise `BackupError`."""
    if os.path.exists(database_file(data_dir)):
        raise BackupError(
            N_("{data_dir} holds a server already: choose an empty folder.", data_dir=data_dir)
        )
    backup(backup_dir, data_dir)
    _begin_another_history(database_file(data_dir))


def _begin_another_history(database: str) -> None:
    """Half of each commit's random id is replaced: they stay apart from each other, and no earlier
    restore of the same backup has given them out."""
    salt = secrets.token_hex(8)
    with closing(sqlite3.connect(database)) as connection, connection:
        for table, column in _COMMIT_IDS:
            connection.execute(
                f"UPDATE {table} SET {column} = ? || substr({column}, ?)",  # noqa: S608 - constants
                (salt, len(salt) + 1),
            )


def _copy_database(source: str, target: str) -> None:
    if os.path.exists(target):
        os.unlink(target)
    os.close(os.open(target, os.O_CREAT | os.O_RDWR, 0o600))
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(target)) as copy:
        original.backup(copy)
        # One file without -wal beside it: it can be moved as it is.
        copy.execute("PRAGMA journal_mode=DELETE")
    _sync_file(target)


def _copy_blobs(database: str, source_root: str, target_root: str) -> str | None:
    """Copy what the database names; the first object that is not there in full."""
    folders = set()
    with closing(sqlite3.connect(database)) as connection:
        for blob_object, size in connection.execute(_OBJECTS):
            target = os.path.join(target_root, *blob_object.split("/"))
            if not _copy_object(os.path.join(source_root, blob_object), target, size, target_root):
                return str(blob_object)
            folders.add(os.path.dirname(target))
    for folder in folders:
        sync_folder(folder)
    return None


def _copy_object(source: str, target: str, size: int, root: str) -> bool:
    """Copy at least `size` bytes, unless they are there. Packs only grow at their end."""
    if os.path.exists(target) and os.path.getsize(target) >= size:
        return True
    make_folders(root, os.path.dirname(target))
    try:
        shutil.copyfile(source, target)
    except FileNotFoundError:
        return False
    _sync_file(target)
    return os.path.getsize(target) >= size


def _sync_file(path: str) -> None:
    with open(path, "r+b") as file:
        os.fsync(file.fileno())
