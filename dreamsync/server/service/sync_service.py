"""The service put together: one object for each concern over one metadata and one blob store."""

import os

from dreamsync.server.blobs.files import FileBlobs
from dreamsync.server.blobs.store import BlobStore
from dreamsync.server.metadata.database import Database
from dreamsync.server.metadata.sqlite import SqliteMetadata
from dreamsync.server.metadata.store import MetadataStore
from dreamsync.server.service.acks import Acks
from dreamsync.server.service.batches import Batches
from dreamsync.server.service.care import Care
from dreamsync.server.service.clock import Clock, Ids, RandomIds, SystemClock
from dreamsync.server.service.commits import Commits
from dreamsync.server.service.contents import Contents
from dreamsync.server.service.feed import Feed
from dreamsync.server.service.files import Files
from dreamsync.server.service.layout import blobs_folder, database_file
from dreamsync.server.service.spaces import Spaces
from dreamsync.server.service.uploads import Uploads
from dreamsync.server.service.versions import Versions
from dreamsync.server.service.writes import Writes


class SyncService:
    """All calls of the contract. `database` is shared with accounts."""

    def __init__(
        self,
        database: Database,
        metadata: MetadataStore,
        blobs: BlobStore,
        *,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self.database = database
        self._metadata = metadata
        self._blobs = blobs
        self.commits = Commits()
        writes = Writes(metadata, self.commits, clock=clock, ids=ids)
        self.spaces = Spaces(metadata, blobs, clock=clock, ids=ids)
        self.feed = Feed(metadata)
        self.contents = Contents(metadata, blobs)
        self.files = Files(writes, blobs, clock=clock, ids=ids)
        self.batches = Batches(writes, self.contents, blobs, clock=clock, ids=ids)
        self.uploads = Uploads(metadata, writes, blobs, clock=clock, ids=ids)
        self.versions = Versions(metadata)
        self.acks = Acks(metadata, clock=clock)
        self.care = Care(metadata, blobs, self.commits, clock=clock, ids=ids)

    def close(self) -> None:
        self._blobs.close()
        self._metadata.close()


def open_service(
    data_dir: str, *, clock: Clock | None = None, ids: Ids | None = None
) -> SyncService:
    """Open `data_dir`, made if absent, and bring its schema up to date."""
    os.makedirs(data_dir, mode=0o700, exist_ok=True)
    database = Database(database_file(data_dir))
    return SyncService(
        database,
        SqliteMetadata(database),
        FileBlobs(blobs_folder(data_dir)),
        clock=clock or SystemClock(),
        ids=ids or RandomIds(),
    )
