"""Tokens are kept where the person chose, and "locked" is never taken for "signed out"."""

import contextlib
import pathlib
import stat
import sys
import threading
import time

import pytest
from keyring.errors import KeyringLocked, PasswordDeleteError

from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import SecretsKind
from dreamsync.desktop import keyrings
from dreamsync.desktop.keyrings import KEYRING_SECONDS, PatientKeyring
from dreamsync.desktop.secrets import FileTokenStore, KeyringTokenStore, open_token_store
from dreamsync.desktop.secrets_errors import SecretsLocked, SecretsUnavailable
from dreamsync.remotes.rest.tokens import Tokens

TOKENS = Tokens("access", "refresh", 1.5)


def store_in(
    keyring: "FakeKeyring", user: str = "one", *, seconds: float = KEYRING_SECONDS
) -> KeyringTokenStore:
    return KeyringTokenStore(PatientKeyring(lambda: keyring, seconds=seconds), user)


class FakeKeyring:
    """A keyring in memory; `failure` is raised, `silent` blocks as a prompt does."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.failure: Exception | None = None
        self.silent: threading.Event | None = None
        self.asked = 0

    def get_password(self, service: str, username: str) -> str | None:
        self._trouble()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._trouble()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._trouble()
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("none")

    def _trouble(self) -> None:
        self.asked += 1
        if self.silent is not None:
            self.silent.wait(5)
        if self.failure is not None:
            raise self.failure


@pytest.mark.security(5)
def test_a_file_keeps_them_for_the_owner_only(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "state" / "secrets.json"
    store = FileTokenStore(str(path))
    assert store.load() is None
    store.save(TOKENS)
    assert FileTokenStore(str(path)).load() == TOKENS
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    store.clear()
    store.clear()
    assert not path.exists()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"access": 1}', "\x00", '{"expires_at": "x"}'])
def test_a_damaged_file_is_signed_out(tmp_path: pathlib.Path, text: str) -> None:
    path = tmp_path / "secrets.json"
    path.write_text(text)
    assert FileTokenStore(str(path)).load() is None


def test_a_file_that_cannot_be_read_is_no_sign_out(tmp_path: pathlib.Path) -> None:
    with pytest.raises(SecretsUnavailable, match="cannot be used"):
        FileTokenStore(str(tmp_path)).load()


@pytest.mark.security(5)
def test_a_keyring_keeps_them_apart_for_each_instance() -> None:
    keyring = FakeKeyring()
    first, second = store_in(keyring), store_in(keyring, "two")
    first.save(TOKENS)
    assert (first.load(), second.load()) == (TOKENS, None)
    first.save(None)
    first.clear()
    assert keyring.kept == {}


@pytest.mark.security(5)
def test_locked_is_told_apart_from_no_token() -> None:
    keyring = FakeKeyring()
    keyring.failure = KeyringLocked("locked")
    with pytest.raises(SecretsLocked) as caught:
        store_in(keyring).load()
    assert "--secrets file" in caught.value.hint


def test_a_prompt_that_nobody_answers_does_not_block_and_is_the_only_one() -> None:
    keyring = FakeKeyring()
    keyring.silent = threading.Event()
    store = store_in(keyring, seconds=0.05)
    for _ in range(3):
        with pytest.raises(SecretsLocked, match="does not answer"):
            store.load()
    assert keyring.asked == 1

    keyring.kept["dreamsync", "one"] = '{"access": "a", "refresh": "r", "expires_at": 1}'
    keyring.silent.set()
    tokens = None
    deadline = time.monotonic() + 10
    while tokens is None and time.monotonic() < deadline:
        with contextlib.suppress(SecretsLocked):
            tokens = store.load()
    assert tokens == Tokens("a", "r", 1.0)


def test_a_keyring_that_comes_later_is_found() -> None:
    """At login the desktop's keyring may start after us."""
    backends: list[FakeKeyring] = []

    def open_backend() -> FakeKeyring:
        if not backends:
            raise RuntimeError("The Secret Service daemon is neither running nor activatable")
        return backends[0]

    store = KeyringTokenStore(PatientKeyring(open_backend), "one")
    with pytest.raises(SecretsUnavailable, match="no keyring"):
        store.load()

    backends.append(FakeKeyring())
    store.save(TOKENS)
    assert store.load() == TOKENS


def test_any_other_failure_names_the_way_out() -> None:
    keyring = FakeKeyring()
    keyring.failure = RuntimeError("no bus")
    with pytest.raises(SecretsUnavailable, match="no bus") as caught:
        store_in(keyring).save(TOKENS)
    assert "--secrets file" in caught.value.hint


@pytest.mark.security(5)
@pytest.mark.skipif(sys.platform != "linux", reason="the bus is Linux's")
def test_without_a_bus_there_is_no_keyring_and_no_plaintext_in_its_place(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/nothing")
    with pytest.raises(SecretsUnavailable, match="no keyring") as caught:
        open_token_store(InstancePaths.under(str(tmp_path)), SecretsKind.KEYRING).load()
    assert "--secrets file" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.security(5)
def test_the_file_is_used_where_it_was_chosen(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never() -> None:
        raise AssertionError("the keyring was asked")

    monkeypatch.setattr(keyrings, "_backend", never)
    store = open_token_store(InstancePaths.under(str(tmp_path)), SecretsKind.FILE)
    store.save(TOKENS)
    assert store.load() == TOKENS
