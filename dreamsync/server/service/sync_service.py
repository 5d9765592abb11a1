"""The service put together: one object for each concern over one metadata and one blob store."""

from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Self

from dreamsync.server.metadata.database import Database
from dreamsync.server.metadata.records import Head
from dreamsync.server.service.answers import (
    Answer,
    BatchResult,
    BlockList,
    BlockState,
    FeedPage,
    FileVersion,
    Receipt,
    SpaceStatus,
    StoredContent,
    TrashPage,
    UploadState,
    Refused,
)
from dreamsync.server.service.clock import Clock, Ids
from dreamsync.server.service.requests import (
    AnnouncedBlock,
    BatchDeleteItem,
    BatchDownloadItem,
    BatchUploadItem,
    Caller,
    CompleteRequest,
    DeleteRequest,
    FolderRequest,
    MoveRequest,
    Mutation,
    RestoreRequest,
    StartUploadRequest,
    UploadRequest,
)
from dreamsync.wire.sync_file import SyncFile


class Spaces:
    def create(self, account_id: str, name: str, *, quota_limit: int | None = None) -> Head:
        """A new space with `account_id` as its first member (his default space)."""

    def resolve(self, account_id: str, space_id: str | None) -> Head:
        """The space if the account is a member, else `NotFound`. None: the account's own first."""

    def set_quota(self, space_id: str, limit: int | None) -> None: ...
    def remove(self, space_id: str) -> None:
        """Forget the space and its members; its blobs are collected by `care`."""


class Feed:
    def status(self, caller: Caller) -> SpaceStatus: ...
    def head(self, space_id: str) -> str:
        """The cursor of the latest commit."""

    def page(self, caller: Caller, since: str | None, limit: int) -> FeedPage:
        """400 invalidCursor, 410 cursorExpired/historyReplaced. limit 1..5000 else 400."""

    def file(self, caller: Caller, file_id: str) -> SyncFile: ...


class OpenContent:
    """size, content_id; read(start, end) -> Iterator[bytes] (end exclusive), pieces <= 1 MiB."""

    size: int

    def read(self, start: int = 0, end: int | None = None) -> Iterator[bytes]: ...


class Contents:
    def describe(
        self, caller: Caller, file_id: str, version: int | None = None
    ) -> StoredContent: ...
    def blocks(self, caller: Caller, file_id: str, version: int | None = None) -> BlockList: ...
    def open(self, space_id: str, content_id: str) -> OpenContent:
        """For presigned URLs: sign (space_id, content_id), not blob keys. NotFound once purged."""


class ContentSink:
    """One upload's bytes, hashed and stored as they come. `with` or close() drops unused bytes."""

    def write(self, piece: bytes | memoryview) -> None: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Files:
    def receive(self, caller: Caller) -> ContentSink: ...
    def upload(
        self, caller: Caller, mutation: Mutation, request: UploadRequest, sink: ContentSink
    ) -> Answer: ...
    def make_folder(self, caller: Caller, mutation: Mutation, request: FolderRequest) -> Answer: ...
    def move(self, caller: Caller, mutation: Mutation, request: MoveRequest) -> Answer: ...
    def delete(self, caller: Caller, mutation: Mutation, request: DeleteRequest) -> Answer: ...
    def restore(self, caller: Caller, mutation: Mutation, request: RestoreRequest) -> Answer: ...


class BatchUpload:
    """write() pieces of the concatenated content; finish() commits once."""

    def write(self, piece: bytes | memoryview) -> None: ...
    def finish(self) -> tuple[BatchResult, ...]: ...
    def close(self) -> None: ...


class BatchDownload:
    """results in item order; read() yields the bytes of the StoredContent ones, in order."""

    results: tuple[StoredContent | Refused, ...]

    def read(self) -> Iterator[bytes]: ...


class Batches:
    def upload(
        self, caller: Caller, items: Sequence[BatchUploadItem], *, cursor: str | None = None
    ) -> BatchUpload: ...
    def delete(
        self, caller: Caller, items: Sequence[BatchDeleteItem], *, cursor: str | None = None
    ) -> tuple[BatchResult, ...]: ...
    def download(self, caller: Caller, items: Sequence[BatchDownloadItem]) -> BatchDownload: ...


class BlockSink:
    def write(self, piece: bytes | memoryview) -> None: ...
    def finish(self) -> None:
        """Store the block if its bytes have the announced SHA-256 and size, else 422."""

    def close(self) -> None: ...


class Uploads:
    def start(
        self, caller: Caller, mutation: Mutation, request: StartUploadRequest
    ) -> UploadState: ...
    def announce(
        self, caller: Caller, upload_id: str, blocks: Sequence[AnnouncedBlock]
    ) -> tuple[BlockState, ...]: ...
    def receive_block(self, space_id: str, upload_id: str, block: AnnouncedBlock) -> BlockSink:
        """For the signed PUT URL: sign (space_id, upload_id, index, sha256, size, expiry)."""

    def state(self, caller: Caller, upload_id: str) -> UploadState: ...
    def complete(
        self, caller: Caller, mutation: Mutation, upload_id: str, request: CompleteRequest
    ) -> Answer: ...
    def abandon(self, caller: Caller, upload_id: str) -> None: ...


class Versions:
    def of(self, caller: Caller, file_id: str) -> tuple[FileVersion, ...]: ...
    def trash(self, caller: Caller, after: str | None, limit: int) -> TrashPage: ...


class Acks:
    def note(self, caller: Caller, cursor: str, missing: Sequence[str]) -> None: ...
    def receipts(self, caller: Caller) -> tuple[Receipt, ...]: ...


class Commits:
    def subscribe(self, listener: Callable[[str, str], None]) -> Callable[[], None]:
        """listener(space_id, cursor) is called on the writing thread after each commit."""


class Care:
    def purge(self, *, older_than_ms: int | None = None) -> None: ...
    def expire_cursors(self) -> None: ...
    def collect_garbage(self, *, grace_ms: int = 3_600_000) -> None: ...
    def confirm_checksums(self) -> None: ...
    def run(self) -> None:
        """All of the daily care; call it hourly from the server."""


class SyncService:
    spaces: Spaces
    feed: Feed
    contents: Contents
    files: Files
    batches: Batches
    uploads: Uploads
    versions: Versions
    acks: Acks
    commits: Commits
    care: Care
    database: Database

    def close(self) -> None: ...


def open_service(
    data_dir: str, *, clock: Clock | None = None, ids: Ids | None = None
) -> SyncService:
    """Open (or make) `data_dir`/dreamsync.sqlite3 and `data_dir`/blobs, migrating the schema."""
    raise NotImplementedError
