"""Bandwidth limits, by a clock that only sleeping moves."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pytest

from dreamsync.core.nodes import Content, Kind
from dreamsync.remotes.memory import MemoryRemote, MemoryServer
from dreamsync.remotes.protocol import Block, BlockTicket, Pace, Put, PutResult, unpaced
from dreamsync.remotes.throttle import ThrottledRemote, TokenBucket
from dreamsync.wire.sync_file import SyncFile
from tests.remotes.accounts import Account, at, download, feed, upload
from tests.remotes.conformance import RemoteConformance
from tests.remotes.test_memory import account_of


@dataclass(slots=True)
class SleepingClock:
    now_s: float = 1000.0

    def now(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds

    def bucket(self, rate: int | None) -> TokenBucket:
        return TokenBucket(rate, now=self.now, sleep=self.sleep)


class TestThrottledRemote(RemoteConformance):
    """What passes through is not changed."""

    @pytest.fixture
    def account(self) -> Account:
        clock = SleepingClock()
        account = account_of(MemoryServer())
        account.first = ThrottledRemote(
            account.first, up=clock.bucket(1_000_000), down=clock.bucket(1_000_000)
        )
        return account


def test_content_goes_up_no_faster_than_allowed() -> None:
    clock = SleepingClock()
    remote = ThrottledRemote(
        MemoryRemote(MemoryServer(), "first"), up=clock.bucket(1000), down=clock.bucket(None)
    )

    node = upload(remote, at("a"), bytes(11_000))

    assert clock.now_s == pytest.approx(1010.0)
    download(remote, node)
    assert clock.now_s == pytest.approx(1010.0)


def test_content_comes_down_no_faster_than_allowed() -> None:
    clock = SleepingClock()
    server = MemoryServer()
    node = upload(MemoryRemote(server, "second"), at("a"), bytes(6000))
    remote = ThrottledRemote(
        MemoryRemote(server, "first"), up=clock.bucket(None), down=clock.bucket(1000)
    )

    download(remote, node)

    assert clock.now_s == pytest.approx(1005.0)


def test_metadata_never_waits() -> None:
    clock = SleepingClock()
    remote = ThrottledRemote(
        MemoryRemote(MemoryServer(), "first"), up=clock.bucket(1), down=clock.bucket(1)
    )

    assert feed(remote) == []

    assert clock.now_s == 1000.0


def test_what_was_not_used_is_saved_for_one_second_only() -> None:
    clock = SleepingClock()
    bucket = clock.bucket(100)
    clock.sleep(60)

    bucket.take(100)
    assert clock.now_s == 1060.0
    bucket.take(50)

    assert clock.now_s == 1060.5


def test_a_body_is_sent_steadily_however_low_the_limit() -> None:
    """A server gives up a body that makes long pauses."""
    clock = SleepingClock()
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        clock.sleep(seconds)

    bucket = TokenBucket(1000, now=clock.now, sleep=pause)
    remote = ThrottledRemote(
        MemoryRemote(MemoryServer(), "first"), up=bucket, down=clock.bucket(None)
    )

    upload(remote, at("a"), bytes(100_000))

    assert sum(pauses) == pytest.approx(99)
    assert max(pauses) <= 1


def test_a_block_leaves_steadily_too_whoever_shares_the_line() -> None:
    clock = SleepingClock()
    leaving: list[tuple[float, int]] = []
    server = MemoryServer()

    class Line(MemoryRemote):
        def send_block(
            self, ticket: BlockTicket, block: Block, content: bytes, *, pace: Pace = unpaced
        ) -> None:
            def noted(pieces: Iterable[bytes]) -> Iterator[bytes]:
                for piece in pace(pieces):
                    leaving.append((clock.now_s, len(piece)))
                    yield piece

            super().send_block(ticket, block, content, pace=noted)

    line = Line(server, "first")
    remote = ThrottledRemote(line, up=clock.bucket(1000), down=clock.bucket(None))
    content = bytes(10_000)
    block = Block(0, hashlib.sha256(content).hexdigest(), len(content))
    session = remote.open_session(Put("k", Kind.FILE, at("a"), content=Content(len(content))))
    (ticket,) = remote.block_tickets(session.id, [block])

    remote.send_block(ticket, block, content)

    assert [size for _, size in leaving] == [1000] * 10
    assert leaving[-1][0] == pytest.approx(1009.0)


def test_a_batch_goes_a_second_at_a_time() -> None:
    clock = SleepingClock()
    batches: list[tuple[float, int]] = []

    class Line(MemoryRemote):
        def upload_batch(self, items: Sequence[tuple[Put, bytes]]) -> Sequence[PutResult]:
            batches.append((clock.now_s, sum(len(content) for _, content in items)))
            return super().upload_batch(items)

    remote = ThrottledRemote(
        Line(MemoryServer(), "first"), up=clock.bucket(1000), down=clock.bucket(None)
    )
    items = [
        (Put(f"k{n}", Kind.FILE, at(str(n)), content=Content(400)), bytes(400)) for n in range(10)
    ]

    results = remote.upload_batch(items)

    assert [one.name for one in results if isinstance(one, SyncFile)] == [str(n) for n in range(10)]
    assert [size for _, size in batches] == [800] * 5
    assert batches[-1][0] == pytest.approx(1003.0)
