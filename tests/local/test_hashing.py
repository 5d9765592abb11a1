"""Hashing: one pass in steps, and only ever of one real state of a file."""

import hashlib
from pathlib import Path

import pytest

from dreamsync.core.nodes import Content
from dreamsync.local.disk import FolderDisk
from dreamsync.local.hashing import hash_file
from dreamsync.local.protocol import Changed

from .conftest import put


def test_a_file_is_hashed_in_steps_of_a_mebibyte(disk: FolderDisk) -> None:
    bytes_ = b"ab" * (1024 * 1024 + 5)
    expect = put(disk, "big", bytes_)
    steps = hash_file(disk, "big", expect)
    sizes = []
    while True:
        try:
            sizes.append(next(steps))
        except StopIteration as end:
            content = end.value
            break
    assert sizes == [1024 * 1024, 1024 * 1024, 10]
    assert content == Content(
        len(bytes_), hashlib.sha256(bytes_).hexdigest(), hashlib.md5(bytes_).hexdigest()
    )


@pytest.mark.parametrize("edit", [b"", b"longer than before, by far"])
def test_a_change_meanwhile_is_noticed(disk: FolderDisk, folder: Path, edit: bytes) -> None:
    steps = hash_file(disk, "note", put(disk, "note", b"some bytes"))
    next(steps)
    (folder / "note").write_bytes(edit)
    with pytest.raises(Changed):
        list(steps)


def test_an_abandoned_reading_is_closed(disk: FolderDisk) -> None:
    steps = hash_file(disk, "note", put(disk, "note", b"some bytes"))
    next(steps)
    steps.close()
