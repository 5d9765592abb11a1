"""Whatever is thrown at the control channel: no call is made, and the next asker is served."""

import contextlib
import pathlib
import socket
from collections.abc import Iterator

import pytest

from dreamsync.config.paths import InstancePaths
from dreamsync.control import handler, server
from dreamsync.control.address import LoopbackAddress
from dreamsync.control.client import ControlClient
from dreamsync.control.commands import CommandError
from dreamsync.control.server import ControlServer
from tests.support.fake_commands import IDLE, FakeCommands


class Channel:
    """A server on loopback, and bytes sent to it as they are."""

    def __init__(self, server: ControlServer, commands: FakeCommands) -> None:
        assert isinstance(server.address, LoopbackAddress)
        self.address = server.address
        self.commands = commands

    def send(self, raw: bytes) -> bytes:
        with self.address.connect(5.0) as connection:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            pieces = []
            while piece := connection.recv(65536):
                pieces.append(piece)
        return b"".join(pieces)

    def post(
        self, path: str, body: bytes, *, headers: str = "", length: str | None = None
    ) -> bytes:
        head = (
            f"POST {path} HTTP/1.0\r\nHost: localhost\r\n"
            f"Authorization: Bearer {self.address.token}\r\n"
            f"Content-Length: {len(body) if length is None else length}\r\n{headers}\r\n"
        )
        return self.send(head.encode() + body)


@pytest.fixture
def channel(tmp_path: pathlib.Path) -> Iterator[Channel]:
    commands = FakeCommands()
    running = ControlServer(commands, InstancePaths.under(str(tmp_path)), loopback=True)
    running.start()
    yield Channel(running, commands)
    assert ControlClient(running.address).status() == IDLE
    assert commands.asked == []
    running.stop()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b"[" * 60_000,
        b'{"until_ms": "soon"}',
        b'{"until_ms": 1e3}',
        b'{"until_ms": null, "extra": 1}',
        b"{}",
        b'{"until_ms": null',
    ],
)
def test_a_body_of_another_shape_is_refused(channel: Channel, body: bytes) -> None:
    assert b" 400 " in channel.post("/v1/pause", body).splitlines()[0]


@pytest.mark.parametrize(
    "path", ["/", "/v1/", "/v1/status/", "/v2/status", "/v1/../v1/status", "/v1/_note", "/v1/%00"]
)
def test_an_unknown_call_is_refused(channel: Channel, path: str) -> None:
    assert b" 400 " in channel.post(path, b"{}").splitlines()[0]


@pytest.mark.parametrize("length", ["", "-1", "1e3", "٣", "99999999999", "70000"])
def test_a_length_that_is_none_is_refused(channel: Channel, length: str) -> None:
    raw = channel.post("/v1/resume", b"{}", length=length)
    assert b" 400 " in raw.splitlines()[0]


def test_a_body_cut_short_is_refused(channel: Channel) -> None:
    assert b" 400 " in channel.post("/v1/resume", b"{}", length="3").splitlines()[0]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 100,
        b"GET / HTTP/1.1\r\n\r\n",
        b"POST /v1/resume\r\n\r\n",
        b"POST /v1/resume HTTP/9.9\r\n\r\n",
        b"POST /v1/resume HTTP/1.0\r\n" + b"X: y\r\n" * 500 + b"\r\n",
        b"A" * 200_000,
    ],
)
def test_what_is_no_request_is_dropped(channel: Channel, raw: bytes) -> None:
    answer = b""
    with contextlib.suppress(OSError):
        answer = channel.send(raw)
    assert b" 200 " not in answer


@pytest.mark.security(6)
@pytest.mark.parametrize(
    "headers",
    ["Origin: http://localhost\r\n", "Origin: null\r\n", "Origin: https://evil.example\r\n"],
)
def test_a_web_page_is_refused(channel: Channel, headers: str) -> None:
    assert b" 403 " in channel.post("/v1/resume", b"{}", headers=headers).splitlines()[0]


@pytest.mark.security(6)
def test_a_rebound_name_is_refused(channel: Channel) -> None:
    raw = (
        f"POST /v1/resume HTTP/1.0\r\nHost: evil.example\r\n"
        f"Authorization: Bearer {channel.address.token}\r\nContent-Length: 2\r\n\r\n{{}}"
    )
    assert b" 403 " in channel.send(raw.encode()).splitlines()[0]


def test_more_askers_than_threads_are_told_to_come_back(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = [channel.address.connect(5.0) for _ in range(server.MOST_THREADS)]
    with pytest.raises(CommandError, match=r"busy|broke off"):
        ControlClient(channel.address).status()
    for connection in silent:
        connection.close()
    _until_served(channel)


def test_who_sends_nothing_is_cut_off(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler.RequestHandler, "timeout", 0.05)
    with channel.address.connect(5.0) as silent:
        assert silent.recv(1) == b""


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.0 200 OK\r\n",
        b"HTTP/1.0 200 OK\r\n\r\nnot json",
        b"HTTP/1.0 200 OK\r\n\r\n[]",
        b'HTTP/1.0 200 OK\r\n\r\n{"result": 5}',
        b'HTTP/1.0 200 OK\r\n\r\n{"error": {}}',
        b"HTTP/1.0 200 OK\r\n" + b"a: b\r\n" * 200,
    ],
)
def test_a_strange_daemon_is_an_error_and_no_crash(
    answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = socket.socketpair()
    theirs.sendall(answer)
    theirs.shutdown(socket.SHUT_WR)

    class Strange:
        token = None

        def connect(self, seconds: float) -> socket.socket:
            return ours

    with pytest.raises(CommandError):
        ControlClient(Strange()).status()
    theirs.close()


def _until_served(channel: Channel) -> None:
    for _attempt in range(500):
        try:
            ControlClient(channel.address).status()
        except CommandError:
            continue
        return
    raise AssertionError("the channel stays busy")
