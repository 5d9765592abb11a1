"""Quick retries: which errors, how often, and how long in between."""

from collections.abc import Callable

import pytest

from dreamsync.remotes.errors import (
    InvalidRequest,
    NotTheContract,
    RemoteError,
    ServerTrouble,
    Throttled,
    Unreachable,
    UrlExpired,
)
from dreamsync.remotes.memory import MemoryRemote, MemoryServer
from dreamsync.remotes.protocol import Put, Sent
from dreamsync.remotes.retry import RetryingRemote, RetryPolicy
from dreamsync.wire.sync_file import SyncFile
from tests.remotes.accounts import (
    Account,
    SentBytes,
    at,
    deletion_of,
    feed,
    file_put,
    folder_put,
    upload,
)
from tests.remotes.conformance import RemoteConformance
from tests.remotes.test_memory import account_of


class FailingRemote(MemoryRemote):
    """Fails with each of `errors` in turn, before or after the effect, then works."""

    def __init__(self, server: MemoryServer, errors: list[RemoteError], *, late: bool) -> None:
        super().__init__(server, "first")
        self.errors = errors
        self.late = late
        self.tries = 0

    def current(self, remote_id: str) -> SyncFile:
        return self._fail_or(lambda: super(FailingRemote, self).current(remote_id))

    def create_folder(self, put: Put) -> SyncFile:
        return self._fail_or(lambda: super(FailingRemote, self).create_folder(put))

    def upload(self, put: Put, sent: Sent) -> SyncFile:
        return self._fail_or(lambda: super(FailingRemote, self).upload(put, sent))

    def _fail_or(self, work: Callable[[], SyncFile]) -> SyncFile:
        self.tries += 1
        error = self.errors.pop(0) if self.errors else None
        if error is not None and not self.late:
            raise error
        answer = work()
        if error is not None:
            raise error
        return answer


def retrying(inner: FailingRemote, sleeps: list[float]) -> RetryingRemote:
    return RetryingRemote(inner, sleep=sleeps.append, random=lambda: 0.5)


class TestRetryingRemote(RemoteConformance):
    """What passes through is not changed."""

    @pytest.fixture
    def account(self) -> Account:
        account = account_of(MemoryServer())
        account.first = RetryingRemote(account.first, sleep=no_sleep, random=lambda: 0.0)
        account.second = RetryingRemote(account.second, sleep=no_sleep, random=lambda: 0.0)
        return account


def no_sleep(seconds: float) -> None:
    raise AssertionError(f"slept {seconds} s")


@pytest.mark.promise(25)
@pytest.mark.fault("no network")
def test_a_hiccup_is_nobody_s_problem() -> None:
    server, sleeps = MemoryServer(), list[float]()
    node = upload(MemoryRemote(server, "second"), at("a"), b"a")
    inner = FailingRemote(server, [Unreachable(), ServerTrouble("502")], late=False)

    assert retrying(inner, sleeps).current(node.id) == node

    assert sleeps == [0.375, 0.75]


@pytest.mark.promise(13)
@pytest.mark.fault("answer lost")
def test_a_lost_answer_is_fetched_under_the_same_key() -> None:
    server = MemoryServer()
    inner = FailingRemote(server, [Unreachable()], late=True)
    put = folder_put(at("folder"))

    folder = retrying(inner, []).create_folder(put)

    assert feed(MemoryRemote(server, "second")) == [folder]
    assert folder.version == 1


@pytest.mark.promise(22)
@pytest.mark.fault("no network")
def test_the_tries_are_bounded() -> None:
    inner = FailingRemote(MemoryServer(), [Unreachable() for _ in range(9)], late=False)

    with pytest.raises(Unreachable):
        retrying(inner, []).current("x")

    assert inner.tries == RetryPolicy().attempts


@pytest.mark.parametrize(
    "error",
    [
        InvalidRequest(),
        NotTheContract(),
        UrlExpired(),
        Throttled("busy", retry_after=60.0),
    ],
)
def test_what_will_not_pass_within_seconds_is_not_retried(error: RemoteError) -> None:
    inner = FailingRemote(MemoryServer(), [error], late=False)

    with pytest.raises(type(error)):
        retrying(inner, []).current("x")

    assert inner.tries == 1


@pytest.mark.fault("server trouble")
def test_a_server_that_names_a_pause_gets_it() -> None:
    server, sleeps = MemoryServer(), list[float]()
    node = upload(MemoryRemote(server, "second"), at("a"), b"a")
    inner = FailingRemote(server, [Throttled("busy", retry_after=3.0)], late=False)

    retrying(inner, sleeps).current(node.id)

    assert sleeps == [3.0]


def test_a_stream_is_not_sent_twice() -> None:
    inner = FailingRemote(MemoryServer(), [Unreachable()], late=False)
    sent = SentBytes(b"a")

    with pytest.raises(Unreachable):
        retrying(inner, []).upload(file_put(at("a"), b"a"), sent)

    assert inner.tries == 1


def test_deletions_pass_through_too() -> None:
    server = MemoryServer()
    remote = retrying(FailingRemote(server, [], late=False), [])
    node = upload(remote, at("a"), b"a")

    assert remote.delete(deletion_of(node)).deleted
