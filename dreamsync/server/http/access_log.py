"""One line for each request: who, what, how it ended. Never tokens, queries or bodies.

Queries are left out whole because presigned URLs carry their signature there.
"""

import logging
import time
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger("dreamsync.server.access")


class AccessLog:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _log.isEnabledFor(logging.INFO):
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status, sent_bytes = 0, 0

        async def counted(message: Message) -> None:
            nonlocal status, sent_bytes
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                sent_bytes += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, counted)
        finally:
            took_ms = (time.perf_counter() - started) * 1000
            _log.info("%s %d %d bytes %.0f ms", _who_and_what(scope), status, sent_bytes, took_ms)


def _who_and_what(scope: Scope) -> str:
    """Percent-encoded again: a line break in a path must not begin a line of its own."""
    client = scope.get("client")
    device = scope.get("state", {}).get("device_id", "-")
    return f"{client[0] if client else '-'} {device} {scope['method']} {quote(scope['path'])}"
