"""The system's keyring: its backend named, asked one question at a time, and not for ever.

The backend is named here and never looked up: with `keyrings.alt` installed the lookup silently
gives a plaintext file. Whatever goes wrong is a `SecretsUnavailable`.
"""

import sys
import threading
from collections.abc import Callable
from typing import NoReturn, Protocol, TypeVar, cast

from dreamsync.desktop.secrets_errors import SecretsLocked, SecretsUnavailable
from dreamsync.message import N_

KEYRING_SECONDS = 10.0
"""A locked keyring with a screen shows a prompt and blocks until it is answered."""

_Answer = TypeVar("_Answer")


class Keyring(Protocol):
    """What we need of a backend of the `keyring` package."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


class PatientKeyring:
    """Implements `Keyring`. The backend is opened with the first question that it answers.

    Each question has a thread of its own, because nothing can end a call that waits for a person at
    a prompt; while one waits, no other is asked, or each would bring up a prompt of its own.
    """

    def __init__(
        self, open_backend: Callable[[], Keyring] | None = None, *, seconds: float = KEYRING_SECONDS
    ) -> None:
        self._open = open_backend or _backend
        self._seconds = seconds
        self._backend: Keyring | None = None
        self._guard = threading.Lock()
        self._asking: threading.Thread | None = None

    def get_password(self, service: str, username: str) -> str | None:
        return self._ask(lambda keyring: keyring.get_password(service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._ask(lambda keyring: keyring.set_password(service, username, password))

    def delete_password(self, service: str, username: str) -> None:
        self._ask(lambda keyring: keyring.delete_password(service, username))

    def _ask(self, question: Callable[[Keyring], _Answer]) -> _Answer:
        outcome: list[Callable[[], _Answer]] = []

        def ask() -> None:
            try:
                if self._backend is None:
                    self._backend = self._open()
                answer = question(self._backend)
            except Exception as error:
                outcome.append(_raiser(error))
            else:
                outcome.append(lambda: answer)

        with self._guard:
            if self._asking is not None and self._asking.is_alive():
                raise _silent()
            self._asking = threading.Thread(target=ask, name="keyring", daemon=True)
            self._asking.start()
            self._asking.join(self._seconds)
        if not outcome:
            raise _silent()
        return outcome[0]()


def _raiser(error: Exception) -> Callable[[], NoReturn]:
    def fail() -> NoReturn:
        raise _translated(error) from error

    return fail


def _backend() -> Keyring:
    """The one of this system. Their constructors have no types."""
    if sys.platform == "darwin":
        from keyring.backends import macOS

        return cast("Callable[[], Keyring]", macOS.Keyring)()
    if sys.platform == "win32":
        from keyring.backends import Windows

        return cast("Callable[[], Keyring]", Windows.WinVaultKeyring)()
    from dreamsync.desktop.secret_service import SecretService

    return SecretService()


def _translated(error: Exception) -> Exception:
    """`keyring`'s errors as ours; it is imported only where it was used anyway."""
    from keyring.errors import KeyringLocked

    if isinstance(error, SecretsUnavailable):
        return error
    if isinstance(error, KeyringLocked):
        return SecretsLocked(N_("The system's keyring is locked."), _unlock_hint())
    return no_keyring(str(error).strip().rstrip(".") or N_("unknown reason"))


def no_keyring(reason: str) -> SecretsUnavailable:
    return SecretsUnavailable(
        N_("There is no keyring on this system that works: {reason}.", reason=reason),
        N_("Keep the sign-in in a file that only you can read, with: --secrets file"),
    )


def _silent() -> SecretsLocked:
    return SecretsLocked(
        N_("The system's keyring does not answer; it is probably locked."), _unlock_hint()
    )


def _unlock_hint() -> str:
    return N_(
        "Unlock it and try again; what syncs goes on by itself. Or keep the sign-in in a file that "
        "only you can read, with: --secrets file"
    )
