"""A REST remote to a server made by hand."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dreamsync.remotes.protocol import Fetch
from dreamsync.remotes.rest import Connection, RestRemote, Tokens
from tests.remotes.accounts import content_of
from tests.remotes.faulty_server import (
    Answering,
    FaultyServer,
    Received,
    answer,
    faulty_server,
    json_answer,
)
from tests.remotes.token_stores import MemoryTokenStore

LOGIN_PAGE = answer(
    200, b"<html>Welcome to the hotel</html>", headers={"Content-Type": "text/html"}
)
STATUS = {
    "cursor": "0.c",
    "serverTime": "2026-01-01T00:00:00Z",
    "protocol": 1,
    "space": {"id": "s", "name": "s"},
    "quota": {"used": 0, "limit": None},
    "capabilities": {"digest": True, "parents": True, "events": True, "storageHosts": []},
}
CONTENT = b"0123456789" * 100
NODE = Fetch("node", 1, content_of(CONTENT))
TOKENS = Tokens("good", "refresh-1", expires_at=2e12)


def after_status(answering: Answering) -> Answering:
    """A server whose status is fine."""
    return lambda request: (
        json_answer(STATUS) if request.call == "GET /sync/status" else answering(request)
    )


@contextmanager
def remote_to(
    answering: Answering, *, tokens: Tokens = TOKENS
) -> Iterator[tuple[RestRemote, FaultyServer]]:
    with faulty_server(answering) as server:
        connection = Connection(server.url, read_timeout_s=5.0, events_timeout_s=0.5)
        remote = RestRemote(connection, MemoryTokenStore(tokens), device_id="device")
        try:
            yield remote, server
        finally:
            remote.close()


def storage(serve: Callable[[Received], bytes], **ticket: object) -> Callable[[Received], bytes]:
    """A server that presigns URLs of its own host, and `serve` behind them."""

    def answering(request: Received) -> bytes:
        if request.call != "GET /sync/download/node":
            return serve(request)
        url = f"http://{request.headers['host']}/storage/secret-canary"
        return json_answer({"url": url, "fileSize": len(CONTENT), "version": 1, **ticket})

    return after_status(answering)
