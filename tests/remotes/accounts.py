"""What the stories of the conformance suite need: two devices of one account, and its server."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from dreamsync.core.digest import ContentHasher
from dreamsync.core.nodes import Content, Kind
from dreamsync.remotes.protocol import Deletion, Fetch, Position, Put, Remote
from dreamsync.wire.sync_file import SyncFile

_keys = count(1)


@dataclass(slots=True)
class Account:
    """`first` and `second` are two devices; the rest is what the server's administrator does.

    `backup` answers with what puts the server back to that moment.
    """

    first: Remote
    second: Remote
    purge_tombstones: Callable[[], None]
    backup: Callable[[], Callable[[], None]]


@dataclass(slots=True)
class SentBytes:
    """A `Sent` over bytes in memory; `announced` overrides what is told afterwards."""

    bytes_: bytes
    announced: Content | None = None
    pieces_handed_out: int = field(default=0)

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self.bytes_), 64 * 1024):
            self.pieces_handed_out += 1
            yield self.bytes_[start : start + 64 * 1024]

    @property
    def content(self) -> Content:
        return self.announced or content_of(self.bytes_)


def content_of(content: bytes) -> Content:
    hasher = ContentHasher(len(content))
    hasher.update(content)
    return Content(len(content), hasher.digest, hasher.checksum)


def new_key() -> str:
    return f"test-key-{next(_keys):08d}"


def at(name: str, parent: SyncFile | None = None) -> Position:
    path = name if parent is None else f"{parent.file_name}/{name}"
    return Position(parent.id if parent else None, name, path)


def file_put(position: Position, content: bytes, *, over: SyncFile | None = None) -> Put:
    return Put(
        key=new_key(),
        kind=Kind.FILE,
        position=position,
        remote_id=over.id if over else None,
        base_version=over.version if over else 0,
        content=Content(len(content)),
        modified_ns=1_700_000_000_123_456_789,
    )


def folder_put(position: Position, *, over: SyncFile | None = None) -> Put:
    return replace(file_put(position, b"", over=over), kind=Kind.FOLDER, content=None)


def upload(
    remote: Remote, position: Position, content: bytes, *, over: SyncFile | None = None
) -> SyncFile:
    return remote.upload(file_put(position, content, over=over), SentBytes(content))


def make_folder(remote: Remote, position: Position) -> SyncFile:
    return remote.create_folder(folder_put(position))


def deletion_of(node: SyncFile, *, confirmed: bool = False) -> Deletion:
    return Deletion(new_key(), node.id, node.version, node.file_name, confirmed)


def fetch_of(node: SyncFile) -> Fetch:
    return Fetch(node.id, node.version, Content(node.file_size, node.digest, node.checksum))


def download(remote: Remote, node: SyncFile) -> bytes:
    return b"".join(remote.download(fetch_of(node)))


def feed(remote: Remote, since: str | None = None, *, limit: int = 1000) -> list[SyncFile]:
    """All pages after `since`."""
    files: list[SyncFile] = []
    more, cursor = True, since
    while more:
        page = remote.changes(cursor, limit=limit)
        files += page.files
        cursor, more = page.cursor, page.has_more
    return files


def head(remote: Remote) -> str:
    return remote.status().cursor
