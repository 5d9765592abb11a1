"""A keyring that is slow, locked, broken or late, day after day: nobody is ever signed out."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from keyring.errors import KeyringLocked, PasswordSetError

from dreamsync.daemon.compose import remote_store
from dreamsync.desktop.keyrings import KEYRING_SECONDS, PatientKeyring
from dreamsync.desktop.secrets import KeyringTokenStore
from dreamsync.remotes.errors import SignedOut, TokensOutOfReach
from dreamsync.remotes.rest.tokens import Credentials, Tokens

START_UPS = 2000
_GRACE_SECONDS = 60.0
_LIVES_SECONDS = 900.0


@dataclass
class Clock:
    now: float = 1_790_000_000.0


@dataclass
class Server:
    """Gives tokens as ours does: a refresh token works once, and once more for a minute."""

    clock: Clock
    given: int = 0
    live: str = "r0"
    before: str = ""
    before_until: float = 0.0

    def renew(self, refresh: str) -> Tokens:
        if refresh == self.before and self.clock.now < self.before_until:
            self.before = ""
        elif refresh != self.live:
            raise SignedOut(f"{refresh} was used already; {self.live} is good")
        else:
            self.before, self.before_until = self.live, self.clock.now + _GRACE_SECONDS
        self.given += 1
        self.live = f"r{self.given}"
        return Tokens(f"a{self.given}", self.live, self.clock.now + _LIVES_SECONDS)


@dataclass
class Moody:
    """A backend that works, or fails in one of the ways that backends do, or does not answer."""

    failure: Callable[[], Exception] | None = None
    answering: threading.Event = field(default_factory=threading.Event)
    kept: dict[tuple[str, str], str] = field(default_factory=dict)

    def get_password(self, service: str, username: str) -> str | None:
        self._trouble()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._trouble()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        raise AssertionError("nobody signs out here")

    def _trouble(self) -> None:
        self.answering.wait()
        if self.failure is not None:
            raise self.failure()


_FAILURES: list[Callable[[], Exception]] = [
    lambda: KeyringLocked("Failed to unlock the collection!"),
    lambda: PasswordSetError("no"),
    lambda: RuntimeError("The Secret Service daemon is neither running nor activatable"),
    lambda: ConnectionResetError(104, "Connection reset by peer"),
    lambda: TimeoutError("the prompt was never answered"),
    lambda: ValueError(""),
]


@pytest.mark.security(5)
@pytest.mark.fault("token refused")
def test_two_thousand_start_ups_with_a_moody_keyring_never_sign_anybody_out() -> None:
    chance = random.Random(20261125)
    clock = Clock()
    server = Server(clock)
    keyring = Moody()
    keyring.answering.set()
    store_in(keyring, KEYRING_SECONDS).save(Tokens("a0", "r0", 0.0))
    told: Counter[str] = Counter()

    for _ in range(START_UPS):
        clock.now += chance.choice([5.0, 300.0, 3600.0, 86_400.0])
        silent = chance.random() < 0.1
        if silent:
            keyring.answering.clear()
        store = remote_store(store_in(keyring, 0.002 if silent else KEYRING_SECONDS))
        credentials = Credentials(store, server.renew, now=lambda: clock.now)
        for _ in range(chance.randrange(1, 6)):
            keyring.failure = chance.choice([None, *_FAILURES])
            told[ask(credentials, server)] += 1
            clock.now += chance.choice([1.0, 60.0, 1000.0])
        keyring.answering.set()

    assert told["good"] > 1000
    assert told["does not answer"] > 100
    assert told["locked"] > 100
    assert told["no keyring"] > 1000
    assert set(told) == {"good", "does not answer", "locked", "no keyring"}


def ask(credentials: Credentials, server: Server) -> str:
    """What became of a token that was wanted. `SignedOut` is what must not be raised."""
    try:
        token = credentials.access_token()
    except TokensOutOfReach as error:
        known = ("does not answer", "no keyring", "locked")
        return next(words for words in known if words in str(error) and "--secrets" in error.hint)
    return "good" if token == f"a{server.given}" else "an old one"


def store_in(keyring: Moody, seconds: float) -> KeyringTokenStore:
    return KeyringTokenStore(PatientKeyring(lambda: keyring, seconds=seconds), "one")


@dataclass
class Shelf:
    """A store in memory that may be full."""

    tokens: Tokens | None
    full: bool = False

    def load(self) -> Tokens | None:
        return self.tokens

    def save(self, tokens: Tokens | None) -> None:
        if self.full:
            raise TokensOutOfReach("locked", "unlock it")
        self.tokens = tokens


def test_a_token_is_not_used_up_while_its_successor_could_not_be_kept() -> None:
    clock = Clock()
    server, shelf = Server(clock), Shelf(Tokens("a0", "r0", 0.0), full=True)
    credentials = Credentials(shelf, server.renew, now=lambda: clock.now)

    with pytest.raises(TokensOutOfReach):
        credentials.access_token()
    assert server.given == 0

    shelf.full = False
    assert credentials.access_token() == "a1"


def test_what_could_not_be_kept_is_used_and_kept_as_soon_as_it_can_be() -> None:
    clock = Clock()
    server, shelf = Server(clock), Shelf(Tokens("a0", "r0", 0.0))

    def renew(refresh: str) -> Tokens:
        shelf.full = True  # in the very moment between the question and its answer
        return server.renew(refresh)

    credentials = Credentials(shelf, renew, now=lambda: clock.now)
    assert credentials.access_token() == "a1"
    assert shelf.tokens == Tokens("a0", "r0", 0.0)

    clock.now += 60
    assert credentials.access_token() == "a1"
    shelf.full = False
    clock.now += 60
    assert credentials.access_token() == "a1"
    assert shelf.tokens is not None
    assert shelf.tokens.refresh == "r1"


def test_tokens_in_hand_are_newer_than_what_a_full_shelf_holds() -> None:
    clock = Clock()
    server, shelf = Server(clock), Shelf(Tokens("a0", "r0", 0.0))

    def renew(refresh: str) -> Tokens:
        shelf.full = server.given == 0
        return replace(server.renew(refresh), expires_at=clock.now + 5)

    credentials = Credentials(shelf, renew, now=lambda: clock.now)
    assert credentials.access_token() == "a1"
    shelf.full = False
    clock.now += 6

    assert credentials.access_token() == "a2"
    assert shelf.tokens is not None
    assert shelf.tokens.refresh == "r2"
