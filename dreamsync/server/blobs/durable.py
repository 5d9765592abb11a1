"""Folders that survive a loss of power."""

import os


def make_folders(root: str, folder: str) -> None:
    """Make `folder` and what lacks above it, down from `root`; each new entry is durable.

    `root` itself is made as well; what is above it must exist.
    """
    if os.path.isdir(folder):
        return
    parent = os.path.dirname(folder)
    if folder != root:
        make_folders(root, parent)
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        return
    sync_folder(parent)


def sync_folder(folder: str) -> None:
    """Make the entries of `folder` durable. Windows has no such call and needs none on NTFS."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
