"""The folder as a `BlobStore`: conformance, and what only files have."""

import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from dreamsync.server.blobs import packs
from dreamsync.server.blobs.files import FileBlobs
from dreamsync.server.blobs.store import BlobDamaged
from dreamsync.server.metadata.records import BlobRange
from tests.server.blobs.conformance import SPACE, BlobStoreConformance, put


class TestFileBlobs(BlobStoreConformance):
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> Iterator[None]:
        self._root = str(tmp_path / "blobs")
        self._opened: list[FileBlobs] = []
        yield
        for store in self._opened:
            store.close()

    def open_store(self) -> FileBlobs:
        self._opened.append(FileBlobs(self._root))
        return self._opened[-1]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FileBlobs]:
    made = FileBlobs(str(tmp_path / "blobs"))
    yield made
    made.close()


def test_small_blobs_share_one_pack(store: FileBlobs) -> None:
    places = [put(store, SPACE, b"12345") for _ in range(3)]

    assert {at.object for at in places} == {places[0].object}
    assert [at.offset for at in places] == [0, 5, 10]


def test_a_full_pack_is_followed_by_another(
    store: FileBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packs, "PACK_SIZE", 8)
    places = [put(store, SPACE, b"12345") for _ in range(4)]

    assert len({at.object for at in places}) == 2
    assert [b"".join(store.read(at)) for at in places] == [b"12345"] * 4


def test_a_pack_that_has_rested_is_not_appended_to_again(
    store: FileBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = put(store, SPACE, b"1")
    monkeypatch.setattr(packs, "RESTED_S", -1.0)

    assert put(store, SPACE, b"2").object != first.object


def test_few_packs_are_open_however_many_spaces_write(
    store: FileBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packs, "_MOST_OPEN", 2)
    places = [put(store, f"space{number}", b"x") for number in range(5)]

    listed = [list(store.objects(f"space{number}")) for number in range(5)]

    assert [len(objects) for objects in listed] == [1, 1, 1, 0, 0]
    assert [b"".join(store.read(at)) for at in places] == [b"x"] * 5


def test_the_next_process_never_appends_to_a_pack_it_did_not_make(tmp_path: Path) -> None:
    first = FileBlobs(str(tmp_path))
    before = put(first, SPACE, b"1")
    second = FileBlobs(str(tmp_path))

    assert put(second, SPACE, b"2").object != before.object
    first.close()
    second.close()


def test_an_object_shorter_than_its_range_is_damaged(store: FileBlobs, tmp_path: Path) -> None:
    at = put(store, SPACE, bytes(1024 * 1024))
    os.truncate(tmp_path / "blobs" / at.object, 1000)

    with pytest.raises(BlobDamaged):
        list(store.read(at))
    with pytest.raises(BlobDamaged):
        list(store.read(BlobRange(at.object, 990, 20)))


@pytest.mark.fault("disk error")
def test_bytes_that_could_not_be_made_durable_are_never_settled_later(store: FileBlobs) -> None:
    put(store, SPACE, b"fine")
    with store.group(SPACE) as group, store.group(SPACE) as other:
        for one in (group, other):
            blob = one.add()
            blob.write(b"lost")
            blob.finish()
        with (
            mock.patch("os.fsync", side_effect=OSError("disk")),
            pytest.raises(OSError, match="disk"),
        ):
            group.settle()
        with pytest.raises(OSError, match="durable"):
            other.settle()

    at = put(store, SPACE, b"on a new pack")
    assert b"".join(store.read(at)) == b"on a new pack"


def test_a_large_blob_that_is_finished_but_not_settled_leaves_nothing(store: FileBlobs) -> None:
    with store.group(SPACE) as group:
        blob = group.add()
        blob.write(bytes(1024 * 1024))
        blob.finish()

    assert list(store.objects(SPACE)) == []


def test_only_the_first_large_blob_waits_for_folders_to_be_made(tmp_path: Path) -> None:
    """Of a process, because what another has made may not be durable."""
    root = str(tmp_path / "blobs")
    waits = []
    for _ in range(2):
        store = FileBlobs(root)
        for _ in range(3):
            with mock.patch("os.fsync", side_effect=os.fsync) as waited:
                put(store, SPACE, bytes(1024 * 1024))
            waits.append(waited.call_count)
        store.close()

    assert [waits[1], waits[2], waits[4], waits[5]] == [2, 2, 2, 2]
    assert min(waits[0], waits[3]) > 2
    assert len(os.listdir(tmp_path / "blobs" / SPACE / "large")) == 256
