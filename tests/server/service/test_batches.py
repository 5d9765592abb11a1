"""Many items in one commit, each with its own result."""

import os
from unittest import mock

import pytest

from dreamsync.core.nodes import Kind
from dreamsync.server.service.answers import Answer, BatchResult, Refused, StoredContent
from dreamsync.server.service.errors import Invalid, TooLarge
from dreamsync.server.service.requests import (
    BatchDeleteItem,
    BatchDownloadItem,
    BatchUploadItem,
    DeleteRequest,
    PathPlace,
    UploadRequest,
)
from dreamsync.wire.sync_file import SyncFile
from tests.server.service.world import World


def test_a_batch_is_one_commit_of_files_and_folders(world: World) -> None:
    heard: list[str] = []
    world.service.commits.subscribe(lambda _space, cursor: heard.append(cursor))
    items = [
        _item(world, "a", kind=Kind.FOLDER),
        _item(world, "a/one", b"1"),
        _item(world, "a/empty", b""),
        _item(world, "b/two", b"22"),
    ]

    results = _send(world, items, b"122", pieces=1)

    assert [_outcome(result) for result in results] == [201] * 4
    assert world.tree() == {"a": 1, "a/one": 1, "a/empty": 1, "b": 1, "b/two": 1}
    assert heard == [world.cursor]
    assert world.read(_file(results[3])) == b"22"


def test_a_failed_item_does_not_touch_the_others(world: World) -> None:
    world.put("taken", b"")
    items = [
        _item(world, "ok", b"1"),
        _item(world, "taken", b"2"),
        _item(world, "bad/../name", b"3"),
        _item(world, "wrong", b"4", digest="0" * 64),
        _item(world, "also", b"5"),
    ]

    results = _send(world, items, b"12345")

    wanted = [201, "nameTaken", "invalidName", "digestMismatch", 201]
    assert [_outcome(result) for result in results] == wanted
    assert world.read(_file(results[4])) == b"5"


def test_a_batch_sent_again_has_the_same_answers_and_no_effect(world: World) -> None:
    items = [_item(world, "a/one", b"1"), _item(world, "a/two", b"2")]
    first = _send(world, items, b"12")
    before = world.cursor

    assert _send(world, items, b"12") == first
    assert world.cursor == before


def test_one_key_twice_in_a_batch_has_one_effect(world: World) -> None:
    item = _item(world, "a", b"1")

    first, second = _send(world, [item, item], b"11")

    assert first == second
    assert world.tree() == {"a": 1}


def test_a_body_of_another_length_than_announced_has_no_effect(world: World) -> None:
    items = [_item(world, "a", b"1")]

    with pytest.raises(Invalid):
        _send(world, items, b"")
    with pytest.raises(Invalid):
        _send(world, items, b"12")
    assert world.tree() == {}


def test_a_batch_beyond_the_limits_is_too_large(world: World) -> None:
    item = _item(world, "a", b"")
    large = BatchUploadItem("key-large", Kind.FILE, item.request, 4 * 1024 * 1024 + 1)

    for items in ([item] * 501, [large]):
        with pytest.raises(TooLarge):
            world.service.batches.upload(world.caller, items)
    with pytest.raises(TooLarge):
        world.service.batches.download(world.caller, [BatchDownloadItem("x")] * 501)


def test_five_hundred_small_files_wait_for_the_disk_a_few_times_only(world: World) -> None:
    world.batch({"warm up": b"1"})

    with mock.patch("os.fsync", side_effect=os.fsync) as fsync:
        world.batch({f"folder/file-{number}": b"content" for number in range(500)})

    assert fsync.call_count <= 2
    assert len(world.tree()) == 502


def test_a_subtree_is_deleted_deepest_first_and_a_newcomer_inside_survives(world: World) -> None:
    world.put("top/sub/old", b"")
    world.put("top/other", b"")
    doomed = sorted(world.listing(), key=lambda file: -file.file_name.count("/"))
    world.put("top/sub/new", b"")

    results = world.service.batches.delete(world.caller, [_deletion(world, f) for f in doomed])

    outcomes = {f.file_name: _outcome(r) for f, r in zip(doomed, results, strict=True)}
    assert outcomes["top/sub/old"] == outcomes["top/other"] == 200
    assert outcomes["top/sub"] == outcomes["top"] == "notEmpty"
    assert world.tree() == {"top": 1, "top/sub": 1, "top/sub/new": 1}


def test_a_whole_subtree_is_deleted_in_one_commit(world: World) -> None:
    for number in range(30):
        world.put(f"top/sub{number % 3}/f{number}", b"")
    doomed = sorted(world.listing(), key=lambda file: -file.file_name.count("/"))

    world.service.batches.delete(world.caller, [_deletion(world, f) for f in doomed])

    assert world.tree() == {}


def test_a_batch_download_gives_each_item_its_own_result(world: World) -> None:
    first = world.put("a", b"one")
    world.put("a", b"three", base=1)
    folder = world.folder("f")
    items = [
        BatchDownloadItem(first.id),
        BatchDownloadItem(first.id, 1),
        BatchDownloadItem(folder.id),
        BatchDownloadItem("nothing"),
    ]

    batch = world.service.batches.download(world.caller, items)

    assert b"".join(batch.read()) == b"threeone"
    sizes = [r.file_size if isinstance(r, StoredContent) else r.error.code for r in batch.results]
    assert sizes == [5, 3, "notFound", "notFound"]


def test_downloads_past_the_byte_limit_are_asked_for_again(world: World) -> None:
    large = world.put("large", bytes(3 * 1024 * 1024))
    small = world.put("small", b"1")
    items = [BatchDownloadItem(large.id), BatchDownloadItem(large.id), BatchDownloadItem(small.id)]

    results = world.service.batches.download(world.caller, items).results

    assert [isinstance(result, Refused) for result in results] == [False, True, False]


def _item(
    world: World, path: str, content: bytes = b"", *, kind: Kind = Kind.FILE, **fields: str
) -> BatchUploadItem:
    request = UploadRequest(PathPlace(path), **fields)  # type: ignore[arg-type]
    return BatchUploadItem(world.mutation().key, kind, request, len(content))


def _send(
    world: World, items: list[BatchUploadItem], body: bytes, *, pieces: int = 1000
) -> tuple[BatchResult, ...]:
    with world.service.batches.upload(world.caller, items) as batch:
        for start in range(0, len(body), pieces):
            batch.write(body[start : start + pieces])
        return batch.finish()


def _deletion(world: World, file: SyncFile) -> BatchDeleteItem:
    return BatchDeleteItem(world.mutation().key, DeleteRequest(file.id, file.version))


def _outcome(result: BatchResult) -> int | str:
    return result.status if isinstance(result, Answer) else result.error.code


def _file(result: BatchResult) -> SyncFile:
    assert isinstance(result, Answer)
    return result.file
