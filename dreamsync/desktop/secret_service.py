"""The keyring of a Linux desktop (GNOME's, KDE's, KeePassXC), over D-Bus.

One that is locked asks a person to unlock it, with each question anew. Here it does so once for as
long as the program runs; then it is only looked whether somebody has unlocked it.
"""

from collections.abc import Callable
from contextlib import closing
from typing import cast

from dreamsync.desktop.keyrings import Keyring, no_keyring
from dreamsync.desktop.screen import has_session_bus
from dreamsync.message import N_

_DEFAULT = "/org/freedesktop/secrets/aliases/default"


class SecretService:
    """Implements `Keyring`. Raise `KeyringLocked`; anything else means that there is none."""

    def __init__(self) -> None:
        if not has_session_bus():
            raise no_keyring(N_("there is no desktop session"))
        from keyring.backends.SecretService import Keyring as Backend

        # `priority` raises where there is no bus or no service on it.
        if Backend.priority <= 0:
            raise ImportError("no secret service")
        self._keyring = cast("Callable[[], Keyring]", Backend)()
        self._has_asked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._ask_once()
        return self._keyring.get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._ask_once()
        self._keyring.set_password(service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        self._ask_once()
        self._keyring.delete_password(service, username)

    def _ask_once(self) -> None:
        if not _is_locked():
            return
        if self._has_asked:
            from keyring.errors import KeyringLocked

            raise KeyringLocked("locked")
        self._has_asked = True


def _is_locked() -> bool:
    """Whether the collection that new secrets go to is. Where there is none, one is made."""
    import secretstorage
    from secretstorage.exceptions import SecretStorageException

    try:
        with closing(secretstorage.dbus_init()) as bus:
            return bool(secretstorage.Collection(bus, _DEFAULT).is_locked())
    except SecretStorageException:
        return False
