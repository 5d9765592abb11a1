"""Connections that keep the server waiting or would fill its memory, over real sockets and TLS."""

import asyncio
import json
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dreamsync.server.certificate import ServerCertificate, ensure_certificate
from dreamsync.server.http import bodies, connections
from dreamsync.server.http.bodies import json_response, limited_stream
from dreamsync.server.http.problems import EXCEPTION_HANDLERS
from tests.server.http.client import Device, expect, new_key
from tests.server.http.conftest import Server
from tests.support.server import running_application

pytestmark = pytest.mark.security(12)

MIB = 1024 * 1024
PATIENCE_S = 0.3
"""What the server has here, for heads and for bodies."""
WITHIN_S = 10
GET = b"GET / HTTP/1.1\r\nHost: server\r\n\r\n"


async def measured(request: Request) -> Response:
    """How long the body is; `busy`: seconds that the server takes for each piece."""
    size, busy_s = 0, float(request.query_params.get("busy", "0"))
    async for piece in limited_stream(request, 100 * MIB):
        size += len(piece)
        await asyncio.sleep(busy_s)
    return json_response({"size": size})


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_WITHIN_S", PATIENCE_S)
    monkeypatch.setattr(bodies, "BODY_PATIENCE_S", PATIENCE_S)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ServerCertificate:
    return ensure_certificate(str(tmp_path_factory.mktemp("tls")))


@pytest.fixture(scope="module", params=["http", "https"])
def url(request: pytest.FixtureRequest, certificate: ServerCertificate) -> Iterator[str]:
    tls = certificate if request.param == "https" else None
    routes = [Route("/", measured, methods=["GET", "POST"])]
    application = Starlette(routes=routes, exception_handlers=EXCEPTION_HANDLERS)
    with running_application(application, tls=tls, keep_alive_s=1) as url:
        yield url


@pytest.fixture
def connection(url: str, certificate: ServerCertificate) -> Iterator[socket.socket]:
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), WITHIN_S) as plain:
        if address.scheme == "http":
            yield plain
            return
        trusted = ssl.create_default_context(cafile=certificate.certificate_path)
        with trusted.wrap_socket(plain, server_hostname="127.0.0.1") as secured:
            yield secured


def is_closed_within(connection: socket.socket, seconds: float) -> bool:
    """Whether the server ends the connection by itself, without having said anything."""
    connection.settimeout(seconds)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except (ConnectionError, ssl.SSLError):
        return True


def answer_of(connection: socket.socket) -> tuple[int, dict[str, object]]:
    """Status and JSON of the next answer."""
    connection.settimeout(WITHIN_S)
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    while len(body) < length:
        body += _more(connection)
    return int(head.split(b" ")[1]), json.loads(body)


def _more(connection: socket.socket) -> bytes:
    piece = connection.recv(65536)
    assert piece, "the connection ended within an answer"
    return piece


def send_until_closed(connection: socket.socket, piece: bytes, most_bytes: int) -> int:
    """How many bytes were taken before the server closed the connection."""
    taken = 0
    with suppress(ConnectionError, ssl.SSLError):
        while taken < most_bytes:
            connection.sendall(piece)
            taken += len(piece)
    return taken


def test_who_says_nothing_is_not_waited_for(connection: socket.socket) -> None:
    assert is_closed_within(connection, WITHIN_S)


def test_a_head_that_comes_a_byte_at_a_time_is_not_waited_for(connection: socket.socket) -> None:
    for letter in b"GET /" + b"x" * 200:
        connection.sendall(bytes([letter]))
        if is_closed_within(connection, 0.05):
            return
    pytest.fail("the server is still waiting")


def test_a_connection_is_kept_for_the_next_request(connection: socket.socket) -> None:
    for _ in range(3):
        connection.sendall(GET)
        assert answer_of(connection) == (200, {"size": 0})
    assert not is_closed_within(connection, 2 * PATIENCE_S)
    connection.sendall(GET)
    assert answer_of(connection) == (200, {"size": 0})


def test_a_later_head_is_not_waited_for_either(connection: socket.socket) -> None:
    connection.sendall(GET)
    answer_of(connection)
    connection.sendall(GET[:10])
    assert is_closed_within(connection, WITHIN_S)


def test_requests_sent_at_once_are_all_answered(connection: socket.socket) -> None:
    connection.sendall(GET * 9 + GET.replace(b"Host", b"Connection: close\r\nHost"))
    received = b""
    while piece := connection.recv(65536):
        received += piece
    assert received.count(b"HTTP/1.1 200") == 10


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        pytest.param(b"GET /", b"x" * 4096, id="address"),
        pytest.param(b"GET / HTTP/1.1\r\n", b"X-Long: " + b"x" * 4000 + b"\r\n", id="headers"),
        pytest.param(b"GET / HTTP/1.1\r\nX-Long: ", b"x" * 4096, id="one header"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: s\r\nTransfer-Encoding: chunked\r\n\r\n1;",
            b"x" * 4096,
            id="extension of a chunk",
        ),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: s\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
            b"X-Trailer: " + b"x" * 4000 + b"\r\n",
            id="trailer",
        ),
    ],
)
def test_what_is_no_content_is_taken_in_small_amounts_only(
    connection: socket.socket, monkeypatch: pytest.MonkeyPatch, start: bytes, piece: bytes
) -> None:
    monkeypatch.setattr(connections, "HEAD_WITHIN_S", WITHIN_S)
    monkeypatch.setattr(bodies, "BODY_PATIENCE_S", WITHIN_S)

    connection.sendall(start)
    taken = send_until_closed(connection, piece, 100 * MIB)

    assert taken < 20 * MIB  # what lies in the system's buffers on the way is not the server's


def test_a_body_that_stops_coming_is_told_and_ends_the_connection(
    connection: socket.socket,
) -> None:
    connection.sendall(b"POST / HTTP/1.1\r\nHost: s\r\nContent-Length: 1000\r\n\r\nsome")

    status, told = answer_of(connection)

    assert (status, told["code"]) == (408, "requestTimeout")
    assert is_closed_within(connection, WITHIN_S)


def test_a_body_that_trickles_is_not_waited_for(connection: socket.socket) -> None:
    """A byte now and then is activity, but at this rate it would take the server for a day."""
    connection.sendall(b"POST / HTTP/1.1\r\nHost: s\r\nContent-Length: 1000000\r\n\r\n")
    connection.settimeout(0.05)
    for _ in range(1000):
        connection.sendall(b"x")
        with suppress(TimeoutError):
            assert connection.recv(12) == b"HTTP/1.1 408"
            return
    pytest.fail("the server is still waiting")


def test_a_slow_but_steady_body_is_waited_for(
    connection: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "SLOWEST_BYTES_PER_S", 100)
    pieces = 12
    head = f"POST / HTTP/1.1\r\nHost: s\r\nContent-Length: {pieces * 50}\r\n\r\n".encode()
    started = time.monotonic()

    connection.sendall(head)
    for _ in range(pieces):
        connection.sendall(b"x" * 50)
        assert not is_closed_within(connection, PATIENCE_S / 6)
    connection.settimeout(WITHIN_S)

    assert answer_of(connection) == (200, {"size": pieces * 50})
    assert time.monotonic() - started > PATIENCE_S


def test_a_large_body_is_not_taken_for_a_large_head(connection: socket.socket) -> None:
    size = 30 * MIB
    connection.sendall(f"POST / HTTP/1.1\r\nHost: s\r\nContent-Length: {size}\r\n\r\n".encode())
    connection.sendall(bytes(size))
    assert answer_of(connection) == (200, {"size": size})


def test_the_time_that_the_server_takes_is_not_the_clients(connection: socket.socket) -> None:
    size = 20 * 65536
    connection.sendall(
        f"POST /?busy=0.05 HTTP/1.1\r\nHost: s\r\nContent-Length: {size}\r\n\r\n".encode()
    )
    connection.sendall(bytes(size))
    assert answer_of(connection) == (200, {"size": size})


def test_an_upload_that_stopped_coming_leaves_nothing_and_may_be_sent_again(
    server: Server, laptop: Device
) -> None:
    key, address = new_key(), urlsplit(server.url)
    head = (
        "POST /sync/upload HTTP/1.1\r\nHost: s\r\nContent-Length: 1000\r\n"
        f"Authorization: {laptop.http.headers['authorization']}\r\nIdempotency-Key: {key}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    )
    half = '--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nhalf of'
    with socket.create_connection((address.hostname, address.port), WITHIN_S) as connection:
        connection.sendall(f"{head}{half}".encode())
        assert answer_of(connection)[0] == 408

    assert laptop.feed()[0] == []
    expect(laptop.upload("note.txt", b"half of it, and the rest", key=key), 201)
