"""Presigned URLs: given to who may, for what was asked, and never a way to change what is there."""

import hashlib
import re

import httpx
import pytest

from dreamsync.server.accounts.access import AccessTokens
from dreamsync.server.http.signed_urls import LIFETIME_MS, UrlSigner
from dreamsync.server.service.clock import SystemClock
from tests.server.http.client import Device, Json, expect, problem, sha256
from tests.server.http.conftest import Server

pytestmark = pytest.mark.security(10)

BLOCK = 8 * 1024 * 1024
FIRST, REST = b"a" * BLOCK, b"b"


def upload_large(device: Device) -> tuple[Json, list[str]]:
    """The file, and the URLs that its two blocks were sent to."""
    upload_id = expect(
        device.post("/sync/uploads", {"fileName": "large", "fileSize": BLOCK + 1}), 201
    )["uploadId"]
    announced = [
        {"index": index, "sha256": sha256(block), "size": len(block)}
        for index, block in enumerate((FIRST, REST))
    ]
    answer = device.http.post(f"/sync/uploads/{upload_id}/blocks", json={"blocks": announced})
    tickets = expect(answer, 200)["blocks"]
    assert isinstance(tickets, list)
    urls = [str(ticket["url"]) for ticket in tickets]
    for url, block in zip(urls, (FIRST, REST), strict=True):
        assert send(url, block).status_code == 200
    hashes = b"".join(hashlib.sha256(block).digest() for block in (FIRST, REST))
    body: Json = {
        "digest": sha256(hashes),
        "checksum": hashlib.md5(FIRST + REST).hexdigest(),
        "fileSize": BLOCK + 1,
    }
    return expect(device.post(f"/sync/uploads/{upload_id}/complete", body), 201), urls


def send(url: str, content: bytes) -> httpx.Response:
    return httpx.put(url, content=content, trust_env=False)


def test_they_last_ten_minutes_at_most() -> None:
    assert LIFETIME_MS <= 10 * 60 * 1000


@pytest.mark.parametrize("key", [b"", b"short", b"x" * 31])
def test_without_a_whole_key_nothing_is_signed(key: bytes) -> None:
    """Neither URLs nor tokens: better no server than one whose signatures anybody can make."""
    with pytest.raises(ValueError, match="key"):
        UrlSigner(key, SystemClock())
    with pytest.raises(ValueError, match="key"):
        AccessTokens(key)


def test_nobody_without_a_token_is_given_one(server: Server, laptop: Device) -> None:
    file = laptop.put("note.txt")
    client = server.client()
    problem(client.get(f"/sync/download/{file['id']}"), 401, "tokenInvalid")
    problem(client.post("/sync/uploads/x/blocks", json={"blocks": []}), 401, "tokenInvalid")


def test_a_url_does_one_thing_only(laptop: Device) -> None:
    file = laptop.put("note.txt", b"content")
    url = str(laptop.get(f"/sync/download/{file['id']}")["url"])
    for method in ("PUT", "POST", "DELETE", "PATCH"):
        answer = httpx.request(method, url, content=b"changed", trust_env=False)
        assert answer.status_code in {403, 404, 405}
    assert httpx.get(url, trust_env=False).content == b"content"


def test_a_block_that_is_there_cannot_be_written_over(laptop: Device) -> None:
    """The URL is still good: it takes the bytes that it was signed for, and no others."""
    file, urls = upload_large(laptop)

    for url in urls:
        assert send(url, b"c" * BLOCK).status_code in {404, 413, 422}
        assert send(url, b"c").status_code in {404, 422}
        assert httpx.get(url, trust_env=False).status_code in {403, 405}

    assert laptop.content(file) == FIRST + REST


def test_where_content_lies_cannot_be_guessed(laptop: Device) -> None:
    """Its place is random: neither the file's id nor a hash of the content leads there."""
    file = laptop.put("note.txt", b"content")
    again = expect(laptop.upload("note.txt", b"other", base_version=1), 200)
    back = expect(laptop.upload("note.txt", b"content", base_version=2), 200)
    places = set()
    for version in (file, again, back):
        url = str(
            laptop.get(f"/sync/download/{file['id']}", version=int(str(version["version"])))["url"]
        )
        places.add(url.partition("/blobs/")[2].partition("?")[0])
    assert len(places) == 3
    for place in places:
        assert re.fullmatch(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", place), place
        assert place not in {file["id"], sha256(b"content")}
