"""Bandwidth limits, by a clock that only sleeping moves."""

from dataclasses import dataclass

import pytest

from dreamsync.remotes.memory import MemoryRemote, MemoryServer
from dreamsync.remotes.throttle import ThrottledRemote, TokenBucket
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
