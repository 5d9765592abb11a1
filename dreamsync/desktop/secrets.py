"""Where the sign-in tokens of an instance are kept: the system's keyring, or a private file.

The file is used only where the person chose it.
"""

import json
import os
from collections.abc import Mapping

from dreamsync.config.file import write_private
from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import SecretsKind
from dreamsync.desktop.keyrings import Keyring, PatientKeyring
from dreamsync.desktop.secrets_errors import SecretsUnavailable
from dreamsync.message import N_
from dreamsync.remotes.rest.tokens import Tokens, TokenStore
from dreamsync.system_errors import system_reason

_SERVICE = "dreamsync"


def open_token_store(paths: InstancePaths, kind: SecretsKind) -> TokenStore:
    """The store of this instance; nothing is asked of it yet. Its calls raise
    `SecretsUnavailable`."""
    if kind is SecretsKind.FILE:
        return FileTokenStore(paths.secrets_file)
    return KeyringTokenStore(PatientKeyring(), _keyring_user(paths))


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

    def __init__(self, keyring: Keyring, user: str) -> None:
        self._keyring = keyring
        self._user = user

    def load(self) -> Tokens | None:
        text = self._keyring.get_password(_SERVICE, self._user)
        return None if text is None else _from_text(text)

    def save(self, tokens: Tokens | None) -> None:
        if tokens is None:
            self.clear()
        else:
            self._keyring.set_password(_SERVICE, self._user, _to_text(tokens))

    def clear(self) -> None:
        if self._keyring.get_password(_SERVICE, self._user) is not None:
            self._keyring.delete_password(_SERVICE, self._user)


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
