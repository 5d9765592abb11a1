"""Stories of large files: parts of the work go on beside each other."""

import errno
import os
import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from dreamsync.core.digest import BLOCK, ContentHasher
from dreamsync.core.status import Reason
from dreamsync.engine.events import Pushed
from dreamsync.engine.jobs import download
from dreamsync.engine.jobs.hashing import hasher_of_received, hasher_of_sent
from dreamsync.engine.status import engine_status
from dreamsync.local import staging
from dreamsync.local.system import flush
from dreamsync.remotes.delegating import DelegatingRemote
from dreamsync.remotes.errors import Unreachable
from dreamsync.remotes.memory import FULL_CAPABILITIES, MemoryServer
from dreamsync.remotes.protocol import Block, BlockTicket, Fetch, Pace, Remote, unpaced
from tests.support.devices import Device, World

_PATIENCE_S = 60.0


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


class _Meeting(DelegatingRemote):
    """A block is through once `together` of them are under way. `lost` is the one that never is."""

    def __init__(self, remote: Remote, *, together: int, lost: int | None = None) -> None:
        self._remote = remote
        self._lost = lost
        self._meeting = threading.Barrier(together)
        self._lock = threading.Lock()
        self.under_way = 0
        self.most_under_way = 0
        self.through: list[int] = []

    @property
    def inner(self) -> Remote:
        return self._remote

    def send_block(
        self, ticket: BlockTicket, block: Block, content: bytes, *, pace: Pace = unpaced
    ) -> None:
        with self._lock:
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
        self._meeting.wait(_PATIENCE_S)
        with self._lock:
            self.under_way -= 1
            if block.index == self._lost:
                raise Unreachable("the connection broke")
            self.through.append(block.index)
            super().send_block(ticket, block, content, pace=pace)


def _goes_through(device: Device, remote: Remote, threads: ThreadPoolExecutor) -> None:
    device.context.remote = remote
    device.context.beside = threads


def _large(device: Device, *, blocks: int) -> bytes:
    content = b"".join(bytes([index]) * BLOCK for index in range(blocks - 1)) + b"the end"
    (device.root / "film").write_bytes(content)
    return content


def test_three_blocks_are_sent_at_a_time(world: World, threads: ThreadPoolExecutor) -> None:
    a, b = world.device("a"), world.device("b")
    content = _large(a, blocks=6)
    _goes_through(a, remote := _Meeting(a.remote, together=3), threads)

    a.live("film")
    b.sync()

    assert (b.root / "film").read_bytes() == content
    assert (remote.most_under_way, sorted(remote.through)) == (3, [0, 1, 2, 3, 4, 5])


@pytest.mark.promise(9)
def test_no_block_is_under_way_once_one_has_failed_and_those_that_came_are_not_sent_again(
    world: World, threads: ThreadPoolExecutor
) -> None:
    a, b = world.device("a"), world.device("b")
    content = _large(a, blocks=4)
    _goes_through(a, broken := _Meeting(a.remote, together=3, lost=0), threads)

    a.live("film", seconds=0.5)
    left_under_way = broken.under_way
    _goes_through(a, whole := _Meeting(a.remote, together=1), threads)
    a.live("film", seconds=120)
    b.sync()

    assert left_under_way == 0
    assert (b.root / "film").read_bytes() == content
    assert sorted(broken.through + whole.through) == [0, 1, 2, 3]


@pytest.mark.promise(17, 18)
def test_hashes_computed_beside_are_those_of_the_bytes(threads: ThreadPoolExecutor) -> None:
    chance = random.Random(7)
    pieces = [chance.randbytes(chance.randrange(3 * BLOCK // 2)) for _ in range(4)]
    size = sum(map(len, pieces)) + BLOCK
    alone = ContentHasher(size)
    hashers = [alone, hasher_of_sent(size, threads), hasher_of_received(size, threads)]
    for piece in [*pieces, bytes(BLOCK)]:
        for hasher in hashers:
            hasher.update(piece)

    assert len({(hasher.digest, hasher.checksum) for hasher in hashers}) == 1
    assert all(hasher.matches_size for hasher in hashers)


class _Counted(DelegatingRemote):
    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self.down = 0

    @property
    def inner(self) -> Remote:
        return self._remote

    def download(self, fetch: Fetch, *, offset: int = 0, end: int | None = None) -> Iterator[bytes]:
        for piece in super().download(fetch, offset=offset, end=end):
            self.down += len(piece)
            yield piece


@pytest.mark.fault("disk error")
@pytest.mark.promise(10)
@pytest.mark.parametrize("flushed_every", [1, BLOCK], ids=["while it comes", "at its end"])
def test_what_the_disk_failed_to_keep_is_fetched_again(
    world: World,
    threads: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
    flushed_every: int,
) -> None:
    """The system goes on showing bytes that it could not write, and calls the next flush a
    success."""
    world.server = MemoryServer(capabilities=replace(FULL_CAPABILITIES, batch_items=0))
    a, b = world.device("a"), world.device("b")
    world.settle()
    a.write("film", "a long film")
    a.sync()
    _goes_through(b, remote := _Counted(b.remote), threads)
    monkeypatch.setattr(download, "_FLUSH_EVERY", flushed_every)
    monkeypatch.setattr(staging, "flush", _failing_once())

    b.live_step(Pushed())
    staged, problems = b.disk.staged_names(), list(engine_status(b.context, b.engine).problems)
    b.live(seconds=120)

    assert staged == []
    assert [problem.reason for problem in problems] == [Reason.INPUT_OUTPUT]
    assert b.tree() == {"film": "a long film"}
    assert remote.down == 2 * len("a long film")


def _failing_once() -> object:
    failed = threading.Event()

    def failing(descriptor: int) -> None:
        if not failed.is_set():
            failed.set()
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        flush(descriptor)

    return failing
