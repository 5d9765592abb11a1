"""History, restore and trash."""

import pytest

from tests.server.http.client import Device, Json, expect, problem
from tests.server.http.conftest import Server


def versions(device: Device, file: Json) -> list[Json]:
    items = device.get(f"/sync/files/{file['id']}/versions")["items"]
    assert isinstance(items, list)
    return items


def trash(device: Device, **params: str | int) -> Json:
    return device.get("/sync/trash", **params)


def test_every_change_is_a_version_with_its_device(laptop: Device, phone: Device) -> None:
    file = laptop.put("note.txt", b"one")
    expect(phone.upload("note.txt", b"two", base_version=1), 200)
    expect(laptop.patch(file["id"], {"fileName": "moved.txt", "baseVersion": 2}), 200)
    expect(phone.delete(file, base_version=3), 200)

    history = versions(laptop, file)

    assert [(row["version"], row["change"], row["deviceName"]) for row in history] == [
        (4, "deleted", "The phone"),
        (3, "moved", "The laptop"),
        (2, "content", "The phone"),
        (1, "created", "The laptop"),
    ]
    assert [row["name"] for row in history] == ["moved.txt", "moved.txt", "note.txt", "note.txt"]
    assert history[-1]["available"] is True


@pytest.mark.promise(1)
def test_an_old_content_becomes_the_newest_version(laptop: Device) -> None:
    file = laptop.put("note.txt", b"one")
    expect(laptop.upload("note.txt", b"two", base_version=1), 200)

    restored = expect(
        laptop.post(f"/sync/files/{file['id']}/restore", {"version": 1, "baseVersion": 2}), 200
    )

    assert restored["version"] == 3
    assert laptop.content(restored) == b"one"
    assert versions(laptop, file)[0]["change"] == "restored"


def test_a_tombstone_comes_back_where_it_was(laptop: Device) -> None:
    file = laptop.put("folder/note.txt", b"one")
    expect(laptop.delete(file), 200)

    restored = expect(
        laptop.post(f"/sync/files/{file['id']}/restore", {"version": 1, "baseVersion": 2}), 200
    )

    assert (restored["fileName"], restored["deletedAt"]) == ("folder/note.txt", None)


def test_a_tombstone_comes_back_elsewhere_when_asked(laptop: Device) -> None:
    file = laptop.put("note.txt", b"one")
    expect(laptop.delete(file), 200)
    laptop.put("note.txt", b"another")
    body: Json = {"version": 1, "baseVersion": 2}

    problem(laptop.post(f"/sync/files/{file['id']}/restore", body), 409, "nameTaken")
    body |= {"parentId": None, "name": "note (restored).txt"}
    restored = expect(laptop.post(f"/sync/files/{file['id']}/restore", body), 200)

    assert restored["fileName"] == "note (restored).txt"


def test_restoring_is_compare_and_swap(laptop: Device) -> None:
    file = laptop.put("note.txt", b"one")
    expect(laptop.upload("note.txt", b"two", base_version=1), 200)

    body: Json = {"version": 1, "baseVersion": 1}

    problem(laptop.post(f"/sync/files/{file['id']}/restore", body), 409, "stale")


def test_the_trash_lists_what_was_deleted_latest_first(laptop: Device) -> None:
    files = [laptop.put(f"{n}.txt") for n in range(3)]
    for file in files:
        expect(laptop.delete(file), 200)

    first = trash(laptop, limit=2)
    rest = trash(laptop, limit=2, after=str(first["next"]))

    assert isinstance(first["items"], list)
    assert isinstance(rest["items"], list)
    assert [item["name"] for item in first["items"] + rest["items"]] == ["2.txt", "1.txt", "0.txt"]
    assert rest["next"] is None


def test_after_retention_trash_and_versions_are_purged(server: Server, laptop: Device) -> None:
    kept, gone = laptop.put("kept.txt", b"one"), laptop.put("gone.txt", b"gone")
    expect(laptop.upload("kept.txt", b"two", base_version=1), 200)
    expect(laptop.delete(gone), 200)
    care = server.opened.backend.service.care

    with server.clock.ahead(29 * 86_400):
        care.purge()
    assert trash(laptop)["items"] != []

    with server.clock.ahead(31 * 86_400):
        care.purge()

    assert trash(laptop)["items"] == []
    assert [row["available"] for row in versions(laptop, kept)][:1] == [True]
    problem(laptop.http.get(f"/sync/download/{kept['id']}?version=1"), 404, "notFound")
    assert laptop.content(kept) == b"two"
