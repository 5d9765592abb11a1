"""The rows of the metadata as frozen dataclasses. Times are `_ms` since the epoch, UTC.

A *content* is immutable bytes that revisions of one space name: an ordered list of blocks, each a
range of a blob object. A *commit* covers a run of sequence numbers, one for each node it changed.
"""

from dataclasses import dataclass
from enum import Enum

from dreamsync.core.nodes import Kind

ROOT_ID = ""
"""The parent of topmost nodes as stored. Not NULL: uniqueness of (parent, name) must hold there."""


class Change(Enum):
    """What a revision did to its node."""

    CREATED = "created"
    CONTENT = "content"
    MOVED = "moved"
    EXECUTABLE = "executable"
    DELETED = "deleted"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Node:
    """The latest state of a node; a tombstone where `deleted_ms` is set."""

    id: str
    parent_id: str
    name: str
    kind: Kind
    version: int
    sequence: int
    size: int
    checksum: str | None
    digest: str | None
    content_id: str | None
    executable: bool | None
    modified_ns: int | None
    device_id: str
    created_ms: int
    updated_ms: int
    deleted_ms: int | None = None
    confirmed: bool = False

    @property
    def deleted(self) -> bool:
        return self.deleted_ms is not None


@dataclass(frozen=True, slots=True)
class Revision:
    """The whole state of a node after one change, and who made it."""

    node: Node
    change: Change
    commit_id: str


@dataclass(frozen=True, slots=True)
class BlobRange:
    """`size` bytes of a blob object, from `offset`."""

    object: str
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a content; `sha256` in hex."""

    sha256: str
    at: BlobRange


@dataclass(frozen=True, slots=True)
class Content:
    """Immutable bytes. `claimed`: the checksum is the client's word, not yet confirmed."""

    id: str
    size: int
    checksum: str | None
    digest: str
    blocks: tuple[Block, ...]
    created_ms: int
    claimed: bool = False


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: it issued the sequence numbers `first` to `last`."""

    id: str
    first: int
    last: int
    account_id: str
    device_id: str
    created_ms: int


@dataclass(frozen=True, slots=True)
class Head:
    """The head row of a space, which serialises its writes and issues the sequence.

    `sequence` and `commit_id` name the latest commit. Tombstones with a sequence up to
    `purged_through` may be gone. `stored_bytes` is the size of all contents, `reserved_bytes` that
    of unfinished uploads; together they stay within `quota_limit` (None: no limit).
    """

    space_id: str
    name: str
    sequence: int
    commit_id: str
    purged_through: int = 0
    stored_bytes: int = 0
    reserved_bytes: int = 0
    quota_limit: int | None = None

    @property
    def used_bytes(self) -> int:
        return self.stored_bytes + self.reserved_bytes


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The answer to a mutation, kept for its `Idempotency-Key`; `body` is the SyncFile's JSON."""

    account_id: str
    key: str
    request_hash: str
    status: int
    body: str
    created_ms: int


@dataclass(frozen=True, slots=True)
class Upload:
    """A resumable upload under way. `request` is the start request's JSON."""

    id: str
    account_id: str
    device_id: str
    request: str
    file_size: int
    block_size: int
    created_ms: int
    expires_ms: int


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """How far a device says it is."""

    device_id: str
    sequence: int
    missing: tuple[str, ...]
    updated_ms: int
