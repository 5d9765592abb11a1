"""The server answers and never asks: no address that a client names is ever connected to."""

import ast
import socket
import threading
from pathlib import Path

import pytest

import dreamsync.server
from tests.server.http.client import Device, Json, new_key
from tests.server.http.conftest import Server

pytestmark = pytest.mark.security(14)

CLIENTS = {
    "aiohttp", "ftplib", "http.client", "httpx", "imaplib", "nntplib", "poplib", "requests",
    "smtplib", "telnetlib", "urllib.request", "urllib3", "websockets", "xmlrpc.client",
}  # fmt: skip
CONNECTING = {"create_connection", "open_connection", "connect_ex", "sock_connect", "urlopen"}


class Listener:
    """Counts who comes."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.visits = 0
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.visits += 1
            connection.close()

    def close(self) -> None:
        """Visits once itself, and waits to be let in: whoever came before was counted then."""
        with socket.create_connection(self._socket.getsockname()) as visit:
            visit.recv(1)
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


@pytest.fixture
def listener() -> Listener:
    return Listener()


def test_urls_that_a_client_names_are_never_fetched(
    server: Server, laptop: Device, listener: Listener
) -> None:
    url, host = listener.url, listener.url.removeprefix("http://")
    told: dict[str, str] = dict.fromkeys(
        (
            "Referer", "Origin", "X-Forwarded-Host", "X-Forwarded-For", "Forwarded", "X-Callback",
            "X-Original-URL", "Link", "From", "Destination",
        ),
        url,
    )  # fmt: skip
    laptop.http.headers.update(told)
    file = laptop.put(url.replace("/", ":"), url.encode())
    body: Json = dict.fromkeys(
        ("url", "callback", "webhook", "source", "href", "fileId", "name"), url
    )
    laptop.upload(None, b"x", name=url, parentId=url, checksum=url, digest=url, deviceId=url)
    for path in ("/sync/folders", "/sync/uploads", "/sync/ack", "/sync/batch/delete"):
        laptop.post(path, {**body, "fileSize": 1, "cursor": url, "items": [body]})
    laptop.patch(file["id"], {**body, "baseVersion": 1})
    laptop.http.get("/sync/files", params={"since": url})
    laptop.http.get(f"/sync/download/{file['id']}", headers={"Host": host}).raise_for_status()
    laptop.http.request("GET", f"/{url}")
    login: Json = {"email": f"a@{host}", "password": url, "deviceId": "x", "deviceName": url}
    server.client().post("/auth/login", json=login)
    server.client().get(
        "/sync/status", headers={"Authorization": f"Bearer {url}", "Idempotency-Key": new_key()}
    )

    listener.close()

    assert listener.visits == 1


def test_the_server_has_nothing_to_ask_with() -> None:
    asking = []
    for path in Path(dreamsync.server.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()
            if isinstance(node, ast.ImportFrom):
                module = node.module or ""
                named = {module, *(f"{module}.{alias.name}" for alias in node.names)}
            if isinstance(node, ast.Attribute):
                named = {node.attr} & CONNECTING
            if named & (CLIENTS | CONNECTING):
                asking.append((path.name, sorted(named)))
    assert asking == []
