"""One real server on loopback for each module; fresh accounts for each test."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from dreamsync.server.accounts.directory import add_account
from dreamsync.server.accounts.passwords import hash_password
from dreamsync.server.app import OpenServer, open_server
from dreamsync.server.http.backend import HttpSettings
from dreamsync.server.service.clock import SystemClock
from tests.server.http.client import Device, expect
from tests.support.server import running_application

PASSWORD = "correct horse"
_PASSWORD_HASH = hash_password(PASSWORD)
_numbers = itertools.count()


class ShiftedClock(SystemClock):
    """The system's time, which a test may set ahead for a moment."""

    def __init__(self) -> None:
        self._ahead_ms = 0

    def now_ms(self) -> int:
        return super().now_ms() + self._ahead_ms

    @contextmanager
    def ahead(self, seconds: float) -> Iterator[None]:
        self._ahead_ms += int(seconds * 1000)
        try:
            yield
        finally:
            self._ahead_ms -= int(seconds * 1000)


@dataclass(slots=True)
class Server:
    """The server under test, and ways to sign in to it."""

    url: str
    opened: OpenServer
    clock: ShiftedClock
    _clients: ExitStack = field(default_factory=ExitStack)
    _account_ids: dict[str, str] = field(default_factory=dict)

    def client(self, **headers: str) -> httpx.Client:
        client = httpx.Client(base_url=self.url, headers=headers, timeout=20, trust_env=False)
        return self._clients.enter_context(client)

    def add_user(self, *, quota_limit: int | None = None) -> str:
        """A new account with `PASSWORD`, which was hashed once for all."""
        email = f"user{next(_numbers)}@example.org"
        service = self.opened.backend.service
        with service.database.write() as connection:
            account = add_account(
                connection, email=email, password_hash=_PASSWORD_HASH, now_ms=self.clock.now_ms()
            )
        service.spaces.create(account.id, email, quota_limit=quota_limit)
        self._account_ids[email] = account.id
        return email

    def sign_in(self, email: str, device_id: str = "laptop") -> Device:
        """By a join code: quicker than by a password, of which `test_accounts.py` has enough."""
        code = self.opened.backend.sessions.create_join_code(self._account_ids[email])
        body = {"token": code.token, "deviceId": device_id, "deviceName": f"The {device_id}"}
        client = self.client()
        tokens = expect(client.post("/auth/join", json=body), 200)
        client.headers["Authorization"] = f"Bearer {tokens['accessToken']}"
        return Device(client, device_id, email, str(tokens["refreshToken"]))

    def close(self) -> None:
        self._clients.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    clock = ShiftedClock()
    data_dir = str(tmp_path_factory.mktemp("server"))
    opened = open_server(data_dir, settings=HttpSettings(heartbeat_s=0.2), clock=clock)
    with running_application(opened.application, before_exit=opened.end_streams) as url:
        server = Server(url, opened, clock)
        yield server
        server.close()
    opened.close()


@pytest.fixture
def laptop(server: Server) -> Device:
    """A device of a fresh account."""
    return server.sign_in(server.add_user())


@pytest.fixture
def phone(server: Server, laptop: Device) -> Device:
    """Another device of the same account."""
    return server.sign_in(laptop.email, "phone")


@pytest.fixture
def stranger(server: Server) -> Device:
    """A device of somebody else."""
    return server.sign_in(server.add_user(), "stranger")


@pytest.fixture
def with_quota(server: Server) -> Callable[[int], Device]:
    return lambda limit: server.sign_in(server.add_user(quota_limit=limit))
