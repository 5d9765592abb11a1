"""Batches: one call, one commit, a result for each item."""

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from dreamsync.wire.problems import Problem
from tests.server.http.client import (
    Device,
    Json,
    batch_item,
    expect,
    new_key,
    problem,
    sha256,
)


def send(device: Device, frame: bytes) -> httpx.Response:
    return device.http.post("/sync/batch/upload", content=frame)


def download(device: Device, files: list[Json]) -> tuple[list[Json], bytes]:
    items = [{"fileId": file["id"]} for file in files]
    answer = device.http.post("/sync/batch/download", json={"items": items})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/vnd.dreamsync.batch"
    line, _, content = answer.content.partition(b"\n")
    return json.loads(line)["results"], content


def test_files_and_folders_in_one_commit(laptop: Device, phone: Device) -> None:
    before = phone.cursor()
    items = [
        batch_item("사진/1.txt", b"one"),
        batch_item("empty", b"", kind="folder"),
        batch_item("사진/2.txt", b"two!", digest=sha256(b"two!")),
    ]

    results = laptop.batch_upload(items)

    assert [result["status"] for result in results] == [201, 201, 201]
    changed, _ = phone.feed(before)
    assert {file["fileName"] for file in changed} == {"사진", "사진/1.txt", "사진/2.txt", "empty"}


@pytest.mark.promise(22)
def test_a_failed_item_does_not_touch_the_others(laptop: Device) -> None:
    laptop.put("taken.txt")
    items = [
        batch_item("taken.txt", b"other"),
        batch_item("bad.txt", b"bytes", digest=sha256(b"others")),
        batch_item("..", b"x"),
        batch_item("good.txt", b"good"),
    ]

    results = laptop.batch_upload(items)

    assert [result["status"] for result in results] == [409, 422, 400, 201]
    codes = [Problem.parse(result["problem"]).code for result in results[:3]]
    assert codes == ["nameTaken", "digestMismatch", "invalidName"]
    assert {file["fileName"] for file in laptop.feed()[0]} == {"taken.txt", "good.txt"}


def test_a_batch_sent_again_has_the_same_answer_and_one_effect(laptop: Device) -> None:
    items = [batch_item(f"{n}.txt", b"%d" % n) for n in range(5)]
    first = laptop.batch_upload(items)
    cursor = laptop.cursor()

    assert laptop.batch_upload(items) == first
    assert laptop.feed(cursor)[0] == []


@pytest.mark.promise(13)
@pytest.mark.fault("duplicate")
def test_the_same_batch_twice_at_once_has_one_effect(laptop: Device) -> None:
    items = [batch_item(f"{n}.txt", b"%d" % n) for n in range(20)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: laptop.batch_upload(items), range(4)))
    assert all(answer == answers[0] for answer in answers)
    assert len(laptop.feed()[0]) == 20


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"no newline",
        b"not json\n",
        b"[]\n",
        b'{"items": 7}\n',
        b'{"items": [7]}\n',
        b'{"items": [{"key": "short"}]}\n',
        b'{"items": [{"key": "12345678", "fileName": "a", "fileSize": 5}]}\nfour',
        b'{"items": [{"key": "12345678", "fileName": "a", "fileSize": 5}]}\nsix is more',
        b'{"items": [{"key": "12345678", "fileName": "a", "fileSize": -5}]}\n',
        b'{"items": [{"key": "12345678", "fileName": "\\ud800", "fileSize": 0}]}\n',
    ],
)
def test_what_is_no_batch_is_refused_whole(laptop: Device, frame: bytes) -> None:
    problem(send(laptop, frame), 400, "invalidRequest")
    assert laptop.feed()[0] == []


def test_a_batch_has_limits(laptop: Device) -> None:
    many = {"items": [batch_item(f"{n}", b"")[0] for n in range(501)]}
    problem(send(laptop, json.dumps(many).encode() + b"\n"), 413, "tooLarge")

    large = {"items": [batch_item("large", bytes(4 * 1024 * 1024 + 1))[0]]}
    problem(send(laptop, json.dumps(large).encode() + b"\n"), 413, "tooLarge")

    sent_with_it = json.dumps(large).encode() + b"\n" + bytes(4 * 1024 * 1024 + 1)
    problem(send(laptop, sent_with_it), 413, "tooLarge")

    problem(send(laptop, b"x" * (4 * 1024 * 1024 + 100)), 413, "tooLarge")
    deletions = {"items": [{"key": new_key(), "fileId": "x", "baseVersion": 1}] * 501}
    problem(laptop.post("/sync/batch/delete", deletions), 413, "tooLarge")


def test_a_subtree_is_deleted_deepest_first(laptop: Device) -> None:
    laptop.put("a/b/c.txt")
    files = sorted(laptop.feed()[0], key=lambda file: -str(file["fileName"]).count("/"))
    items = [
        {"key": new_key(), "fileId": file["id"], "baseVersion": file["version"]} for file in files
    ]

    answer = expect(laptop.post("/sync/batch/delete", {"items": items}), 200)

    results = answer["results"]
    assert isinstance(results, list)
    assert [result["status"] for result in results] == [200, 200, 200]
    assert laptop.feed()[0] == []


def test_many_contents_come_in_one_answer(laptop: Device) -> None:
    files = [laptop.put(f"{n}.txt", b"%d" % n * n) for n in range(4)]

    results, content = download(laptop, files)

    assert [result["status"] for result in results] == [200] * 4
    assert [result["fileSize"] for result in results] == [0, 1, 2, 3]
    assert content == b"122333"


def test_what_cannot_be_had_is_told_between_the_others(laptop: Device, stranger: Device) -> None:
    mine, theirs = laptop.put("mine", b"mine"), stranger.put("theirs", b"theirs")
    folder = laptop.folder("folder")

    results, content = download(laptop, [theirs, mine, folder])

    assert [result["status"] for result in results] == [404, 200, 404]
    assert content == b"mine"


def test_items_past_the_limit_are_asked_for_again(laptop: Device) -> None:
    files = [laptop.put(f"{n}.bin", bytes([n]) * 3 * 1024 * 1024) for n in range(2)]

    results, content = download(laptop, files)

    assert [result["status"] for result in results] == [200, 413]
    assert content == bytes(3 * 1024 * 1024)
