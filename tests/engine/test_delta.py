"""Stories of a large file of which a part has changed: only that part comes down."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dreamsync.core.digest import BLOCK
from dreamsync.core.nodes import Content
from dreamsync.engine.jobs.reading import FileToRead
from dreamsync.engine.jobs.reuse import content_pieces
from dreamsync.remotes.delegating import DelegatingRemote
from dreamsync.remotes.protocol import BlockList, Fetch, Remote
from tests.support.devices import Device, World

_SIZE = 2 * BLOCK + 1000
_OLD = random.Random(1).randbytes(_SIZE // 2).hex().encode()


@dataclass
class Counted(DelegatingRemote):
    """Counts what comes down; gives `lie` for a list of blocks."""

    wrapped: Remote
    down: int = 0
    lie: BlockList | None = None

    @property
    def inner(self) -> Remote:
        return self.wrapped

    def download(self, fetch: Fetch, *, offset: int = 0, end: int | None = None) -> Iterator[bytes]:
        for piece in super().download(fetch, offset=offset, end=end):
            self.down += len(piece)
            yield piece

    def blocks(self, fetch: Fetch) -> BlockList:
        return self.lie or super().blocks(fetch)


@pytest.fixture
def two(world: World) -> tuple[World, Device, Device]:
    a, b = world.device("a"), world.device("b")
    _large(a).write_bytes(_OLD)
    a.sync()
    b.sync()
    return world, a, b


def _large(device: Device) -> Path:
    return device.root / "large.bin"


def _counted(device: Device) -> Counted:
    remote = Counted(device.remote.wrapped)
    device.remote.wrapped = remote
    return remote


_CHANGED = _OLD[:BLOCK] + b"!" + _OLD[BLOCK + 1 :]
_CHANGES = {
    "a byte": (_CHANGED, BLOCK),
    "appended and cut": (_OLD[:BLOCK] + _OLD[BLOCK : BLOCK + 7] + b"more", 11),
    "two blocks beside each other": (_OLD[: BLOCK - 1] + b"!!" + _OLD[BLOCK + 1 :], 2 * BLOCK),
    "inserted at the beginning": (b"!" + _OLD, _SIZE + 1),
}


@pytest.mark.parametrize(("new", "down"), _CHANGES.values(), ids=_CHANGES)
@pytest.mark.promise(18)
def test_only_the_blocks_that_changed_are_fetched(
    two: tuple[World, Device, Device], new: bytes, down: int
) -> None:
    _, a, b = two
    remote = _counted(b)
    _large(a).write_bytes(new)
    a.sync()
    b.sync()

    assert _large(b).read_bytes() == new
    assert remote.down == down


@pytest.mark.promise(18)
def test_a_list_of_other_blocks_than_the_content_has_replaces_nothing(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two
    remote = _counted(b)
    (old,) = [file for file in world.server.changes(None, 10).files if not file.deleted]
    remote.lie = b.remote.blocks(Fetch(old.id, old.version, _content(b)))
    _large(a).write_bytes(_CHANGED)
    a.sync()
    b.live(seconds=5)

    assert _large(b).read_bytes() == _OLD
    assert list(b.disk.staged_names()) == []

    remote.lie = None
    b.sync()
    assert _large(b).read_bytes() == _large(a).read_bytes()


def test_blocks_of_another_size_are_not_compared(two: tuple[World, Device, Device]) -> None:
    _, a, b = two
    remote = _counted(b)
    remote.lie = BlockList(1 << 40, ("0" * 64,))
    _large(a).write_bytes(_CHANGED)
    a.sync()
    b.sync()

    assert _large(b).read_bytes() == _large(a).read_bytes()
    assert remote.down == _SIZE


def test_a_download_that_was_broken_off_goes_on_within_a_block(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two
    _large(a).write_bytes(_CHANGED)
    a.sync()
    (file,) = [file for file in world.server.changes(None, 10).files if not file.deleted]
    fetch = Fetch(file.id, file.version, _content(a))
    seen = b.disk.look("large.bin")
    assert seen is not None
    old = FileToRead("large.bin", seen.fingerprint)

    for offset in (1, BLOCK - 1, BLOCK, BLOCK + 5, 2 * BLOCK + 1, _SIZE - 1):
        pieces = content_pieces(b.disk, b.remote, fetch, old, offset=offset)
        assert b"".join(pieces) == _CHANGED[offset:], offset


def _content(device: Device) -> Content:
    (node,) = device.journal.trees.files_on_both_sides()
    base = device.journal.trees.base(node)
    assert base is not None
    assert base.content is not None
    return base.content
