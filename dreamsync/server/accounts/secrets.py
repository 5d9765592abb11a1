"""The server's one secret and the keys derived from it.

The secret is 32 random bytes in a file that only the server's user may read. Each use has its own
key, derived by HKDF-SHA-256 (RFC 5869) under its own label, so that what is signed for one
purpose is worth nothing for another.
"""

import os
import secrets
import stat
from dataclasses import dataclass
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from dreamsync.message import N_

FILE_NAME = "secret.key"
_LENGTH = 32


class SecretUnusable(Exception):
    """The secret file is damaged. Without it nothing is signed: the server does not start."""


@dataclass(frozen=True, slots=True, repr=False)
class ServerSecret:
    """The root of all keys; its text form never shows it."""

    _root: bytes

    @classmethod
    def load_or_create(cls, data_dir: str) -> Self:
        """Read the secret of `data_dir`, making it on the first start.

        Raises `SecretUnusable` where the file is not exactly one secret, `OSError` where it
        cannot be read or written.
        """
        path = os.path.join(data_dir, FILE_NAME)
        try:
            _create(path)
        except FileExistsError:
            _narrow(path)
        with open(path, "rb") as file:
            text = file.read(_LENGTH * 2 + 1)
        try:
            root = bytes.fromhex(text.decode("ascii"))
        except ValueError:
            root = b""
        if len(root) != _LENGTH:
            raise SecretUnusable(
                N_("{path} is damaged: restore it from a backup or remove it.", path=path)
            )
        return cls(root)

    def derive(self, label: str) -> bytes:
        """The 32-byte key for the purpose `label`."""
        hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=label.encode())
        return hkdf.derive(self._root)


def _create(path: str) -> None:
    """Whole or not at all: a reader never finds half a secret, two starters agree on one."""
    draft = f"{path}.{secrets.token_hex(8)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_LENGTH).hex().encode())
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        os.unlink(draft)


def _narrow(path: str) -> None:
    mode = stat.S_IMODE(os.stat(path).st_mode)
    if os.name == "posix" and mode & 0o077:
        os.chmod(path, mode & 0o700)
