"""The feed: pages, cursors, both ways in which it may break, and writers at work meanwhile."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.server.http.client import Device, Json, batch_item, expect, new_key, problem
from tests.server.http.conftest import Server


def names(files: list[Json]) -> set[object]:
    return {file["fileName"] for file in files}


def test_an_empty_space_has_an_empty_feed_and_a_cursor(laptop: Device) -> None:
    files, cursor = laptop.feed()
    assert files == []
    assert laptop.feed(cursor) == ([], cursor)


def test_each_change_comes_once_with_its_latest_state(laptop: Device, phone: Device) -> None:
    file = laptop.put("note.txt", b"one")
    _, cursor = phone.feed()
    laptop.upload("note.txt", b"two", base_version=1)
    last = expect(laptop.upload("note.txt", b"three", base_version=2), 200)

    files, cursor = phone.feed(cursor)

    assert files == [last]
    assert last["id"] == file["id"]
    assert phone.feed(cursor)[0] == []


def test_the_feed_from_zero_has_no_tombstones_but_goes_on_with_them(laptop: Device) -> None:
    gone, kept = laptop.put("gone.txt"), laptop.put("kept.txt")
    before = laptop.cursor()
    tombstone = expect(laptop.delete(gone), 200)

    files, cursor = laptop.feed()

    assert files == [kept]
    assert laptop.feed(before)[0] == [tombstone]
    assert laptop.feed(cursor)[0] == []


@pytest.mark.parametrize("limit", [1, 2, 7, 5000])
def test_pages_of_any_size_give_the_same(laptop: Device, limit: int) -> None:
    laptop.batch_upload([batch_item(f"folder/{n}.txt", b"%d" % n) for n in range(9)])

    files, _ = laptop.feed(limit=limit)

    assert names(files) == {"folder"} | {f"folder/{n}.txt" for n in range(9)}
    assert len(files) == 10


@pytest.mark.parametrize("limit", ["0", "5001", "-1", "many", "1.5", ""])
def test_a_page_has_one_to_five_thousand_entries(laptop: Device, limit: str) -> None:
    problem(laptop.http.get("/sync/files", params={"limit": limit}), 400, "invalidRequest")


@pytest.mark.promise(14)
def test_paging_under_concurrent_writers_reaches_the_exact_live_set(
    server: Server, laptop: Device, phone: Device
) -> None:
    """Four writers create, change and delete while a reader pages in threes."""
    writing = threading.Event()
    writing.set()
    seen: dict[object, Json] = {}

    def read() -> None:
        since: str | None = None
        while True:
            last_round = not writing.is_set()
            files, since = phone.feed(since, limit=3)
            seen.update({file["id"]: file for file in files})
            if last_round:
                return

    def write(writer: int) -> None:
        device = server.sign_in(laptop.email, f"writer{writer}")
        for n in range(8):
            file = device.put(f"{writer}/{n}.txt", b"one")
            if n % 3 == 1:
                expect(device.upload(f"{writer}/{n}.txt", b"two", base_version=1), 200)
            if n % 3 == 2:
                expect(device.delete(file), 200)

    with ThreadPoolExecutor(5) as pool:
        reader = pool.submit(read)
        for done in [pool.submit(write, writer) for writer in range(4)]:
            done.result()
        writing.clear()
        reader.result()

    live = {file["id"]: file["version"] for file in seen.values() if file["deletedAt"] is None}
    assert live == {file["id"]: file["version"] for file in laptop.feed()[0]}


def test_expired_cursors_are_told_and_a_new_listing_goes_on(server: Server, laptop: Device) -> None:
    gone, kept = laptop.put("gone.txt"), laptop.put("kept.txt")
    before = laptop.cursor()
    expect(laptop.delete(gone), 200)

    server.opened.backend.service.care.expire_cursors()

    problem(laptop.http.get("/sync/files", params={"since": before}), 410, "cursorExpired")
    files, cursor = laptop.feed()
    assert files == [kept]
    later = laptop.put("later.txt")
    assert laptop.feed(cursor)[0] == [later]


def test_a_cursor_of_another_history_is_told(laptop: Device, stranger: Device) -> None:
    stranger.put("theirs.txt")
    foreign = stranger.cursor()
    problem(laptop.http.get("/sync/files", params={"since": foreign}), 410, "historyReplaced")


@pytest.mark.promise(2)
def test_a_file_added_inside_survives_the_deletion_of_its_folder(
    laptop: Device, phone: Device
) -> None:
    old = laptop.put("folder/old.txt")
    folder = laptop.get(f"/sync/files/{old['parentId']}")
    added = phone.put("folder/new.txt", b"just added")
    items = [
        {"key": new_key(), "fileId": file["id"], "baseVersion": file["version"]}
        for file in (old, folder)
    ]

    answer = expect(laptop.post("/sync/batch/delete", {"items": items}), 200)

    results = answer["results"]
    assert isinstance(results, list)
    assert [result["status"] for result in results] == [200, 409]
    assert results[1]["problem"]["code"] == "notEmpty"
    assert names(laptop.feed()[0]) == {"folder", "folder/new.txt"}
    assert laptop.content(added) == b"just added"


def test_an_acknowledgement_is_noted(laptop: Device) -> None:
    file = laptop.put("note.txt")
    body: Json = {"cursor": laptop.cursor(), "missing": [file["id"]]}
    assert laptop.post("/sync/ack", body).status_code == 204
    problem(laptop.post("/sync/ack", {"cursor": "garbage"}), 400, "invalidCursor")
