"""Resumable uploads: announced blocks, presigned and verified, then one commit."""

import hashlib
from collections.abc import Callable

import httpx
import pytest

from tests.server.http.client import Device, Json, expect, md5, problem, sha256
from tests.server.http.conftest import Server

BLOCK = 8 * 1024 * 1024
FIRST, SECOND = b"a" * BLOCK, b"b" * 1000
CONTENT = FIRST + SECOND


def digest_of(*blocks: bytes) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(block).digest() for block in blocks)).hexdigest()


def start(device: Device, **changed: object) -> httpx.Response:
    body: Json = {"fileName": "large.bin", "fileSize": len(CONTENT), "baseVersion": 0, **changed}
    return device.post("/sync/uploads", body)


def announce(device: Device, upload_id: object, *blocks: bytes, first: int = 0) -> list[Json]:
    announced = [
        {"index": index, "sha256": sha256(block), "size": len(block)}
        for index, block in enumerate(blocks, first)
    ]
    answer = device.http.post(f"/sync/uploads/{upload_id}/blocks", json={"blocks": announced})
    tickets = expect(answer, 200)["blocks"]
    assert isinstance(tickets, list)
    return tickets


def put(ticket: Json, block: bytes) -> httpx.Response:
    headers = ticket["headers"]
    assert isinstance(headers, dict)
    return httpx.put(str(ticket["url"]), content=block, headers=headers, trust_env=False)


def complete(device: Device, upload_id: object, **changed: object) -> httpx.Response:
    body: Json = {
        "digest": digest_of(FIRST, SECOND),
        "checksum": md5(CONTENT),
        "fileSize": len(CONTENT),
        **changed,
    }
    return device.post(f"/sync/uploads/{upload_id}/complete", body)


@pytest.fixture
def upload_id(laptop: Device) -> object:
    return expect(start(laptop), 201)["uploadId"]


def test_a_file_of_two_blocks(laptop: Device) -> None:
    upload = expect(start(laptop), 201)
    assert upload["blockSize"] == BLOCK
    for ticket, block in zip(
        announce(laptop, upload["uploadId"], FIRST, SECOND), (FIRST, SECOND), strict=True
    ):
        assert ticket["state"] == "wanted"
        assert put(ticket, block).status_code == 200

    file = expect(complete(laptop, upload["uploadId"]), 201)

    assert (file["digest"], file["fileSize"]) == (digest_of(FIRST, SECOND), len(CONTENT))
    assert laptop.content(file) == CONTENT
    blocks = laptop.get(f"/sync/files/{file['id']}/blocks")
    assert blocks["blocks"] == [sha256(FIRST), sha256(SECOND)]


def test_an_upload_goes_on_where_it_was_cut_off(laptop: Device, upload_id: object) -> None:
    (ticket,) = announce(laptop, upload_id, SECOND, first=1)
    put(ticket, SECOND)

    state = laptop.get(f"/sync/uploads/{upload_id}")
    assert state["received"] == [{"index": 1, "sha256": sha256(SECOND)}]
    refused = problem(complete(laptop, upload_id), 409, "incomplete")
    assert refused["missing"] == [0]

    tickets = announce(laptop, upload_id, FIRST, SECOND)
    assert [ticket["state"] for ticket in tickets] == ["wanted", "present"]
    put(tickets[0], FIRST)
    expect(complete(laptop, upload_id), 201)


def test_unchanged_blocks_are_not_sent_again(laptop: Device, upload_id: object) -> None:
    for ticket, block in zip(
        announce(laptop, upload_id, FIRST, SECOND), (FIRST, SECOND), strict=True
    ):
        put(ticket, block)
    expect(complete(laptop, upload_id), 201)
    changed = b"c" * 1000
    again = expect(start(laptop, baseVersion=1), 201)["uploadId"]

    tickets = announce(laptop, again, FIRST, changed)

    assert [ticket["state"] for ticket in tickets] == ["present", "wanted"]
    put(tickets[1], changed)
    file = expect(
        complete(laptop, again, digest=digest_of(FIRST, changed), checksum=md5(FIRST + changed)),
        200,
    )
    assert laptop.content(file) == FIRST + changed


@pytest.mark.security(10)
@pytest.mark.parametrize("sent", [b"c" * 1000, b"b" * 999, b""])
def test_storage_verifies_the_signed_hash_and_size(
    laptop: Device, upload_id: object, sent: bytes
) -> None:
    (ticket,) = announce(laptop, upload_id, SECOND, first=1)

    assert put(ticket, sent).status_code == 422

    assert laptop.get(f"/sync/uploads/{upload_id}")["received"] == []


def test_more_than_the_signed_size_is_not_read(laptop: Device, upload_id: object) -> None:
    (ticket,) = announce(laptop, upload_id, SECOND, first=1)
    problem(put(ticket, SECOND + b"!"), 413, "tooLarge")


@pytest.mark.security(10)
def test_a_block_url_cannot_be_changed_or_kept(
    server: Server, laptop: Device, upload_id: object
) -> None:
    (ticket,) = announce(laptop, upload_id, SECOND, first=1)
    url = str(ticket["url"])
    for changed in (
        url.replace("/1?", "/0?"),
        url.replace(sha256(SECOND), sha256(FIRST)),
        url.replace("size=1000", "size=1001"),
    ):
        problem(put({**ticket, "url": changed}, SECOND), 403, "urlInvalid")
    problem(httpx.get(url, trust_env=False), 405, "methodNotAllowed")
    with server.clock.ahead(600):
        problem(put(ticket, SECOND), 403, "urlExpired")


@pytest.mark.security(10)
def test_the_digest_must_be_that_of_the_blocks(laptop: Device, upload_id: object) -> None:
    for ticket, block in zip(
        announce(laptop, upload_id, FIRST, SECOND), (FIRST, SECOND), strict=True
    ):
        put(ticket, block)

    problem(complete(laptop, upload_id, digest=sha256(CONTENT)), 422, "digestMismatch")

    assert laptop.feed()[0] == []


def test_completing_is_compare_and_swap(laptop: Device, phone: Device, upload_id: object) -> None:
    for ticket, block in zip(
        announce(laptop, upload_id, FIRST, SECOND), (FIRST, SECOND), strict=True
    ):
        put(ticket, block)
    other = phone.put("large.bin", b"other")

    refused = problem(complete(laptop, upload_id), 409, "nameTaken")

    assert refused["current"] == other


def test_bytes_are_reserved_when_an_upload_starts(with_quota: Callable[[int], Device]) -> None:
    device = with_quota(len(CONTENT) + 10)
    upload = expect(start(device), 201)

    problem(start(device, fileName="second.bin"), 507, "quotaExceeded")
    problem(device.upload("small", b"x" * 11), 507, "quotaExceeded")

    assert device.http.delete(f"/sync/uploads/{upload['uploadId']}").status_code == 204
    expect(start(device, fileName="second.bin"), 201)


def test_a_given_up_upload_is_gone(laptop: Device, upload_id: object) -> None:
    (ticket,) = announce(laptop, upload_id, SECOND, first=1)
    assert laptop.http.delete(f"/sync/uploads/{upload_id}").status_code == 204

    problem(laptop.http.get(f"/sync/uploads/{upload_id}"), 404, "notFound")
    problem(put(ticket, SECOND), 404, "notFound")


@pytest.mark.parametrize(
    "block",
    [
        {"index": 2, "sha256": "0" * 64, "size": 1000},
        {"index": 0, "sha256": "0" * 64, "size": 1000},
        {"index": 1, "sha256": "0" * 63, "size": 1000},
        {"index": 1, "sha256": "zz" * 32, "size": 1000},
        {"index": -1, "sha256": "0" * 64, "size": 1000},
        {"index": 1},
        7,
    ],
)
def test_blocks_that_the_file_cannot_have_are_refused(
    laptop: Device, upload_id: object, block: object
) -> None:
    answer = laptop.http.post(f"/sync/uploads/{upload_id}/blocks", json={"blocks": [block]})
    assert 400 <= answer.status_code < 500
    assert laptop.get(f"/sync/uploads/{upload_id}")["received"] == []
