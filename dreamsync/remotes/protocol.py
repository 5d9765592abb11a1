"""The `Remote` protocol: everything the engine asks of a server.

Each call blocks and may be made from several threads at once. Each raises `RemoteError` and nothing
else. A remote decides nothing: it neither retries a mutation under a new key nor resolves a
conflict. `docs/protocol.md` is the contract that the methods stand for.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from dreamsync.core.nodes import Content, Kind
from dreamsync.remotes.errors import Refused
from dreamsync.wire.sync_file import SyncFile


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What this server offers. The defaults are the least a plain server has.

    `storage_hosts` (host:port) are the only hosts that a presigned URL may point to, besides the
    server itself. `upload_limit` is the largest content, in bytes, that one `upload` takes; larger
    goes through an upload session where `sessions`.
    """

    digest: bool = False
    parents: bool = False
    folders: bool = False
    patch: bool = False
    versions: bool = False
    trash: bool = False
    events: bool = False
    blocks: bool = False
    acks: bool = False
    confirm: bool = False
    copies: bool = False
    sessions: bool = False
    batch_items: int = 0
    batch_bytes: int = 0
    upload_limit: int | None = None
    retention_days: int = 0
    storage_hosts: frozenset[str] = frozenset()

    @property
    def batches(self) -> bool:
        return self.batch_items > 0


@dataclass(frozen=True, slots=True)
class RemoteStatus:
    """`cursor` is the head of the feed; `server_time` by the server's clock; quota in bytes."""

    cursor: str
    server_time: datetime | None
    capabilities: Capabilities
    space_id: str
    quota_used: int = 0
    quota_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the feed. A page and its cursor are committed together or not at all."""

    files: tuple[SyncFile, ...]
    cursor: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class Position:
    """Where a node is on the server: `parent_id` None is the root; `path` is the same, in full.

    A server with parents goes by `parent_id` and `name`, a plain one by `path`.
    """

    parent_id: str | None
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Put:
    """A node to create, change or revive. `key` is the idempotency key.

    `remote_id` and `base_version` name the node to change; without them it must not exist.
    `content.size` must be the number of bytes that follow; digest and checksum may be unknown
    until the bytes have been sent.
    """

    key: str
    kind: Kind
    position: Position
    remote_id: str | None = None
    base_version: int = 0
    content: Content | None = None
    modified_ns: int = 0
    executable: bool | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A node at a version that this account may read: where content can be copied from."""

    remote_id: str
    version: int


@dataclass(frozen=True, slots=True)
class Deletion:
    """One node to delete; `confirmed` carries a person's answer to a hold."""

    key: str
    remote_id: str
    base_version: int
    path: str
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Fetch:
    """One node's content at `version` to download; `content` is what the feed announced."""

    remote_id: str
    version: int
    content: Content


PutResult = SyncFile | Refused
"""What became of one item of a batch; an item's failure is a value and touches no other item."""


class Sent(Protocol):
    """The bytes of one upload: an iterator of pieces; once exhausted it knows the content."""

    def __iter__(self) -> Iterator[bytes]: ...

    @property
    def content(self) -> Content:
        """Size, digest and checksum of the bytes that were handed out."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a large file: its place, the SHA-256 of its bytes in hex, and their number."""

    index: int
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class UploadSession:
    """A resumable upload: what the server has so far is `received` (index to SHA-256)."""

    id: str
    block_size: int
    received: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BlockTicket:
    """Where to send a block; `url` None means that the server has it already."""

    index: int
    url: str | None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class BlockList:
    block_size: int
    sha256: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """One row of a node's history, newest first where listed; `parent_id` None is the root."""

    version: int
    change: str
    parent_id: str | None
    name: str
    size: int
    digest: str | None
    checksum: str | None
    created_at: datetime | None
    device_id: str | None
    device_name: str | None
    available: bool


Pace = Callable[[Iterable[bytes]], Iterator[bytes]]
"""Gives the pieces it is given, or smaller ones, when they may go."""


def unpaced(pieces: Iterable[bytes]) -> Iterator[bytes]:
    return iter(pieces)


class Remote(Protocol):
    """One space of one account on one server, as one device."""

    def status(self) -> RemoteStatus:
        """Also refreshes what `capabilities` answers."""

    @property
    def capabilities(self) -> Capabilities:
        """As of the last `status`; the least capabilities before the first."""

    def changes(self, since: str | None, *, limit: int = 1000) -> Page:
        """The feed after `since`, or from zero. Raises `CursorExpired`, `HistoryReplaced`."""

    def use_cursor(self, cursor: str | None) -> None:
        """The cursor that mutations carry, so that a restored server refuses them."""

    def create_folder(self, put: Put) -> SyncFile: ...

    def upload(self, put: Put, sent: Sent) -> SyncFile:
        """Stream `sent`; digest and checksum follow the bytes. Raises `ContentMismatch`."""

    def copy(self, put: Put, source: Source) -> SyncFile:
        """As `upload`, with the bytes of `source`, which the server has: `put.content` is complete
        and must be theirs. Raises `NotFound` where the source is not there (any more), and
        `ContentMismatch` where it has another content."""

    def upload_batch(self, items: Sequence[tuple[Put, bytes]]) -> Sequence[PutResult]:
        """At most `batch_items` and `batch_bytes`, folders too; a result for each, in order."""

    def open_session(self, put: Put) -> UploadSession: ...

    def resume_session(self, session_id: str) -> UploadSession:
        """Raises `NotFound` where the server no longer has it."""

    def block_tickets(self, session_id: str, blocks: Sequence[Block]) -> Sequence[BlockTicket]: ...

    def send_block(
        self, ticket: BlockTicket, block: Block, content: bytes, *, pace: Pace = unpaced
    ) -> None:
        """The block's bytes leave piece by piece, when `pace` gives them."""

    def complete_session(self, session_id: str, put: Put) -> SyncFile:
        """`put.content` is complete here. Raises `Conflict` as `upload` does."""

    def abandon_session(self, session_id: str) -> None: ...

    def download(self, fetch: Fetch, *, offset: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `offset` to `end`, or to the last; a short body is `Unreachable`. The
        caller verifies them."""

    def download_batch(self, items: Sequence[Fetch]) -> Sequence[bytes | Refused]:
        """Whole contents, a result for each in order; `TooLarge` for those past the limit."""

    def blocks(self, fetch: Fetch) -> BlockList: ...

    def move(
        self, remote_id: str, position: Position, *, base_version: int, key: str
    ) -> SyncFile: ...

    def set_executable(
        self, remote_id: str, *, executable: bool, base_version: int, key: str
    ) -> SyncFile: ...

    def delete(self, deletion: Deletion) -> SyncFile:
        """The tombstone. A plain server's tombstone is made up from the request."""

    def delete_batch(self, deletions: Sequence[Deletion]) -> Sequence[PutResult]:
        """In the order given (deepest first); a result for each."""

    def versions(self, remote_id: str) -> Sequence[KeptVersion]: ...

    def restore(
        self,
        remote_id: str,
        *,
        version: int,
        base_version: int,
        key: str,
        position: Position | None = None,
    ) -> SyncFile: ...

    def trash(self) -> Iterator[SyncFile]: ...

    def current(self, remote_id: str) -> SyncFile:
        """The node now, tombstones too. Raises `NotFound`."""

    def hints(self) -> Iterator[str | None]:
        """Block on push: a cursor after each commit; None now and then, so that the caller can
        look whether to go on. Ends, or raises `RemoteError`, when the stream does."""

    def end_hints(self) -> None:
        """End the streams of `hints` that are open now, from another thread."""

    def ack(self, cursor: str, *, missing: Sequence[str]) -> None: ...

    def close(self) -> None: ...
