"""Every endpoint that takes an id, with somebody else's: the same 404 as for no id at all.

The bodies must be equal to the byte, so that nobody learns what exists.
"""

from collections.abc import Callable
from dataclasses import dataclass

import httpx
import pytest

from tests.server.http.client import Device, Json, expect, new_key, problem

Ask = Callable[[httpx.Client, str], httpx.Response]


@dataclass(frozen=True, slots=True)
class Theirs:
    """What belongs to the other account."""

    file: str
    folder: str
    upload: str
    device: str
    space: str


def _key() -> dict[str, str]:
    return {"Idempotency-Key": new_key()}


def _post(path: str, body: Json) -> Ask:
    return lambda http, given: http.post(path.format(given), json=body, headers=_key())


def _upload(**fields: str) -> Ask:
    return lambda http, given: http.post(
        "/sync/upload",
        data={name: value.format(given) for name, value in fields.items()},
        files={"file": b"x"},
        headers=_key(),
    )


FILE_ENDPOINTS: dict[str, Ask] = {
    "file": lambda http, given: http.get(f"/sync/files/{given}"),
    "download": lambda http, given: http.get(f"/sync/download/{given}"),
    "old download": lambda http, given: http.get(f"/sync/download/{given}?version=1"),
    "blocks": lambda http, given: http.get(f"/sync/files/{given}/blocks"),
    "versions": lambda http, given: http.get(f"/sync/files/{given}/versions"),
    "move": lambda http, given: http.patch(
        f"/sync/files/{given}", json={"fileName": "mine", "baseVersion": 1}, headers=_key()
    ),
    "delete": lambda http, given: http.delete(f"/sync/files/{given}?baseVersion=1", headers=_key()),
    "restore": _post("/sync/files/{}/restore", {"version": 1, "baseVersion": 1}),
    "upload onto": _upload(fileId="{}", baseVersion="1"),
}

UPLOAD_ENDPOINTS: dict[str, Ask] = {
    "state": lambda http, given: http.get(f"/sync/uploads/{given}"),
    "abandon": lambda http, given: http.delete(f"/sync/uploads/{given}"),
    "announce": _post("/sync/uploads/{}/blocks", {"blocks": []}),
    "complete": _post(
        "/sync/uploads/{}/complete", {"digest": "0" * 64, "checksum": "0" * 32, "fileSize": 1}
    ),
}

SPACE_ENDPOINTS = [
    ("GET", "/sync/status"),
    ("GET", "/sync/files"),
    ("GET", "/sync/trash"),
    ("GET", "/sync/events"),
    ("POST", "/sync/folders"),
    ("POST", "/sync/batch/delete"),
    ("POST", "/sync/batch/download"),
    ("POST", "/sync/uploads"),
    ("POST", "/sync/ack"),
]


@pytest.fixture
def theirs(stranger: Device) -> Theirs:
    file = stranger.put("folder/secret.txt", b"secret")
    upload = stranger.post("/sync/uploads", {"fileName": "large", "fileSize": 9_000_000})
    space = stranger.get("/sync/status")["space"]
    assert isinstance(space, dict)
    return Theirs(
        file=str(file["id"]),
        folder=str(file["parentId"]),
        upload=str(expect(upload, 201)["uploadId"]),
        device=stranger.device_id,
        space=str(space["id"]),
    )


def assert_alike(laptop: Device, ask: Ask, foreign: str, unknown: str) -> None:
    told = ask(laptop.http, foreign)
    problem(told, 404, "notFound")
    assert told.content == ask(laptop.http, unknown).content


UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize("ask", FILE_ENDPOINTS.values(), ids=FILE_ENDPOINTS.keys())
def test_anothers_file_is_not_there(
    laptop: Device, stranger: Device, theirs: Theirs, ask: Ask
) -> None:
    before = stranger.feed()
    for unknown in (UNKNOWN, "no-uuid", "%00", "'"):
        assert_alike(laptop, ask, theirs.file, unknown)
    assert stranger.feed() == before


@pytest.mark.parametrize("ask", UPLOAD_ENDPOINTS.values(), ids=UPLOAD_ENDPOINTS.keys())
def test_anothers_upload_is_not_there(
    laptop: Device, stranger: Device, theirs: Theirs, ask: Ask
) -> None:
    assert_alike(laptop, ask, theirs.upload, UNKNOWN)
    expect(stranger.http.get(f"/sync/uploads/{theirs.upload}"), 200)


def test_anothers_device_is_not_there(laptop: Device, stranger: Device, theirs: Theirs) -> None:
    assert_alike(
        laptop, lambda http, given: http.delete(f"/auth/devices/{given}"), theirs.device, UNKNOWN
    )
    expect(stranger.http.get("/sync/status"), 200)


@pytest.mark.parametrize(("method", "path"), SPACE_ENDPOINTS)
def test_anothers_space_is_not_there(
    laptop: Device, theirs: Theirs, method: str, path: str
) -> None:
    def ask(http: httpx.Client, space: str) -> httpx.Response:
        return http.request(method, path, json={}, headers={"Sync-Space": space, **_key()})

    if method == "GET":
        assert_alike(laptop, ask, theirs.space, UNKNOWN)
    else:
        assert ask(laptop.http, theirs.space).status_code == 404


def test_anothers_folder_is_no_parent(laptop: Device, theirs: Theirs) -> None:
    ask = _upload(parentId="{}", name="planted.txt")
    told = ask(laptop.http, theirs.folder)
    problem(told, 409, "parentDeleted")
    assert told.content == ask(laptop.http, UNKNOWN).content


def test_items_of_a_batch_are_not_there_either(laptop: Device, theirs: Theirs) -> None:
    items = [{"key": new_key(), "fileId": id_, "baseVersion": 1} for id_ in (theirs.file, UNKNOWN)]
    results = expect(laptop.post("/sync/batch/delete", {"items": items}), 200)["results"]
    assert isinstance(results, list)
    assert results[0] == results[1]
    assert results[0]["status"] == 404


def test_a_key_answers_only_its_own_account(laptop: Device, stranger: Device) -> None:
    key = new_key()
    stranger.upload("note.txt", b"theirs", key=key)

    mine = expect(laptop.upload("note.txt", b"theirs", key=key), 201)

    assert laptop.content(mine) == b"theirs"
    assert mine["id"] not in {file["id"] for file in stranger.feed()[0]}
