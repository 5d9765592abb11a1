"""Where the sign-in tokens of an instance are kept: the system's keyring, or a private file.

The keyring's backend is named here and never looked up: with `keyrings.alt` installed the lookup
silently gives a plaintext file. The file is used only where the person chose it.

SecretsUnavailable   no keyring here, or it does not answer: `--secrets file` is the way out
└── SecretsLocked    there is one, but it is locked: not the same as "not signed in"
"""

import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn, Protocol, TypeVar, cast

from dreamsync.config.file import write_private
from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import SecretsKind
from dreamsync.message import N_
from dreamsync.remotes.rest.tokens import Tokens, TokenStore
from dreamsync.system_errors import system_reason

KEYRING_SECONDS = 10.0
"""A locked keyring with a screen shows a prompt and blocks until it is answered."""

_SERVICE = "dreamsync"

AnswerT = TypeVar("AnswerT")


@dataclass
class SecretsUnavailable(Exception):
    message: str
    hint: str

    def __str__(self) -> str:
        return self.message


class SecretsLocked(SecretsUnavailable):
    pass


class Keyring(Protocol):
    """What we need of a backend of the `keyring` package."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


def open_token_store(paths: InstancePaths, kind: SecretsKind) -> TokenStore:
    """The store of this instance. Raise `SecretsUnavailable` where there is no keyring."""
    if kind is SecretsKind.FILE:
        return FileTokenStore(paths.secrets_file)
    return KeyringTokenStore(system_keyring(), _keyring_user(paths))


class FileTokenStore:
    """Tokens in a JSON file of mode 0600, replaced atomically."""

    def __init__(self, path: str) -> None:
        self._path = path

    def load(self) -> Tokens | None:
        try:
            with open(self._path, encoding="utf-8") as file:
                return _from_text(file.read())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _file_trouble(self._path, error) from error

    def save(self, tokens: Tokens | None) -> None:
        try:
            if tokens is not None:
                write_private(self._path, _to_text(tokens).encode())
            elif os.path.exists(self._path):
                os.unlink(self._path)
        except OSError as error:
            raise _file_trouble(self._path, error) from error

    def clear(self) -> None:
        self.save(None)


class KeyringTokenStore:
    """Tokens in the system's keyring, under one name for each instance."""

    def __init__(self, keyring: Keyring, user: str, *, seconds: float = KEYRING_SECONDS) -> None:
        self._keyring = keyring
        self._user = user
        self._seconds = seconds

    def load(self) -> Tokens | None:
        text = self._ask(lambda: self._keyring.get_password(_SERVICE, self._user))
        return None if text is None else _from_text(text)

    def save(self, tokens: Tokens | None) -> None:
        if tokens is None:
            self.clear()
            return
        text = _to_text(tokens)
        self._ask(lambda: self._keyring.set_password(_SERVICE, self._user, text))

    def clear(self) -> None:
        if self._ask(lambda: self._keyring.get_password(_SERVICE, self._user)) is not None:
            self._ask(lambda: self._keyring.delete_password(_SERVICE, self._user))

    def _ask(self, question: Callable[[], AnswerT]) -> AnswerT:
        return within(self._seconds, question)


def system_keyring() -> Keyring:
    """This system's keyring. Raise `SecretsUnavailable` where it has none that works."""
    try:
        backend = within(KEYRING_SECONDS, _backend)
        # Without a session bus the backend exists and fails at its first use.
        within(KEYRING_SECONDS, lambda: backend.get_password(_SERVICE, "probe"))
    except ImportError as error:
        raise _no_keyring(str(error)) from error
    return backend


def within(seconds: float, question: Callable[[], AnswerT]) -> AnswerT:
    """Ask the keyring in a thread of its own; give up waiting after `seconds`.

    The thread is left behind then: nothing can end a call that waits for a person at a prompt.
    """
    outcome: list[Callable[[], AnswerT]] = []
    done = threading.Event()

    def ask() -> None:
        try:
            answer = question()
        except Exception as error:
            outcome.append(_raiser(error))
        else:
            outcome.append(lambda: answer)
        done.set()

    threading.Thread(target=ask, name="keyring", daemon=True).start()
    if not done.wait(seconds):
        raise SecretsLocked(
            N_("The system's keyring does not answer; it is probably locked."), _unlock_hint()
        )
    return outcome[0]()


def _raiser(error: Exception) -> Callable[[], NoReturn]:
    def fail() -> NoReturn:
        raise _translated(error) from error

    return fail


def _backend() -> Keyring:
    return _backend_class()()


def _backend_class() -> "Callable[[], Keyring]":
    """Their constructors have no types."""
    if sys.platform == "darwin":
        from keyring.backends import macOS

        return cast("Callable[[], Keyring]", macOS.Keyring)
    if sys.platform == "win32":
        from keyring.backends import Windows

        return cast("Callable[[], Keyring]", Windows.WinVaultKeyring)
    from keyring.backends import SecretService

    # `priority` raises where there is no bus or no service on it.
    if SecretService.Keyring.priority <= 0:
        raise ImportError("no secret service")
    return cast("Callable[[], Keyring]", SecretService.Keyring)


def _translated(error: Exception) -> Exception:
    """`keyring`'s errors as ours; it is imported only where it was used anyway."""
    from keyring.errors import KeyringLocked

    if isinstance(error, SecretsUnavailable):
        return error
    if isinstance(error, KeyringLocked):
        return SecretsLocked(N_("The system's keyring is locked."), _unlock_hint())
    return _no_keyring(str(error))


def _no_keyring(reason: str) -> SecretsUnavailable:
    return SecretsUnavailable(
        N_(
            "There is no keyring on this system that works: {reason}.",
            reason=reason.strip().rstrip(".") or N_("unknown reason"),
        ),
        N_("Keep the sign-in in a file that only you can read, with: --secrets file"),
    )


def _unlock_hint() -> str:
    return N_(
        "Unlock it and try again, or keep the sign-in in a file that only you can read, with: "
        "--secrets file"
    )


def _file_trouble(path: str, error: OSError) -> SecretsUnavailable:
    return SecretsUnavailable(
        N_(
            "The file with the sign-in cannot be used: {path}: {reason}.",
            path=path,
            reason=system_reason(error),
        ),
        N_("Make it readable and writable for you."),
    )


def _keyring_user(paths: InstancePaths) -> str:
    """Several instances share one keyring: the instance's folder tells them apart."""
    return f"tokens-{paths.mark}"


def _to_text(tokens: Tokens) -> str:
    return json.dumps(
        {"access": tokens.access, "refresh": tokens.refresh, "expires_at": tokens.expires_at}
    )


def _from_text(text: str) -> Tokens | None:
    """None for what we did not write: signing in again mends it."""
    try:
        fields: Mapping[str, object] = json.loads(text)
        expires_at = fields["expires_at"]
        if not isinstance(expires_at, int | float):
            return None
        return Tokens(str(fields["access"]), str(fields["refresh"]), float(expires_at))
    except (ValueError, KeyError, TypeError):
        return None
