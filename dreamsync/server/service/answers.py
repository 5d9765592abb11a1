"""What the service answers, as frozen dataclasses. Times are datetimes in UTC."""

from dataclasses import dataclass
from datetime import datetime

from dreamsync.server.metadata.records import Change
from dreamsync.server.service.errors import ServiceError
from dreamsync.wire.sync_file import SyncFile


@dataclass(frozen=True, slots=True)
class Answer:
    """The effect of one mutation: the HTTP status (200 or 201) and the node after it."""

    status: int
    file: SyncFile


@dataclass(frozen=True, slots=True)
class Refused:
    """One item of a batch had no effect, and why."""

    error: ServiceError


BatchResult = Answer | Refused


@dataclass(frozen=True, slots=True)
class Quota:
    """Bytes. `used` counts what is live, in the trash, kept as versions, and reserved."""

    used: int
    limit: int | None


@dataclass(frozen=True, slots=True)
class SpaceStatus:
    space_id: str
    name: str
    cursor: str
    quota: Quota


@dataclass(frozen=True, slots=True)
class FeedPage:
    files: tuple[SyncFile, ...]
    cursor: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class StoredContent:
    """One version's content, ready to be presigned by `content_id`."""

    file_id: str
    version: int
    content_id: str
    name: str
    mime_type: str
    file_size: int
    checksum: str | None
    digest: str


@dataclass(frozen=True, slots=True)
class BlockList:
    """The hex SHA-256 of each block, in order."""

    block_size: int
    blocks: tuple[str, ...]
    file_size: int
    digest: str


@dataclass(frozen=True, slots=True)
class UploadState:
    """A resumable upload; `received` maps block index to hex SHA-256."""

    upload_id: str
    block_size: int
    file_size: int
    expires_at: datetime
    received: dict[int, str]


@dataclass(frozen=True, slots=True)
class BlockState:
    """An announced block: already here, or wanted (the HTTP layer then signs a URL for it)."""

    index: int
    sha256: str
    size: int
    present: bool


@dataclass(frozen=True, slots=True)
class FileVersion:
    """One revision of a node. `available`: its content can still be had."""

    version: int
    change: Change
    name: str
    parent_id: str | None
    file_size: int
    checksum: str | None
    digest: str | None
    modified_ns: int | None
    created_at: datetime
    device_id: str
    available: bool


@dataclass(frozen=True, slots=True)
class TrashPage:
    """Deleted nodes, latest first; `next` is passed as `after`."""

    items: tuple[SyncFile, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """How far one device is: whether it has seen everything up to the head, and what it lacks."""

    device_id: str
    at_head: bool
    missing: tuple[str, ...]
    updated_at: datetime
