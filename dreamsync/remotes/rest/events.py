"""Server-sent events (WHATWG HTML, 9.2): the push stream, as hints that the feed has moved."""

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx

from dreamsync.message import N_
from dreamsync.remotes.errors import NotTheContract
from dreamsync.remotes.rest.api import Api, Request

MOST_LINE_BYTES = 64 * 1024


@dataclass(slots=True)
class EventParser:
    """Bytes in, hints out: a cursor for each `cursor` event, None for each comment.

    Raises `NotTheContract` for a line longer than any of a sync server.
    """

    _rest: bytes = b""
    _event: str = ""
    _data: list[str] = field(default_factory=list)

    def feed(self, piece: bytes) -> Iterator[str | None]:
        *lines, self._rest = (self._rest + piece).replace(b"\r\n", b"\n").split(b"\n")
        if len(self._rest) > MOST_LINE_BYTES:
            raise NotTheContract(N_("the push stream is not a sync server's"))
        for line in lines:
            yield from self._line(line.decode("utf-8", "replace"))

    def _line(self, line: str) -> Iterator[str | None]:
        if line.startswith(":"):
            yield None
        elif not line:
            yield from self._dispatch()
        else:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "event":
                self._event = value
            elif name == "data":
                self._data.append(value)

    def _dispatch(self) -> Iterator[str]:
        event, data = self._event, "\n".join(self._data)
        self._event, self._data = "", []
        if event == "cursor" and (cursor := _cursor(data)) is not None:
            yield cursor


def _cursor(data: str) -> str | None:
    """An event that cannot be read is no hint; the next one, or the poll, will do."""
    try:
        value: object = json.loads(data)
    except (ValueError, RecursionError):
        return None
    cursor = value.get("cursor") if isinstance(value, dict) else None
    return cursor if isinstance(cursor, str) else None


class EventStreams:
    """The push streams now open. `close` and `end` end them from another thread, even in a blocking
    read."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._lock = threading.Lock()
        self._open: set[httpx.Response] = set()
        self._closed = False

    def hints(self) -> Iterator[str | None]:
        """Raises `Unreachable` when the server is silent for longer than its comments' interval."""
        request = Request("GET", "sync/events", headers={"Accept": "text/event-stream"})
        with self._api.signed(request, timeout=self._api.connection.events_timeout_s) as response:
            if not response.headers.get("content-type", "").startswith("text/event-stream"):
                raise NotTheContract(N_("the push stream is not a sync server's"))
            parser = EventParser()
            with self._lock:
                self._open.add(response)
            try:
                for piece in response.iter_raw():
                    yield from parser.feed(piece)
                    if self._closed:
                        return
            finally:
                with self._lock:
                    self._open.discard(response)

    def close(self) -> None:
        self._closed = True
        self.end()

    def end(self) -> None:
        """Those that are open now; new ones may follow."""
        with self._lock:
            for response in self._open:
                _shut_down(response)


def _shut_down(response: httpx.Response) -> None:
    """Closing a socket does not wake a thread that reads from it; shutting it down does."""
    stream = response.extensions.get("network_stream")
    connection = stream.get_extra_info("socket") if stream is not None else None
    if isinstance(connection, socket.socket):
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
