"""Presigned URLs: what they give, for how long, and what they refuse."""

from collections.abc import Callable

import httpx
import pytest

from tests.server.http.client import Device, Json, problem, sha256
from tests.server.http.conftest import Server

CONTENT = bytes(range(256)) * 40
SIZE = len(CONTENT)


@pytest.fixture
def file(laptop: Device) -> Json:
    return laptop.put('그림 "1".png', CONTENT)


@pytest.fixture
def url(laptop: Device, file: Json) -> str:
    return str(laptop.get(f"/sync/download/{file['id']}")["url"])


def fetch(url: str, **headers: str) -> httpx.Response:
    return httpx.get(url, headers=headers, trust_env=False)


def test_a_ticket_tells_what_the_bytes_must_be(laptop: Device, file: Json) -> None:
    ticket = laptop.get(f"/sync/download/{file['id']}")

    told = (ticket["digest"], ticket["checksum"], ticket["fileSize"], ticket["version"])
    assert told == (sha256(CONTENT), file["checksum"], SIZE, 1)
    host = str(ticket["url"]).split("/")[2]
    status = laptop.get("/sync/status")
    assert isinstance(status["capabilities"], dict)
    assert status["capabilities"]["storageHosts"] == [host]


@pytest.mark.security(13)
def test_no_browser_shows_the_content_as_a_page(url: str) -> None:
    answer = fetch(url)

    assert answer.content == CONTENT
    headers = answer.headers
    assert headers["content-disposition"] == (
        "attachment; filename=\"__ _1_.png\"; filename*=UTF-8''%EA%B7%B8%EB%A6%BC%20%221%22.png"
    )
    assert headers["content-type"] == "application/octet-stream"
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]
    assert headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=100-", 100, SIZE),
        ("bytes=-5", SIZE - 5, SIZE),
        (f"bytes=0-{SIZE * 2}", 0, SIZE),
        (f"bytes=-{SIZE * 2}", 0, SIZE),
    ],
)
def test_a_range_gives_that_part(url: str, asked: str, start: int, end: int) -> None:
    answer = fetch(url, Range=asked)

    assert answer.status_code == 206
    assert answer.content == CONTENT[start:end]
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{SIZE}"


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 5}", "bytes=-0"])
def test_a_range_behind_the_end_is_416(url: str, asked: str) -> None:
    answer = fetch(url, Range=asked)

    problem(answer, 416, "rangeNotSatisfiable")
    assert answer.headers["content-range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=0-1,5-6", "bytes=-", "bytes=x", "lines=1-2"])
def test_what_is_no_single_range_is_ignored(url: str, asked: str) -> None:
    assert (fetch(url, Range=asked).status_code, fetch(url).content) == (200, CONTENT)


def test_a_range_of_another_version_gives_the_whole(url: str) -> None:
    etag = fetch(url).headers["etag"]
    assert fetch(url, **{"Range": "bytes=0-9", "If-Range": etag}).status_code == 206
    assert fetch(url, **{"Range": "bytes=0-9", "If-Range": '"other"'}).status_code == 200


def test_head_gives_the_headers_alone(url: str) -> None:
    answer = httpx.head(url, trust_env=False)
    assert (answer.status_code, answer.headers["content-length"]) == (200, str(SIZE))


@pytest.mark.security(10)
@pytest.mark.fault("url expired")
def test_a_url_expires_after_ten_minutes(server: Server, url: str) -> None:
    with server.clock.ahead(9 * 60):
        assert fetch(url).status_code == 200
    with server.clock.ahead(10 * 60):
        problem(fetch(url), 403, "urlExpired")


@pytest.mark.security(10)
@pytest.mark.parametrize(
    "change",
    [
        lambda url: url.split("?")[0],
        lambda url: url[:-1] + ("0" if url[-1] != "0" else "1"),
        lambda url: url.replace("expires=1", "expires=9"),
        lambda url: url.replace("space=", "space=0"),
        lambda url: url.replace("name=", "name=evil"),
        lambda url: url + "&space=other",
        lambda url: url + "&signature=0",
        lambda url: url.replace("/blobs/", "/blobs/0"),
        lambda url: url.replace("signature=", "signature=%F0%9F%98%80"),
    ],
)
def test_a_changed_url_is_refused(url: str, change: Callable[[str], str]) -> None:
    changed = change(url)
    assert changed != url
    problem(fetch(changed), 403, "urlInvalid")


def test_an_older_version_can_be_downloaded(laptop: Device, file: Json) -> None:
    laptop.upload(None, b"newer", base_version=1, fileId=str(file["id"]))

    old = laptop.get(f"/sync/download/{file['id']}", version=1)

    assert fetch(str(old["url"])).content == CONTENT
    assert laptop.content(file) == b"newer"


def test_folders_and_unknown_versions_have_no_content(laptop: Device, file: Json) -> None:
    folder = laptop.folder("folder")
    for path in (f"/sync/download/{folder['id']}", f"/sync/download/{file['id']}?version=9"):
        problem(laptop.http.get(path), 404, "notFound")


def test_the_blocks_of_a_file_are_told(laptop: Device, file: Json) -> None:
    blocks = laptop.get(f"/sync/files/{file['id']}/blocks")
    assert blocks == {
        "blockSize": 8 * 1024 * 1024,
        "blocks": [sha256(CONTENT)],
        "fileSize": SIZE,
        "digest": sha256(CONTENT),
    }
