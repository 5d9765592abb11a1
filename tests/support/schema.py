"""A server's database as its first start leaves it, made once for all tests of a process."""

import functools
import os
import tempfile
from pathlib import Path

from dreamsync.server.data_dir import prepare_data_dir
from dreamsync.server.metadata.database import Database
from dreamsync.server.service.layout import database_file


def spare_migrations(data_dir: str) -> None:
    """Begin the data folder with an empty database of the newest schema, unless one is there.

    For tests about something else: half of what a fresh server's start costs goes into its schema.
    """
    path = Path(database_file(data_dir))
    if not path.exists():
        prepare_data_dir(data_dir)
        path.touch(0o600)
        path.write_bytes(_empty_database())


@functools.cache
def _empty_database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "empty.sqlite3")
        Database(path).close()
        return Path(path).read_bytes()
