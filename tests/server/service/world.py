"""A server's service for stories: one space, short calls, a clock that stands still."""

import itertools
import os
from dataclasses import dataclass, field

from dreamsync.core.nodes import Kind
from dreamsync.server.service import Caller, Mutation, ServiceError, SyncService, open_service
from dreamsync.server.service.answers import Answer, BatchResult
from dreamsync.server.service.requests import (
    BatchUploadItem,
    DeleteRequest,
    FolderRequest,
    MoveRequest,
    ParentPlace,
    PathPlace,
    Place,
    UploadRequest,
)
from dreamsync.wire.sync_file import SyncFile
from tests.support.schema import spare_migrations

DAY_MS = 24 * 3600 * 1000


@dataclass
class StandingClock:
    """Moves only when a test moves it."""

    at_ms: int = 1_700_000_000_000

    def now_ms(self) -> int:
        return self.at_ms

    def pass_days(self, days: float) -> None:
        self.at_ms += int(days * DAY_MS)


@dataclass
class World:
    """One account with one space, seen from one device."""

    data_dir: str
    clock: StandingClock = field(default_factory=StandingClock)
    quota_limit: int | None = None

    def __post_init__(self) -> None:
        self._keys = itertools.count()
        spare_migrations(self.data_dir)
        self.service: SyncService = open_service(self.data_dir, clock=self.clock)
        space = self.service.spaces.create("ann", "Home", quota_limit=self.quota_limit)
        self.caller = Caller("ann", space.space_id, "laptop")

    def close(self) -> None:
        self.service.close()

    def reopen(self) -> None:
        self.service.close()
        self.service = open_service(self.data_dir, clock=self.clock)

    def mutation(self, *, cursor: str | None = None) -> Mutation:
        return Mutation(f"key-{next(self._keys):08}", cursor)

    def upload(
        self,
        place: str | Place | None,
        content: bytes = b"",
        *,
        base: int = 0,
        mutation: Mutation | None = None,
        caller: Caller | None = None,
        **fields: object,
    ) -> Answer:
        request = UploadRequest(_place(place), base_version=base, **fields)  # type: ignore[arg-type]
        caller = caller or self.caller
        with self.service.files.receive(caller) as sink:
            sink.write(content)
            return self.service.files.upload(caller, mutation or self.mutation(), request, sink)

    def put(self, place: str | Place | None, content: bytes = b"", **fields: object) -> SyncFile:
        return self.upload(place, content, **fields).file  # type: ignore[arg-type]

    def folder(self, place: str | Place) -> SyncFile:
        request = FolderRequest(_place(place))
        return self.service.files.make_folder(self.caller, self.mutation(), request).file

    def move(self, file: SyncFile, place: str | Place) -> SyncFile:
        request = MoveRequest(file.id, file.version, _place(place))
        return self.service.files.move(self.caller, self.mutation(), request).file

    def delete(self, file: SyncFile, *, confirmed: bool = False) -> SyncFile:
        request = DeleteRequest(file.id, file.version, confirmed)
        return self.service.files.delete(self.caller, self.mutation(), request).file

    def batch(self, files: dict[str, bytes]) -> tuple[BatchResult, ...]:
        items = [
            BatchUploadItem(
                self.mutation().key, Kind.FILE, UploadRequest(PathPlace(name)), len(content)
            )
            for name, content in files.items()
        ]
        with self.service.batches.upload(self.caller, items) as batch:
            batch.write(b"".join(files.values()))
            return batch.finish()

    def read(self, file: SyncFile, *, version: int | None = None) -> bytes:
        found = self.service.contents.describe(self.caller, file.id, version)
        opened = self.service.contents.open(self.caller.space_id, found.content_id)
        return b"".join(opened.read())

    def tree(self) -> dict[str, int]:
        """Live paths and versions, by a full listing in small pages."""
        return {file.file_name: file.version for file in self.listing()}

    def listing(self, *, limit: int = 3) -> list[SyncFile]:
        files: list[SyncFile] = []
        cursor, more = None, True
        while more:
            page = self.service.feed.page(self.caller, cursor, limit)
            files, cursor, more = [*files, *page.files], page.cursor, page.has_more
        return files

    def since(self, cursor: str) -> list[SyncFile]:
        return list(self.service.feed.page(self.caller, cursor, 1000).files)

    @property
    def cursor(self) -> str:
        return self.service.feed.head(self.caller.space_id)

    @property
    def used(self) -> int:
        return self.service.feed.status(self.caller).quota.used

    def blob_files(self) -> list[str]:
        root = os.path.join(self.data_dir, "blobs")
        return [os.path.join(f, name) for f, _, names in os.walk(root) for name in names]


def code_of(error: ServiceError) -> tuple[int, str]:
    return error.status, error.code


def _place(place: str | Place | None) -> Place | None:
    return PathPlace(place) if isinstance(place, str) else place


def in_folder(folder: SyncFile | None, name: str) -> ParentPlace:
    return ParentPlace(None if folder is None else folder.id, name)
