"""Every endpoint that takes an id, with somebody else's: the same 404 as for no id at all.

The bodies must be equal to the byte, so that nobody learns what exists.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import pytest

from dreamsync.server.http.application import create_routes
from tests.server.http.client import Device, Json, batch_item, expect, new_key, problem
from tests.server.http.conftest import Server

pytestmark = pytest.mark.security(9)

Ask = Callable[[httpx.Client, str], httpx.Response]


@dataclass(frozen=True, slots=True)
class Theirs:
    """What belongs to the other account."""

    file: str
    folder: str
    upload: str
    device: str
    space: str
    cursor: str


def _key() -> dict[str, str]:
    return {"Idempotency-Key": new_key()}


def _post(path: str, body: Json) -> Ask:
    def ask(http: httpx.Client, given: str) -> httpx.Response:
        filled = {name: given if value == "{}" else value for name, value in body.items()}
        return http.post(path.format(given), json=filled, headers=_key())

    return ask


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
    "copy from": _post(
        "/sync/files/{}/copy",
        {
            "version": 1,
            "fileSize": len(b"secret"),
            "digest": hashlib.sha256(b"secret").hexdigest(),
            "fileName": "mine",
        },
    ),
    "upload onto": _upload(fileId="{}", baseVersion="1"),
    "upload large onto": _post(
        "/sync/uploads", {"fileId": "{}", "baseVersion": 1, "fileSize": 9_000_000}
    ),
    "revive folder": _post("/sync/folders", {"fileId": "{}", "baseVersion": 1, "fileName": "mine"}),
}

PARENT_ENDPOINTS: dict[str, Ask] = {
    "upload into": _upload(parentId="{}", name="planted.txt"),
    "upload large into": _post(
        "/sync/uploads", {"parentId": "{}", "name": "planted", "fileSize": 9_000_000}
    ),
    "folder into": _post("/sync/folders", {"parentId": "{}", "name": "planted"}),
}

CURSOR_ENDPOINTS: dict[str, Ask] = {
    "feed": lambda http, given: http.get("/sync/files", params={"since": given}),
    "ack": _post("/sync/ack", {"cursor": "{}", "missing": []}),
    "write": lambda http, given: http.post(
        "/sync/folders", json={"fileName": "mine"}, headers={**_key(), "Sync-Cursor": given}
    ),
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
        cursor=stranger.cursor(),
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


@pytest.mark.parametrize("ask", PARENT_ENDPOINTS.values(), ids=PARENT_ENDPOINTS.keys())
def test_anothers_folder_is_no_parent(
    laptop: Device, stranger: Device, theirs: Theirs, ask: Ask
) -> None:
    before = stranger.feed()
    told = ask(laptop.http, theirs.folder)
    problem(told, 409, "parentDeleted")
    assert told.content == ask(laptop.http, UNKNOWN).content
    assert stranger.feed() == before


@pytest.mark.parametrize("place", ["move", "restore"])
def test_nothing_moves_into_anothers_folder(laptop: Device, theirs: Theirs, place: str) -> None:
    file = laptop.put("mine.txt")
    if place == "restore":
        expect(laptop.delete(file), 200)
    told = []
    for parent in (theirs.folder, UNKNOWN):
        body: Json = {"parentId": parent, "name": "x", "version": 1}
        if place == "move":
            told.append(laptop.patch(file["id"], {**body, "baseVersion": 1}))
        else:
            path = f"/sync/files/{file['id']}/restore"
            told.append(laptop.post(path, {**body, "baseVersion": 2}))
    problem(told[0], 409, "parentDeleted")
    assert told[0].content == told[1].content


@pytest.mark.parametrize("ask", CURSOR_ENDPOINTS.values(), ids=CURSOR_ENDPOINTS.keys())
def test_anothers_cursor_is_as_unknown_as_one_that_never_was(
    laptop: Device, theirs: Theirs, ask: Ask
) -> None:
    number, _, _ = theirs.cursor.partition(".")
    told = ask(laptop.http, theirs.cursor)
    problem(told, 410, "historyReplaced")
    assert told.content == ask(laptop.http, f"{number}.{UNKNOWN}").content
    assert laptop.feed()[0] == []


def test_items_of_a_batch_are_not_there_either(laptop: Device, theirs: Theirs) -> None:
    ids = (theirs.file, UNKNOWN)
    deletes = [{"key": new_key(), "fileId": id_, "baseVersion": 1} for id_ in ids]
    deleted = expect(laptop.post("/sync/batch/delete", {"items": deletes}), 200)["results"]
    uploaded = laptop.batch_upload(
        [batch_item("x", b"x", fileId=id_, baseVersion=1) for id_ in ids]
    )
    wanted = {"items": [{"fileId": id_, "version": 1} for id_ in ids]}
    framed = laptop.post("/sync/batch/download", wanted)
    downloaded = json.loads(framed.content.partition(b"\n")[0])["results"]
    assert framed.content.endswith(b"\n")
    for results in (deleted, uploaded, downloaded):
        assert isinstance(results, list)
        assert {**results[0], "fileId": 0} == {**results[1], "fileId": 0}
        assert results[0]["status"] == 404


def test_what_anothers_device_misses_is_not_noted(laptop: Device, theirs: Theirs) -> None:
    body: Json = {"cursor": laptop.cursor(), "missing": [theirs.file]}
    unknown: Json = {"cursor": laptop.cursor(), "missing": [UNKNOWN]}
    told = laptop.post("/sync/ack", body)
    assert (told.status_code, told.content) == (
        laptop.post("/sync/ack", unknown).status_code, b"",
    )  # fmt: skip


def test_nothing_is_copied_onto_anothers_file(
    laptop: Device, stranger: Device, theirs: Theirs
) -> None:
    mine = laptop.put("mine.txt", b"mine")
    before = stranger.feed()

    def ask(http: httpx.Client, given: str) -> httpx.Response:
        body = {"version": 1, "fileSize": mine["fileSize"], "digest": mine["digest"]}
        target = {"fileId": given, "baseVersion": 1}
        return http.post(f"/sync/files/{mine['id']}/copy", json=body | target, headers=_key())

    assert_alike(laptop, ask, theirs.file, UNKNOWN)
    assert stranger.feed() == before


def test_a_push_stream_of_anothers_space_is_not_there(laptop: Device, theirs: Theirs) -> None:
    for space in (theirs.space, UNKNOWN):
        problem(laptop.http.get("/sync/events", headers={"Sync-Space": space}), 404, "notFound")


def test_a_signed_url_gives_nothing_of_another_space(laptop: Device, stranger: Device) -> None:
    theirs = str(stranger.get(f"/sync/download/{stranger.put('s.txt', b's')['id']}")["url"])
    mine = str(laptop.get(f"/sync/download/{laptop.put('m.txt', b'm')['id']}")["url"])
    content_id = theirs.partition("/blobs/")[2].partition("?")[0]
    spliced = f"{mine.partition('/blobs/')[0]}/blobs/{content_id}?{mine.partition('?')[2]}"
    problem(laptop.http.get(spliced), 403, "urlInvalid")


WITHOUT_IDS = {
    ("POST", "/auth/login"), ("POST", "/auth/refresh"), ("POST", "/auth/logout"),
    ("POST", "/auth/join"), ("POST", "/auth/join-codes"), ("GET", "/auth/devices"),
    ("GET", "/blobs/{id}"), ("PUT", "/blobs/uploads/{id}/{index}"),
}  # fmt: skip
"""They take no id of anybody's; of presigned URLs it is a part of what is signed."""


def test_no_endpoint_is_left_out_of_these_tests(server: Server) -> None:
    asked: set[tuple[str, str]] = set()

    def note(request: httpx.Request) -> httpx.Response:
        asked.add((request.method, request.url.path.replace(UNKNOWN, "{id}")))
        return httpx.Response(404)

    with httpx.Client(base_url="http://server", transport=httpx.MockTransport(note)) as http:
        for ask in (
            *FILE_ENDPOINTS.values(), *UPLOAD_ENDPOINTS.values(), *PARENT_ENDPOINTS.values(),
            *CURSOR_ENDPOINTS.values(),
        ):  # fmt: skip
            ask(http, UNKNOWN)
    asked |= {*SPACE_ENDPOINTS, ("DELETE", "/auth/devices/{id}"), ("POST", "/sync/batch/upload")}

    routes = create_routes(server.opened.backend)
    there = {(method, route.path) for route in routes for method in route.methods or ()}
    assert {each for each in there if each[0] != "HEAD"} - WITHOUT_IDS - asked == set()


def test_a_key_answers_only_its_own_account(laptop: Device, stranger: Device) -> None:
    key = new_key()
    stranger.upload("note.txt", b"theirs", key=key)

    mine = expect(laptop.upload("note.txt", b"theirs", key=key), 201)

    assert laptop.content(mine) == b"theirs"
    assert mine["id"] not in {file["id"] for file in stranger.feed()[0]}
