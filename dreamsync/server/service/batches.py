"""Batches: many mutations in one commit, many small files in one answer."""

from collections.abc import Callable, Iterator, Sequence
from typing import Self

from dreamsync.core.nodes import Kind
from dreamsync.server.blobs.store import BlobGroup, BlobStore
from dreamsync.server.metadata.records import Content
from dreamsync.server.service import rules
from dreamsync.server.service.answers import Answer, BatchResult, Refused, StoredContent
from dreamsync.server.service.clock import Clock, Ids
from dreamsync.server.service.contents import Contents, Inflow, OpenContent
from dreamsync.server.service.draft import Draft
from dreamsync.server.service.errors import Invalid, Mismatch, NotFound, ServiceError, TooLarge
from dreamsync.server.service.files import upload_identity
from dreamsync.server.service.requests import (
    BatchDeleteItem,
    BatchDownloadItem,
    BatchUploadItem,
    Caller,
    FolderRequest,
)
from dreamsync.server.service.writes import Step, Writes, check_key, request_hash

MOST_ITEMS = 500
MOST_BYTES = 4 * 1024 * 1024
_PIECE = 256 * 1024


class Batches:
    """A batch as a whole is refused for its form only; each item has its own result."""

    def __init__(
        self, writes: Writes, contents: Contents, blobs: BlobStore, *, clock: Clock, ids: Ids
    ) -> None:
        self._writes = writes
        self._contents = contents
        self._blobs = blobs
        self._clock = clock
        self._ids = ids

    def upload(
        self, caller: Caller, items: Sequence[BatchUploadItem], *, cursor: str | None = None
    ) -> "BatchUpload":
        """Begin a batch whose bytes follow. Raise `TooLarge`, `Invalid`."""
        _check(items)
        if sum(item.file_size for item in items) > MOST_BYTES:
            raise TooLarge(f"A batch has at most {MOST_BYTES} bytes.")

        def commit(steps: Sequence[Step]) -> tuple[BatchResult, ...]:
            return self._writes.all(caller, steps, cursor=cursor)

        group = self._blobs.group(caller.space_id)
        return BatchUpload(items, group, commit, clock=self._clock, ids=self._ids)

    def delete(
        self, caller: Caller, items: Sequence[BatchDeleteItem], *, cursor: str | None = None
    ) -> tuple[BatchResult, ...]:
        """Delete in the order given: deepest first deletes a subtree."""
        _check(items)
        steps = [_delete_step(item) for item in items]
        return self._writes.all(caller, steps, cursor=cursor)

    def download(self, caller: Caller, items: Sequence[BatchDownloadItem]) -> "BatchDownload":
        """Items past the byte limit are refused with `TooLarge`, one by one."""
        if len(items) > MOST_ITEMS:
            raise TooLarge(f"A batch has at most {MOST_ITEMS} items.")
        found = self._contents.open_all(caller, [(item.file_id, item.version) for item in items])
        return BatchDownload(found)


class BatchUpload:
    """The items' bytes, one after the other in the order of the items, then one commit."""

    def __init__(
        self,
        items: Sequence[BatchUploadItem],
        group: BlobGroup,
        commit: Callable[[Sequence[Step]], tuple[BatchResult, ...]],
        *,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._items = items
        self._group = group
        self._commit = commit
        self._clock = clock
        self._ids = ids
        self._steps: list[Step] = []
        self._inflow = Inflow(group)
        self._advance()

    def write(self, piece: bytes | memoryview) -> None:
        """Raise `Invalid` where more bytes come than were announced."""
        view = memoryview(piece)
        while view:
            if len(self._steps) == len(self._items):
                raise Invalid.request("More bytes follow than the items announce.")
            wanted = self._items[len(self._steps)].file_size - self._inflow.bytes_seen
            self._inflow.write(view[:wanted])
            view = view[wanted:]
            self._advance()

    def finish(self) -> tuple[BatchResult, ...]:
        """Make the bytes durable, then commit; the results in the order of the items.

        Raise `Invalid` where bytes are lacking, with no effect.
        """
        if len(self._steps) < len(self._items):
            raise Invalid.request("The body ends before the last item's bytes.")
        self._group.settle()
        return self._commit(self._steps)

    def close(self) -> None:
        self._inflow.close()
        self._group.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _advance(self) -> None:
        """Turn all items whose bytes are complete into steps."""
        while len(self._steps) < len(self._items):
            item = self._items[len(self._steps)]
            if self._inflow.bytes_seen < item.file_size:
                return
            self._steps.append(self._step(item))
            self._inflow = Inflow(self._group)

    def _step(self, item: BatchUploadItem) -> Step:
        if item.kind is Kind.FOLDER:
            return _folder_step(item)
        try:
            content = self._inflow.finish(
                item.request, content_id=self._ids.token(), now_ms=self._clock.now_ms()
            )
        except Mismatch as error:
            self._inflow.close()
            return _refusing_step(item, error)
        return _file_step(item, content)


class BatchDownload:
    """`results` in the order of the items; `read` gives the bytes of those that are contents."""

    def __init__(self, found: Sequence[tuple[StoredContent, OpenContent] | None]) -> None:
        results: list[StoredContent | Refused] = []
        self._opened: list[OpenContent] = []
        left = MOST_BYTES
        for each in found:
            if each is None:
                results.append(Refused(NotFound()))
            elif each[0].file_size > left:
                results.append(
                    Refused(TooLarge("This item does not fit into the batch: ask again."))
                )
            else:
                results.append(each[0])
                self._opened.append(each[1])
                left -= each[0].file_size
        self.results = tuple(results)

    def read(self) -> Iterator[bytes]:
        """Many small contents in each piece: every piece costs a thread's turn and a send."""
        gathered = bytearray()
        for piece in self._pieces():
            gathered += piece
            if len(gathered) >= _PIECE:
                yield bytes(gathered)
                gathered.clear()
        if gathered:
            yield bytes(gathered)

    def _pieces(self) -> Iterator[bytes]:
        for content in self._opened:
            yield from content.read()


def _check(items: Sequence[BatchUploadItem] | Sequence[BatchDeleteItem]) -> None:
    if len(items) > MOST_ITEMS:
        raise TooLarge(f"A batch has at most {MOST_ITEMS} items.")
    for item in items:
        check_key(item.key)


def _file_step(item: BatchUploadItem, content: Content) -> Step:
    def rule(draft: Draft) -> Answer:
        return rules.put_file(draft, item.request, content)

    identity = request_hash(upload_identity(item.request, content))
    return Step(item.key, identity, rule, item.request.file_id, item.request.place)


def _folder_step(item: BatchUploadItem) -> Step:
    asked = item.request
    request = FolderRequest(asked.place, asked.file_id, asked.base_version)

    def rule(draft: Draft) -> Answer:
        if item.file_size:
            raise Invalid.request("A folder has no bytes.")
        return rules.put_folder(draft, request)

    return Step(item.key, request_hash(request), rule, request.file_id, request.place)


def _refusing_step(item: BatchUploadItem, error: ServiceError) -> Step:
    def rule(_draft: Draft) -> Answer:
        raise error

    return Step(item.key, request_hash(item.request), rule)


def _delete_step(item: BatchDeleteItem) -> Step:
    def rule(draft: Draft) -> Answer:
        return rules.delete(draft, item.request)

    return Step(item.key, request_hash(item.request), rule, item.request.file_id)
