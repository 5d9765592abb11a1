"""`DelegatingRemote`: passes every call on to another remote; the base of all decorators.

A decorator overrides the calls that it changes, or `_call`, through which every call goes that may
be made a second time with the same outcome. `upload`, `download` and `hints` do not: their streams
cannot be begun again here.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from dreamsync.remotes.errors import Refused
from dreamsync.remotes.protocol import (
    Block,
    BlockList,
    BlockTicket,
    Capabilities,
    Deletion,
    Fetch,
    KeptVersion,
    Pace,
    Page,
    Position,
    Put,
    PutResult,
    Remote,
    RemoteStatus,
    Sent,
    Source,
    UploadSession,
    unpaced,
)
from dreamsync.wire.sync_file import SyncFile

_Answer = TypeVar("_Answer")


class DelegatingRemote:
    """`inner` is asked for on every call, so that a subclass may choose it late."""

    @property
    def inner(self) -> Remote:
        raise NotImplementedError

    def _call(self, operation: Callable[[], _Answer]) -> _Answer:
        return operation()

    def status(self) -> RemoteStatus:
        return self._call(self.inner.status)

    @property
    def capabilities(self) -> Capabilities:
        return self.inner.capabilities

    def changes(self, since: str | None, *, limit: int = 1000) -> Page:
        return self._call(lambda: self.inner.changes(since, limit=limit))

    def use_cursor(self, cursor: str | None) -> None:
        self.inner.use_cursor(cursor)

    def create_folder(self, put: Put) -> SyncFile:
        return self._call(lambda: self.inner.create_folder(put))

    def upload(self, put: Put, sent: Sent) -> SyncFile:
        return self.inner.upload(put, sent)

    def copy(self, put: Put, source: Source) -> SyncFile:
        return self._call(lambda: self.inner.copy(put, source))

    def upload_batch(self, items: Sequence[tuple[Put, bytes]]) -> Sequence[PutResult]:
        return self._call(lambda: self.inner.upload_batch(items))

    def open_session(self, put: Put) -> UploadSession:
        return self._call(lambda: self.inner.open_session(put))

    def resume_session(self, session_id: str) -> UploadSession:
        return self._call(lambda: self.inner.resume_session(session_id))

    def block_tickets(self, session_id: str, blocks: Sequence[Block]) -> Sequence[BlockTicket]:
        return self._call(lambda: self.inner.block_tickets(session_id, blocks))

    def send_block(
        self, ticket: BlockTicket, block: Block, content: bytes, *, pace: Pace = unpaced
    ) -> None:
        self._call(lambda: self.inner.send_block(ticket, block, content, pace=pace))

    def complete_session(self, session_id: str, put: Put) -> SyncFile:
        return self._call(lambda: self.inner.complete_session(session_id, put))

    def abandon_session(self, session_id: str) -> None:
        self._call(lambda: self.inner.abandon_session(session_id))

    def download(self, fetch: Fetch, *, offset: int = 0, end: int | None = None) -> Iterator[bytes]:
        return self.inner.download(fetch, offset=offset, end=end)

    def download_batch(self, items: Sequence[Fetch]) -> Sequence[bytes | Refused]:
        return self._call(lambda: self.inner.download_batch(items))

    def blocks(self, fetch: Fetch) -> BlockList:
        return self._call(lambda: self.inner.blocks(fetch))

    def move(self, remote_id: str, position: Position, *, base_version: int, key: str) -> SyncFile:
        return self._call(
            lambda: self.inner.move(remote_id, position, base_version=base_version, key=key)
        )

    def set_executable(
        self, remote_id: str, *, executable: bool, base_version: int, key: str
    ) -> SyncFile:
        return self._call(
            lambda: self.inner.set_executable(
                remote_id, executable=executable, base_version=base_version, key=key
            )
        )

    def delete(self, deletion: Deletion) -> SyncFile:
        return self._call(lambda: self.inner.delete(deletion))

    def delete_batch(self, deletions: Sequence[Deletion]) -> Sequence[PutResult]:
        return self._call(lambda: self.inner.delete_batch(deletions))

    def versions(self, remote_id: str) -> Sequence[KeptVersion]:
        return self._call(lambda: self.inner.versions(remote_id))

    def restore(
        self,
        remote_id: str,
        *,
        version: int,
        base_version: int,
        key: str,
        position: Position | None = None,
    ) -> SyncFile:
        return self._call(
            lambda: self.inner.restore(
                remote_id,
                version=version,
                base_version=base_version,
                key=key,
                position=position,
            )
        )

    def trash(self) -> Iterator[SyncFile]:
        return self.inner.trash()

    def current(self, remote_id: str) -> SyncFile:
        return self._call(lambda: self.inner.current(remote_id))

    def hints(self) -> Iterator[str | None]:
        return self.inner.hints()

    def end_hints(self) -> None:
        self.inner.end_hints()

    def ack(self, cursor: str, *, missing: Sequence[str]) -> None:
        self._call(lambda: self.inner.ack(cursor, missing=missing))

    def close(self) -> None:
        self.inner.close()
