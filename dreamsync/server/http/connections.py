"""Connections that keep the server waiting, or fill its memory, before there is a request.

uvicorn waits for ever for a request's head, and keeps as much of a head (or of a chunked body's
trailer) as is sent. Anybody may open a connection, so both have limits here. How long a body may
take is `bodies.py`'s matter. Such a connection is aborted: closed with manners, one under TLS
would go on reading until the client has closed it too.
"""

import asyncio

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

HEAD_WITHIN_S = 30.0
"""How long the head of a connection's first request may take; of a later one, as long after the
time that a connection is kept without any."""
MOST_HEAD_BYTES = 64 * 1024
"""Of a head, a trailer, or the sizes and extensions of chunks without any content."""


class PatientProtocol(HttpToolsProtocol):
    """One connection, closed where the client's next head does not come in time."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._unused_bytes = 0
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head(HEAD_WITHIN_S)

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_came()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unused_bytes += len(data)
        super().data_received(data)
        if self._unused_bytes > MOST_HEAD_BYTES:
            self.transport.abort()

    def on_headers_complete(self) -> None:
        self._head_came()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unused_bytes = 0
        if not self.cycle.body:
            # Adding to empty bytes copies nothing; adding to uvicorn's array does, and reading it.
            self.cycle.body = b""  # type: ignore[assignment]
        super().on_body(body)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        waits_for_next = self.timeout_keep_alive_task is not None
        if waits_for_next:
            self._expect_head(self.timeout_keep_alive + HEAD_WITHIN_S)

    def _expect_head(self, within_s: float) -> None:
        self._head_came()
        self._deadline = self.loop.call_later(within_s, self.transport.abort)

    def _head_came(self) -> None:
        self._unused_bytes = 0
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
