"""What one account may take of the server: quota even under a race, a cap on everything else."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from dreamsync.server.http.application import create_routes
from tests.server.http.client import Device, Json, batch_item, expect, new_key, sha256
from tests.server.http.conftest import Server

pytestmark = pytest.mark.security(12)

MIB = 1024 * 1024
RACERS = 8
WithQuota = Callable[[int], Device]
Send = Callable[[Device, int], httpx.Response]


def single(device: Device, number: int) -> httpx.Response:
    return device.upload(f"{number}.bin", bytes(MIB))


def batch(device: Device, number: int) -> httpx.Response:
    item, content = batch_item(f"{number}.bin", bytes(MIB))
    frame = json.dumps({"items": [item]}).encode() + b"\n" + content
    answer = device.http.post("/sync/batch/upload", content=frame)
    (result,) = answer.json()["results"]
    return httpx.Response(result["status"])


def large(device: Device, number: int) -> httpx.Response:
    return device.post("/sync/uploads", {"fileName": f"{number}.bin", "fileSize": MIB})


@pytest.mark.parametrize("send", [single, batch, large])
def test_racing_uploads_never_take_more_than_the_quota(with_quota: WithQuota, send: Send) -> None:
    device = with_quota(3 * MIB + 1)
    together = threading.Barrier(RACERS)

    def race(number: int) -> int:
        together.wait(30)
        return send(device, number).status_code

    with ThreadPoolExecutor(RACERS) as racers:
        statuses = sorted(racers.map(race, range(RACERS)))

    assert statuses == [201] * 3 + [507] * (RACERS - 3)
    quota = device.get("/sync/status")["quota"]
    assert quota == {"used": 3 * MIB, "limit": 3 * MIB + 1}


def _json(path: str, body: Json) -> Callable[[Device], httpx.Response]:
    return lambda device: device.post(path, body)


def _upload_of(file_size: int) -> Json:
    return {"fileName": "x", "fileSize": file_size}


def _announced(device: Device, count: int) -> httpx.Response:
    upload = expect(device.post("/sync/uploads", _upload_of(9 * MIB)), 201)
    block = {"index": 0, "sha256": sha256(b""), "size": 8 * MIB}
    body = {"blocks": [block] * count}
    return device.http.post(f"/sync/uploads/{upload['uploadId']}/blocks", json=body)


def _batch_of(size: int) -> Callable[[Device], httpx.Response]:
    item, content = batch_item("x", bytes(size))
    frame = json.dumps({"items": [item]}).encode() + b"\n" + content
    return lambda device: device.http.post("/sync/batch/upload", content=frame)


DELETE_ITEM = {"key": "k" * 8, "fileId": "x", "baseVersion": 1}
LIMITS: dict[str, Callable[[Device], httpx.Response]] = {
    "a page": lambda device: device.http.get("/sync/files?limit=5001"),
    "a page of the trash": lambda device: device.http.get("/sync/trash?limit=5001"),
    "a single upload": lambda device: device.upload("x", bytes(8 * MIB + 1)),
    "a large file": _json("/sync/uploads", _upload_of((1 << 50) + 1)),
    "a depth": lambda device: device.upload("/".join(["d"] * 101)),
    "a name": lambda device: device.upload("x" * 256),
    "a sign-in": _json("/auth/join", {"token": "x" * 70_000, "deviceId": "x"}),
    "items of a batch of deletions": _json("/sync/batch/delete", {"items": [DELETE_ITEM] * 501}),
    "items of a batch of downloads": _json(
        "/sync/batch/download", {"items": [{"fileId": "x", "version": 1}] * 501}
    ),
    "bytes of a batch": _batch_of(4 * MIB + 1),
    "announced blocks": lambda device: _announced(device, 10_001),
    "missing files": lambda device: device.post(
        "/sync/ack", {"cursor": device.cursor(), "missing": ["x"] * 10_001}
    ),
    "JSON": lambda device: device.http.post("/sync/ack", content=b'"' + b"x" * 5 * MIB),
    "depth of JSON": lambda device: device.http.post(
        "/sync/folders", content=b"[" * 100_000, headers={"Idempotency-Key": new_key()}
    ),
    "an idempotency key": lambda device: device.upload("x", key="k" * 65),
}


@pytest.mark.parametrize("ask", LIMITS.values(), ids=LIMITS.keys())
def test_everything_has_a_limit(laptop: Device, ask: Callable[[Device], httpx.Response]) -> None:
    assert ask(laptop).status_code in {400, 413}
    assert laptop.feed()[0] == []


def test_an_abandoned_upload_gives_its_space_back(server: Server, with_quota: WithQuota) -> None:
    device = with_quota(9 * MIB)
    expect(device.post("/sync/uploads", _upload_of(9 * MIB)), 201)
    assert device.upload("small", b"x").status_code == 507

    with server.clock.ahead(7 * 86400 + 60):
        server.opened.backend.service.care.purge()

    expect(device.upload("small", b"x"), 201)


def test_no_device_can_end_what_the_trash_keeps(server: Server, laptop: Device) -> None:
    """Whatever is asked about a deleted file, by whoever has a device's token: it can be had back
    until its retention is over."""
    file = laptop.put("kept.txt", b"kept")
    expect(laptop.delete(file), 200)
    for route in create_routes(server.opened.backend):
        if route.path.startswith("/auth/"):
            continue
        for method in route.methods or ():
            path = route.path.replace("{id}", str(file["id"])).replace("{index}", "0")
            for query in ("", "?baseVersion=2", "?baseVersion=2&confirmed=true&purge=true"):
                items = [{"key": new_key(), "fileId": file["id"], "baseVersion": 2}]
                headers = {"Idempotency-Key": new_key()}
                if (method, path.endswith("/restore")) != ("POST", True) and "events" not in path:
                    laptop.http.request(
                        method, path + query, json={"items": items}, headers=headers
                    )

    body: Json = {"version": 1, "baseVersion": 2}
    expect(laptop.post(f"/sync/files/{file['id']}/restore", body), 200)
    assert laptop.content(file) == b"kept"
