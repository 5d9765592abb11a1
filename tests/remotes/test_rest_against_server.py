"""The REST client and our own server, a real process, tell the contract's stories together."""

import os
import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from dreamsync.remotes.errors import NotFound, QuotaExceeded, SignedOut
from dreamsync.remotes.rest import Connection, RestRemote
from dreamsync.remotes.rest.session import devices, join, join_code, login, logout, revoke
from dreamsync.server import admin
from tests.remotes.accounts import Account, at, upload
from tests.remotes.conformance import RemoteConformance
from tests.remotes.token_stores import MemoryTokenStore
from tests.support.server import RunningServer, running_server

PASSWORD = "correct horse"
_numbers = count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("conformance")) as running:
        yield running


@pytest.fixture
def email(server: RunningServer) -> str:
    address = f"user{next(_numbers)}@example.org"
    server.add_user(address, PASSWORD)
    return address


@pytest.fixture
def store(server: RunningServer, email: str) -> MemoryTokenStore:
    return signed_in(server, email, "first-device")


@pytest.fixture
def account(
    server: RunningServer, email: str, store: MemoryTokenStore, tmp_path: Path
) -> Iterator[Account]:
    def backup() -> Callable[[], None]:
        admin.backup(server.data_dir, str(tmp_path / "backup"))
        return lambda: put_back(server, tmp_path / "backup")

    second_store = joined(server, store, "second-device")
    first = RestRemote(Connection(server.url), store, device_id="first-device")
    second = RestRemote(Connection(server.url), second_store, device_id="second-device")
    yield Account(first, second, lambda: admin.expire_cursors(server.data_dir), backup)
    first.close()
    second.close()


def signed_in(server: RunningServer, email: str, device_id: str) -> MemoryTokenStore:
    session = login(
        Connection(server.url),
        email=email,
        password=PASSWORD,
        device_id=device_id,
        device_name=f"{device_id} of {email}",
    )
    return MemoryTokenStore(session.tokens)


def joined(server: RunningServer, first: MemoryTokenStore, device_id: str) -> MemoryTokenStore:
    connection = Connection(server.url)
    token = join_code(connection, first).token
    session = join(connection, token=token, device_id=device_id, device_name=device_id)
    return MemoryTokenStore(session.tokens)


def put_back(server: RunningServer, backup: Path) -> None:
    server.stop()
    os.rename(server.data_dir, f"{backup}-replaced")
    admin.restore(str(backup), server.data_dir)
    server.start()


class TestRestRemote(RemoteConformance):
    """All stories of the suite."""


def test_a_wrong_password_is_told_as_such(server: RunningServer, email: str) -> None:
    with pytest.raises(SignedOut):
        login(
            Connection(server.url),
            email=email,
            password="wrong",
            device_id="first-device",
            device_name="First",
        )


def test_a_second_computer_joins_with_a_code(
    server: RunningServer, email: str, store: MemoryTokenStore
) -> None:
    connection = Connection(server.url)
    code = join_code(connection, store)

    joined = join(connection, token=code.token, device_id="joined-one", device_name="Joined")

    assert joined.email == email
    assert [device.name for device in devices(connection, store) if not device.current] == [
        "Joined"
    ]
    with pytest.raises(SignedOut):
        join(connection, token=code.token, device_id="joined-two", device_name="Thief")


def test_a_revoked_device_is_signed_out(
    server: RunningServer, account: Account, store: MemoryTokenStore
) -> None:
    account.second.status()

    revoke(Connection(server.url), store, "second-device")

    with pytest.raises(SignedOut):
        account.second.status()
    with pytest.raises(NotFound):
        revoke(Connection(server.url), store, "no-such-device")


def test_logging_out_ends_the_tokens(server: RunningServer, store: MemoryTokenStore) -> None:
    tokens = store.load()

    logout(Connection(server.url), store)

    assert store.load() is None
    with pytest.raises(SignedOut):
        devices(Connection(server.url), MemoryTokenStore(tokens))


def test_a_full_account_refuses_uploads(server: RunningServer) -> None:
    server.add_user("small@example.org", PASSWORD, quota_limit=4)
    store = signed_in(server, "small@example.org", "first-device")
    remote = RestRemote(Connection(server.url), store, device_id="first-device")

    with pytest.raises(QuotaExceeded):
        upload(remote, at("a.txt"), b"12345")

    remote.close()


def test_closing_ends_a_push_stream_that_waits(account: Account) -> None:
    connected = threading.Event()

    def listen() -> None:
        for _ in account.second.hints():
            connected.set()

    listener = threading.Thread(target=_until_it_ends, args=(listen,), daemon=True)
    listener.start()
    assert connected.wait(10)

    account.second.close()

    listener.join(5)
    assert not listener.is_alive()


def _until_it_ends(listen: Callable[[], None]) -> None:
    try:
        listen()
    except Exception:
        return
