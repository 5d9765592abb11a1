"""A TCP proxy on loopback: it counts what goes through it, and can stand in the server's way.

Requests are counted by their first line, so of plain HTTP/1.1 only.
"""

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_PIECE = 256 * 1024
_REQUEST_LINE = re.compile(
    rb"^(?:GET|HEAD|POST|PUT|PATCH|DELETE) [^ \r\n]+ HTTP/1\.1(?=\r)", re.MULTILINE
)
"""Our clients begin each request with a new send, so that no line is cut in two."""
_REQUEST_LINE_END = b" HTTP/1.1\r\n"


@dataclass(slots=True)
class CountingProxy:
    """Bytes `up` went to the target in so many `requests`, bytes `down` came from it.

    While `instead` is set, every request gets that answer and the target none; empty bytes end the
    connection without one.
    """

    target: tuple[str, int]
    listener: socket.socket
    up: int = 0
    down: int = 0
    requests: int = 0
    request_lines: list[str] = field(default_factory=list)
    instead: bytes | None = None
    _open: set[socket.socket] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self._cut()

    def answer_instead(self, answer: bytes) -> None:
        """From now on, on open connections too."""
        self.instead = answer
        self._cut()

    def _cut(self) -> None:
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _connect(self, client: socket.socket) -> None:
        if self.instead is not None:
            with client, contextlib.suppress(OSError):
                client.recv(_PIECE)
                client.sendall(self.instead)
            return
        try:
            server = socket.create_connection(self.target)
        except OSError:
            client.close()
            return
        with client, server:
            self._open |= {client, server}
            answers = threading.Thread(target=self._pump_down, args=(server, client), daemon=True)
            answers.start()
            tail = b""
            for piece in _pumped(client, server):
                self.up += len(piece)
                seen = tail + piece
                self.requests += seen.count(_REQUEST_LINE_END)
                self.request_lines += [line.decode() for line in _REQUEST_LINE.findall(piece)]
                tail = seen[-len(_REQUEST_LINE_END) + 1 :]
            answers.join()
            self._open -= {client, server}

    def _pump_down(self, server: socket.socket, client: socket.socket) -> None:
        for piece in _pumped(server, client):
            self.down += len(piece)


def _pumped(source: socket.socket, target: socket.socket) -> Iterator[bytes]:
    """Each piece, once it was handed on, until either end closes."""
    with contextlib.suppress(OSError):
        while piece := source.recv(_PIECE):
            target.sendall(piece)
            yield piece
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def counting_proxy(port: int) -> Iterator[CountingProxy]:
    """In front of the loopback server at `port`, until the end of the block."""
    proxy = CountingProxy(("127.0.0.1", port), socket.create_server(("127.0.0.1", 0)))
    thread = threading.Thread(target=proxy.serve, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join(10)
