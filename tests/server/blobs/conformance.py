"""What every `BlobStore` must do. Subclass it and say how a store is made."""

import random
import threading
from abc import ABC, abstractmethod

import pytest

from dreamsync.server.blobs.store import BlobMissing, BlobStore
from dreamsync.server.metadata.records import BlobRange

SPACE, OTHER = "space-1", "space-2"
SIZES = [0, 1, 1000, 256 * 1024, 256 * 1024 + 1, 3 * 1024 * 1024]


class BlobStoreConformance(ABC):
    @abstractmethod
    def open_store(self) -> BlobStore:
        """The store under test; the same bytes whenever it is called in one test."""

    @pytest.fixture
    def store(self) -> BlobStore:
        return self.open_store()

    @pytest.mark.parametrize("size", SIZES)
    def test_a_settled_blob_is_read_back_also_by_another_process(
        self, store: BlobStore, size: int
    ) -> None:
        content = _content(size)
        at = put(store, SPACE, content)

        assert at.size == size
        assert b"".join(store.read(at)) == content
        assert b"".join(self.open_store().read(at)) == content

    @pytest.mark.parametrize("size", [10, 3 * 1024 * 1024])
    @pytest.mark.parametrize(("start", "end"), [(0, 1), (3, 7), (9, 99), (5, None), (4, 4), (9, 2)])
    def test_a_range_is_read_by_itself(
        self, store: BlobStore, size: int, start: int, end: int | None
    ) -> None:
        content = _content(size)
        put(store, SPACE, b"before")
        at = put(store, SPACE, content)
        put(store, SPACE, b"after")

        assert b"".join(store.read(at, start, end)) == content[start:end]

    def test_a_group_settles_small_and_large_together(self, store: BlobStore) -> None:
        contents = [_content(size) for size in SIZES]
        with store.group(SPACE) as group:
            places = []
            for content in contents:
                blob = group.add()
                for start in range(0, len(content), 100_000):
                    blob.write(content[start : start + 100_000])
                places.append(blob.finish())
            group.settle()

        assert [b"".join(store.read(at)) for at in places] == contents

    @pytest.mark.security(11)
    def test_objects_are_never_shared_between_spaces(self, store: BlobStore) -> None:
        mine, theirs = put(store, SPACE, b"same"), put(store, OTHER, b"same")

        assert mine.object != theirs.object
        assert mine.object.startswith(f"{SPACE}/")
        assert not {o.object for o in store.objects(SPACE)} & {
            o.object for o in store.objects(OTHER)
        }

    def test_what_is_read_in_pieces_never_comes_in_large_ones(self, store: BlobStore) -> None:
        at = put(store, SPACE, _content(3 * 1024 * 1024))

        assert max(map(len, store.read(at))) <= 1024 * 1024

    def test_a_deleted_object_is_missing_and_deleting_it_again_is_fine(
        self, store: BlobStore
    ) -> None:
        at = put(store, SPACE, _content(1024 * 1024))
        store.delete(at.object)
        store.delete(at.object)

        with pytest.raises(BlobMissing):
            next(iter(store.read(at)))
        assert at.object not in {stored.object for stored in store.objects(SPACE)}

    def test_objects_lists_what_is_there_with_its_size(self, store: BlobStore) -> None:
        large = put(store, SPACE, _content(1024 * 1024))
        small = put(store, SPACE, b"small")
        store.close()

        found = {stored.object: stored.size for stored in self.open_store().objects(SPACE)}

        assert found[large.object] == large.size
        assert found[small.object] >= small.offset + small.size

    @pytest.mark.parametrize("size", [10, 1024 * 1024])
    def test_a_blob_that_is_dropped_cannot_be_found(self, store: BlobStore, size: int) -> None:
        with store.group(SPACE) as group:
            blob = group.add()
            blob.write(_content(size))
            blob.close()
            blob.close()

        assert list(store.objects(SPACE)) == []

    @pytest.mark.parametrize("space", ["", ".", "..", "a/b", "../x", "a\\b", "-", "x" * 65])
    def test_a_space_that_could_reach_elsewhere_is_refused(
        self, store: BlobStore, space: str
    ) -> None:
        with pytest.raises(ValueError, match="space"):
            store.group(space)

    def test_many_threads_write_and_read_what_they_wrote(self, store: BlobStore) -> None:
        wrong: list[int] = []

        def work(seed: int) -> None:
            for number in range(20):
                content = bytes([seed]) * (number * 1000)
                if b"".join(store.read(put(store, SPACE, content))) != content:
                    wrong.append(number)

        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert wrong == []


def put(store: BlobStore, space_id: str, content: bytes) -> BlobRange:
    with store.group(space_id) as group:
        blob = group.add()
        blob.write(content)
        at = blob.finish()
        group.settle()
    return at


def _content(size: int) -> bytes:
    return random.Random(size).randbytes(size)
