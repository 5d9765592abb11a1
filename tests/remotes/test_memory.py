"""The reference server tells the contract's stories."""

import pytest

from dreamsync.remotes.errors import InvalidRequest, QuotaExceeded, SignedOut
from dreamsync.remotes.memory import MemoryRemote, MemoryServer
from tests.remotes.accounts import Account, at, feed, make_folder, upload
from tests.remotes.conformance import RemoteConformance


def account_of(server: MemoryServer) -> Account:
    def backup():  # type: ignore[no-untyped-def]
        kept = server.snapshot()
        return lambda: server.restore_snapshot(kept)

    return Account(
        first=MemoryRemote(server, "first"),
        second=MemoryRemote(server, "second"),
        purge_tombstones=server.purge_tombstones,
        backup=backup,
    )


class TestMemoryServer(RemoteConformance):
    @pytest.fixture
    def account(self) -> Account:
        return account_of(MemoryServer())


def test_a_revoked_device_is_signed_out() -> None:
    server = MemoryServer()
    account = account_of(server)

    server.revoke("second")

    with pytest.raises(SignedOut):
        account.second.status()
    account.first.status()


def test_the_quota_counts_live_bytes() -> None:
    account = account_of(MemoryServer(quota_limit=10))
    node = upload(account.first, at("a"), b"12345678")

    with pytest.raises(QuotaExceeded):
        upload(account.second, at("b"), b"123")

    upload(account.first, at("a"), b"1234567890", over=node)


def test_folders_have_a_greatest_depth() -> None:
    account = account_of(MemoryServer())
    folder = make_folder(account.first, at("1"))
    for depth in range(2, 101):
        folder = make_folder(account.first, at(str(depth), folder))

    with pytest.raises(InvalidRequest):
        make_folder(account.first, at("101", folder))


def test_listeners_hear_of_each_commit_once() -> None:
    server = MemoryServer()
    account = account_of(server)
    heard: list[str] = []
    server.listeners.append(heard.append)

    upload(account.first, at("a"), b"a")

    assert heard == [server.cursor]


def test_two_runs_are_the_same_to_the_byte() -> None:
    def run() -> list[object]:
        account = account_of(MemoryServer())
        upload(account.first, at("a"), b"a")
        return [*feed(account.second), account.second.status()]

    assert run() == run()
