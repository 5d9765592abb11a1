"""A revoked device has no way in any more: by a token, a stream or a URL that it holds."""

import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import pytest

from dreamsync.server.accounts.device_states import FRESH_FOR_MS
from dreamsync.server.http import blob_routes
from dreamsync.server.http.backend import HttpSettings
from tests.server.http.client import Device, expect, problem, sha256
from tests.server.http.conftest import Server

pytestmark = pytest.mark.security(5)

BLOCK = 8 * 1024 * 1024
End = Callable[[Device, Device], object]


def revoked(laptop: Device, phone: Device) -> None:
    assert laptop.http.delete(f"/auth/devices/{phone.device_id}").status_code == 204


def signed_out(_laptop: Device, phone: Device) -> None:
    phone.http.post("/auth/logout", json={"refreshToken": phone.refresh_token})


def test_what_another_process_revokes_ends_within_a_minute_too() -> None:
    """The longest time that a revoked device may still be believed, at the server's settings."""
    longest_s = max(HttpSettings().heartbeat_s, blob_routes.RECHECK_S) + FRESH_FOR_MS / 1000

    assert longest_s < 60


@pytest.mark.parametrize("end", [revoked, signed_out])
def test_presigned_urls_end_with_their_device(laptop: Device, phone: Device, end: End) -> None:
    file = phone.put("note.txt", b"content")
    theirs, mine = (
        str(device.get(f"/sync/download/{file['id']}")["url"]) for device in (phone, laptop)
    )
    block = block_url(phone)
    assert _get(theirs).status_code == 200

    end(laptop, phone)

    problem(_get(theirs), 403, "urlExpired")
    assert httpx.head(theirs, trust_env=False).status_code == 403
    problem(httpx.put(block, content=bytes(BLOCK), trust_env=False), 403, "urlExpired")
    assert _get(mine).content == b"content"


def block_url(device: Device) -> str:
    upload = expect(device.post("/sync/uploads", {"fileName": "large", "fileSize": BLOCK * 2}), 201)
    announced = {"blocks": [{"index": 0, "sha256": sha256(bytes(BLOCK)), "size": BLOCK}]}
    answer = device.http.post(f"/sync/uploads/{upload['uploadId']}/blocks", json=announced)
    tickets = expect(answer, 200)["blocks"]
    assert isinstance(tickets, list)
    return str(tickets[0]["url"])


def test_a_url_cannot_be_moved_to_another_device(laptop: Device, phone: Device) -> None:
    file = laptop.put("note.txt", b"content")
    url = str(phone.get(f"/sync/download/{file['id']}")["url"])
    revoked(laptop, phone)

    problem(_get(url.replace("device=phone", "device=laptop")), 403, "urlInvalid")
    problem(_get(url.replace("generation=", "generation=9")), 403, "urlInvalid")


def test_a_download_that_is_under_way_breaks_off(
    laptop: Device, phone: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blob_routes, "RECHECK_S", 0.0)
    file = laptop.put("large.bin", bytes(BLOCK))
    url = urlsplit(str(phone.get(f"/sync/download/{file['id']}")["url"]))
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        slow.settimeout(20)
        slow.connect((url.hostname, url.port))
        slow.sendall(f"GET {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\n\r\n".encode())
        received = len(slow.recv(65536))

        revoked(laptop, phone)

        while piece := slow.recv(65536):
            received += len(piece)
    assert received < BLOCK


def test_nothing_that_was_begun_can_be_finished(laptop: Device, phone: Device) -> None:
    upload = expect(phone.post("/sync/uploads", {"fileName": "large", "fileSize": BLOCK * 2}), 201)
    revoked(laptop, phone)

    for answer in (
        phone.upload("late.txt"),
        phone.post(f"/sync/uploads/{upload['uploadId']}/complete", {"digest": "0" * 64}),
        phone.http.get("/sync/events"),
        phone.http.post("/auth/join-codes"),
        phone.http.get("/auth/devices"),
    ):
        problem(answer, 401, "deviceRevoked")
    assert laptop.feed()[0] == []


def test_a_join_code_made_before_is_over_too(server: Server, laptop: Device, phone: Device) -> None:
    """Else a stolen device could make itself a way back in."""
    code = expect(phone.http.post("/auth/join-codes"), 201)
    revoked(laptop, phone)

    body = {"token": code["token"], "deviceId": "another"}
    problem(server.client().post("/auth/join", json=body), 401, "invalidCredentials")


def _get(url: str) -> httpx.Response:
    return httpx.get(url, trust_env=False)
