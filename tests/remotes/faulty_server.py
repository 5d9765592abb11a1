"""An HTTP server made by hand, which answers whatever a story wants, down to the raw bytes."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Received:
    """One request; header names in lower case, `path` with its query."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def call(self) -> str:
        return f"{self.method} {self.path.partition('?')[0]}"


Answering = Callable[[Received], bytes]


@dataclass(slots=True)
class FaultyServer:
    """Every connection carries one request; half of one is not counted.

    `answering` makes the raw bytes of the answer.
    """

    url: str
    answering: Answering
    received: list[Received] = field(default_factory=list)
    connections: int = 0

    def calls(self, call: str) -> int:
        return sum(request.call == call for request in self.received)


@contextmanager
def faulty_server(
    answering: Answering, *, tls: ssl.SSLContext | None = None
) -> Iterator[FaultyServer]:
    listener = socket.create_server(("127.0.0.1", 0))
    scheme = "http" if tls is None else "https"
    server = FaultyServer(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}", answering)
    thread = threading.Thread(target=_accept, args=(listener, server, tls), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def answer(
    status: int = 200,
    body: bytes = b"",
    *,
    headers: Mapping[str, str] | None = None,
    length: int | None = None,
) -> bytes:
    """`length` lies about the number of bytes that follow."""
    told = {"Content-Length": str(len(body) if length is None else length), **(headers or {})}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"HTTP/1.1 {status} Status\r\nConnection: close\r\n{lines}\r\n".encode() + body


def json_answer(value: object, status: int = 200, **headers: str) -> bytes:
    told = {"Content-Type": "application/json"}
    told |= {name.replace("_", "-"): text for name, text in headers.items()}
    return answer(status, json.dumps(value).encode(), headers=told)


def problem_answer(status: int, code: str, **headers: str) -> bytes:
    return json_answer({"status": status, "code": code, "title": code}, status, **headers)


def _accept(listener: socket.socket, server: FaultyServer, tls: ssl.SSLContext | None) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        server.connections += 1
        threading.Thread(target=_serve, args=(connection, server, tls), daemon=True).start()


def _serve(connection: socket.socket, server: FaultyServer, tls: ssl.SSLContext | None) -> None:
    with suppress(OSError), connection:
        connection.settimeout(10)
        stream = connection if tls is None else tls.wrap_socket(connection, server_side=True)
        with stream, stream.makefile("rb") as lines:
            if not (request_line := lines.readline().decode()):
                return
            method, path, _ = request_line.split(" ")
            headers = {}
            while line := lines.readline().decode().strip():
                name, _, value = line.partition(":")
                headers[name.lower()] = value.strip()
            body = lines.read(int(headers.get("content-length", 0)))
            if len(body) < int(headers.get("content-length", 0)):
                return
            request = Received(method, path, headers, body)
            server.received.append(request)
            stream.sendall(server.answering(request))
