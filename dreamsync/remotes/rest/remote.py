"""`RestRemote`: finds out which dialect the server speaks, and speaks it."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from dreamsync.remotes.delegating import DelegatingRemote
from dreamsync.remotes.protocol import Capabilities, Remote, RemoteStatus
from dreamsync.remotes.rest.api import Api, Request
from dreamsync.remotes.rest.connection import Connection
from dreamsync.remotes.rest.full import FullDialect
from dreamsync.remotes.rest.plain import PlainDialect
from dreamsync.remotes.rest.tokens import TokenStore
from dreamsync.wire.messages import StatusMessage


class RestRemote(DelegatingRemote):
    """One space of the account whose tokens `store` holds. Shared by threads.

    Nothing is sent before the first call. Whichever call is first asks for the status, which tells
    the dialect: a server that names capabilities speaks the whole contract, another is plain.
    `now` is seconds since the epoch; `space_id` None is the account's own space.
    """

    def __init__(
        self,
        connection: Connection,
        store: TokenStore,
        *,
        device_id: str,
        space_id: str | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._api = Api(connection, store, now=now)
        self._device_id = device_id
        self._space_id = space_id
        self._lock = threading.Lock()
        self._cursor: str | None = None
        self._dialect: FullDialect | PlainDialect | None = None

    @property
    def inner(self) -> Remote:
        return self._dialect or self._negotiate()[0]

    @property
    def clock_skew(self) -> timedelta | None:
        """How far the server's clock is ahead of this computer's; None before the first answer."""
        return self._api.clock_skew

    def status(self) -> RemoteStatus:
        return self._negotiate()[1]

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities() if self._dialect is None else self._dialect.capabilities

    def use_cursor(self, cursor: str | None) -> None:
        with self._lock:
            self._cursor = cursor
            if self._dialect is not None:
                self._dialect.use_cursor(cursor)

    def close(self) -> None:
        if self._dialect is not None:
            self._dialect.close()
        self._api.close()

    def _negotiate(self) -> tuple[Remote, RemoteStatus]:
        headers = {} if self._space_id is None else {"Sync-Space": self._space_id}
        request = Request("GET", "sync/status", headers=headers)
        message = self._api.ask(request, StatusMessage.parse)
        with self._lock:
            self._dialect = self._dialect_of(message)
            return self._dialect, self._dialect.note_status(message)

    def _dialect_of(self, message: StatusMessage) -> FullDialect | PlainDialect:
        """The dialect in use, or another where the server was exchanged for one of another kind."""
        if message.capabilities is None:
            if isinstance(self._dialect, PlainDialect):
                return self._dialect
            chosen: FullDialect | PlainDialect = PlainDialect(self._api, self._device_id)
        else:
            if isinstance(self._dialect, FullDialect):
                return self._dialect
            chosen = FullDialect(self._api, self._device_id, message, space_id=self._space_id)
        chosen.use_cursor(self._cursor)
        return chosen
