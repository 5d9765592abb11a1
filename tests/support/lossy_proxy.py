"""An HTTP proxy on loopback that does to requests and answers what networks and servers do.

Chance comes from a seed; what it did is counted. While `on` is false it only passes on.
"""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import cast

LOSSES = (
    "request lost",
    "request cut short",
    "request twice",
    "request late",
    "answer lost",
    "answer cut short",
    "answer late",
    "503",
    "429",
)
_RATE = 0.3
_LATE_S = 0.4
_STREAM_S = 1.5
_OF_ONE_HOP = {"connection", "transfer-encoding", "keep-alive"}
_TIMEOUT_S = 30


@dataclass
class Losses:
    """What happens next, on all connections: each kind once, in any order, then each again."""

    random: Random
    on: bool = True
    counts: Counter[str] = field(default_factory=Counter)
    late: list[threading.Thread] = field(default_factory=list)
    _deck: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def draw(self) -> str | None:
        with self._lock:
            if not self.on or self.random.random() >= _RATE:
                return None
            if not self._deck:
                self._deck = self.random.sample(LOSSES, len(LOSSES))
            loss = self._deck.pop()
            self.counts[loss] += 1
            return loss


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, target: tuple[str, int], losses: Losses) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target, self.losses = target, losses

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever hangs up on us means to."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _TIMEOUT_S

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        with suppress(OSError, http.client.HTTPException):
            is_stream = self.path.startswith("/sync/events")
            self._pass_on(self._body(), None if is_stream else self._losses.draw())
            return
        self.close_connection = True

    @property
    def _losses(self) -> Losses:
        return cast("_Server", self.server).losses

    def log_message(self, format: str, *values: object) -> None:  # noqa: A002 - its name
        """Silent."""

    def _body(self) -> bytes:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _pass_on(self, body: bytes, loss: str | None) -> None:
        match loss:
            case "503" | "429":
                self.send_response(int(loss))
                self.send_header("Retry-After", "1")
                self.send_header("Content-Length", "0")
                self.end_headers()
            case "request lost":
                self.close_connection = True
            case "request cut short":
                self._send_half(body)
                self.close_connection = True
            case "request late":
                late = threading.Thread(target=self._send_late, args=(body,))
                self._losses.late.append(late)
                late.start()
                self.close_connection = True
            case _:
                if loss == "request twice":
                    self._ask(body).read()
                answer = self._ask(body)
                if loss == "answer late":
                    time.sleep(_LATE_S)
                self._answer(answer, loss)

    def _ask(self, body: bytes) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(
            *cast("_Server", self.server).target, timeout=_TIMEOUT_S
        )
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in {*_OF_ONE_HOP, "content-length", "expect"}:
                connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.putheader("Connection", "close")
        connection.endheaders(body)
        return connection.getresponse()

    def _send_half(self, body: bytes) -> None:
        """The server learns how much was meant to come, and then the connection ends."""
        target = cast("_Server", self.server).target
        connection = http.client.HTTPConnection(*target, timeout=_TIMEOUT_S)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in {*_OF_ONE_HOP, "content-length", "expect"}:
                connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body) + 1))
        connection.endheaders(body[: len(body) // 2])
        connection.close()

    def _send_late(self, body: bytes) -> None:
        time.sleep(_LATE_S)
        with suppress(OSError, http.client.HTTPException):
            self._ask(body).read()

    def _answer(self, answer: http.client.HTTPResponse, loss: str | None) -> None:
        if "event-stream" in answer.headers.get("Content-Type", ""):
            self._stream(answer)
            return
        body = answer.read()
        if loss == "answer lost":
            self.close_connection = True
            return
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in {*_OF_ONE_HOP, "content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        cut = loss == "answer cut short"
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.close_connection = self.close_connection or cut

    def _stream(self, answer: http.client.HTTPResponse) -> None:
        """Push streams break now and then."""
        self.close_connection = True
        self.send_response_only(answer.status)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.end_headers()
        ends = time.monotonic() + _STREAM_S
        while (line := answer.readline()) and not (self._losses.on and time.monotonic() > ends):
            self.wfile.write(line)


@contextmanager
def lossy_proxy(port: int, seed: int) -> Iterator[tuple[str, Losses]]:
    """In front of the loopback server at `port`: its URL, and what it does."""
    losses = Losses(Random(seed))
    server = _Server(("127.0.0.1", port), losses)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", losses
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
