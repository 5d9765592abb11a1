"""One empty database for each test, a clock that stands still, and Anna's account."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dreamsync.server.accounts.directory import add_account
from dreamsync.server.accounts.passwords import hash_password
from dreamsync.server.accounts.secrets import ServerSecret
from dreamsync.server.accounts.sessions import NewDevice, Sessions, SignedIn
from dreamsync.server.metadata.database import Database
from tests.support.schema import spare_migrations

EMAIL, PASSWORD = "Anna@Example.org", "correct horse"
LAPTOP = NewDevice("laptop", "Anna's laptop")
PHONE = NewDevice("phone", "Anna's phone")


class StillClock:
    def __init__(self, now_ms: int = 1_800_000_000_000) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        return self._now_ms

    def pass_seconds(self, seconds: float) -> None:
        self._now_ms += int(seconds * 1000)


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    spare_migrations(str(tmp_path))
    database = Database(str(tmp_path / "dreamsync.sqlite3"))
    yield database
    database.close()


@pytest.fixture
def account_id(database: Database, clock: StillClock) -> str:
    with database.write() as connection:
        account = add_account(
            connection,
            email=EMAIL,
            password_hash=hash_password(PASSWORD),
            now_ms=clock.now_ms(),
        )
    return account.id


@pytest.fixture
def sessions(database: Database, clock: StillClock, tmp_path: Path, account_id: str) -> Sessions:
    assert account_id
    return Sessions(database, ServerSecret.load_or_create(str(tmp_path)), clock)


@pytest.fixture
def laptop(sessions: Sessions) -> SignedIn:
    return sign_in(sessions)


def sign_in(
    sessions: Sessions,
    device: NewDevice = LAPTOP,
    *,
    email: str = EMAIL,
    password: str = PASSWORD,
    address: str = "192.0.2.7",
) -> SignedIn:
    return sessions.sign_in(email=email, password=password, device=device, address=address)
