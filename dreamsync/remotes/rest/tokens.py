"""Access and refresh tokens, and their single-flight renewal across threads and processes."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from dreamsync.message import N_
from dreamsync.remotes.errors import RemoteError, SignedOut

_BETWEEN_SAVES = 10.0
"""Seconds between tries to save what the store would not take."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """`expires_at`: when to renew the access token, in seconds since the epoch by our clock."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: float


class TokenStore(Protocol):
    """Where tokens outlive the process: the keyring or a file that only the user can read.

    Neither call raises anything but `RemoteError`.
    """

    def load(self) -> Tokens | None: ...

    def save(self, tokens: Tokens | None) -> None:
        """None removes them."""


class Credentials:
    """The tokens in use. `renew_tokens` asks the server (raises `SignedOut` where it refuses).

    However many threads meet an expired token, one of them renews it and the others wait. The store
    is looked at first, since another process of this instance may have renewed already.

    A refresh token works once. So it is not used while the store cannot be written, which is tried
    with what it holds: the answer would be lost with this process, and the device signed out. Where
    the store fails in between, the tokens in hand are the only ones, and are saved again and again.
    """

    def __init__(
        self,
        store: TokenStore,
        renew_tokens: Callable[[str], Tokens],
        *,
        now: Callable[[], float],
    ) -> None:
        self._store = store
        self._renew_tokens = renew_tokens
        self._now = now
        self._lock = threading.Lock()
        self._tokens: Tokens | None = None
        self._unsaved = False
        self._save_again_at = 0.0
        self._refused: str | None = None

    def access_token(self) -> str:
        """A token that is thought to be good. Raise `SignedOut` where there is none."""
        with self._lock:
            if self._unsaved and self._now() >= self._save_again_at:
                self._save()
            tokens = self._tokens or self._load()
            if tokens.expires_at <= self._now():
                tokens = self._renewed(tokens.access)
            return tokens.access

    def renew(self, refused_access: str) -> str:
        """The token after `refused_access`, which the server has not accepted."""
        with self._lock:
            return self._renewed(refused_access).access

    def _renewed(self, stale_access: str) -> Tokens:
        tokens = self._tokens
        if tokens is None or (tokens.access == stale_access and not self._unsaved):
            tokens = self._load()
        if tokens.access == stale_access:
            self._store.save(tokens)
            self._tokens = tokens = self._ask(tokens)
            self._save()
        return tokens

    def _save(self) -> None:
        try:
            self._store.save(self._tokens)
            self._unsaved = False
        except RemoteError:
            self._unsaved = True
            self._save_again_at = self._now() + _BETWEEN_SAVES

    def _ask(self, tokens: Tokens) -> Tokens:
        if tokens.refresh == self._refused:
            raise SignedOut(N_("this device is signed out; sign in again"))
        try:
            return self._renew_tokens(tokens.refresh)
        except SignedOut:
            self._refused = tokens.refresh
            raise

    def _load(self) -> Tokens:
        tokens = self._store.load()
        if tokens is None:
            raise SignedOut(N_("this device is not signed in"))
        self._tokens = tokens
        return tokens
