"""No flow goes around TLS: with a certificate that is not the trusted one, none sends a byte."""

import socketserver
import threading
from collections.abc import Callable

import pytest

from dreamsync.remotes.errors import InvalidAddress, Unreachable, Untrusted
from dreamsync.remotes.protocol import Block, BlockTicket, Remote
from dreamsync.remotes.rest import Connection, RestRemote, session
from dreamsync.server.certificate import ServerCertificate, ensure_certificate
from tests.remotes.accounts import at, upload
from tests.remotes.faulty_remote import NODE, TOKENS
from tests.remotes.faulty_server import answer, faulty_server
from tests.remotes.test_rest_tls import context_of
from tests.remotes.token_stores import MemoryTokenStore

pytestmark = pytest.mark.security(7)

FLOWS: dict[str, Callable[[Remote, str], object]] = {
    "status": lambda remote, _: remote.status(),
    "feed": lambda remote, _: remote.changes(None),
    "push": lambda remote, _: list(remote.hints()),
    "upload": lambda remote, _: upload(remote, at("a"), b"content"),
    "download": lambda remote, _: list(remote.download(NODE)),
    "batch download": lambda remote, _: remote.download_batch([NODE]),
    "versions": lambda remote, _: remote.versions("node"),
    "trash": lambda remote, _: list(remote.trash()),
    "blocks": lambda remote, _: remote.blocks(NODE),
    "block": lambda remote, url: remote.send_block(
        BlockTicket(0, f"{url}/blob", ()), Block(0, "0" * 64, 1), b"x"
    ),
    "ack": lambda remote, _: remote.ack("0.c", missing=[]),
}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ServerCertificate:
    return ensure_certificate(str(tmp_path_factory.mktemp("tls")))


@pytest.mark.parametrize("fingerprint", [None, "00" * 32], ids=["by authorities", "pinned"])
@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS.keys())
def test_no_flow_talks_to_a_stranger(
    certificate: ServerCertificate, flow: Callable[[Remote, str], object], fingerprint: str | None
) -> None:
    with faulty_server(lambda _: answer(200), tls=context_of(certificate)) as server:
        connection = Connection(server.url, fingerprint=fingerprint)
        remote = RestRemote(connection, MemoryTokenStore(TOKENS), device_id="device")
        with pytest.raises(Untrusted):
            flow(remote, server.url)
        remote.close()

        assert server.connections > 0
        assert server.received == []


@pytest.mark.parametrize("fingerprint", [None, "00" * 32], ids=["by authorities", "pinned"])
def test_no_password_goes_to_a_stranger(
    certificate: ServerCertificate, fingerprint: str | None
) -> None:
    with faulty_server(lambda _: answer(200), tls=context_of(certificate)) as server:
        connection = Connection(server.url, fingerprint=fingerprint)
        with pytest.raises(Untrusted):
            session.login(
                connection, email="a@b", password="secret", device_id="d", device_name="D"
            )
        with pytest.raises(Untrusted):
            session.join(connection, token="secret", device_id="d", device_name="D")

        assert server.received == []


def test_nothing_leaves_this_computer_without_tls() -> None:
    with pytest.raises(InvalidAddress):
        Connection("http://sync.example")


class _PlainHttp(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.recv(4096)
        self.request.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_a_server_without_tls_is_told_in_plain_words() -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), _PlainHttp) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        connection = Connection(f"https://127.0.0.1:{server.server_address[1]}")
        remote = RestRemote(connection, MemoryTokenStore(TOKENS), device_id="device")
        with pytest.raises(Unreachable, match="does not speak https"):
            remote.status()
        remote.close()
