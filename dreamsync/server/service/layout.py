"""Where the parts of a server's data folder lie."""

import os


def database_file(data_dir: str) -> str:
    return os.path.join(data_dir, "dreamsync.sqlite3")


def blobs_folder(data_dir: str) -> str:
    return os.path.join(data_dir, "blobs")
