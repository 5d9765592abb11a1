"""`MemoryRemote`: the `Remote` of one device of a `MemoryServer`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dreamsync.core.nodes import Kind
from dreamsync.remotes.errors import Refused, TooLarge
from dreamsync.remotes.memory import uploads
from dreamsync.remotes.memory.copying import copy_content
from dreamsync.remotes.memory.server import MemoryServer
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
    RemoteStatus,
    Sent,
    Source,
    UploadSession,
    unpaced,
)
from dreamsync.wire.sync_file import SyncFile

_PIECE = 64 * 1024


class MemoryRemote:
    """Raises `SignedOut` everywhere once the server has revoked the device.

    `hints` blocks for `hint_wait_s` at most before it yields None.
    """

    def __init__(
        self,
        server: MemoryServer,
        device_id: str,
        *,
        device_name: str | None = None,
        hint_wait_s: float = 20.0,
    ) -> None:
        self._memory = server
        self._device_id = device_id
        self._hint_wait_s = hint_wait_s
        self._cursor: str | None = None
        self._capabilities = Capabilities()
        self._closed = False
        self._times_ended = 0
        server.device_names[device_id] = device_name or device_id

    @property
    def _server(self) -> MemoryServer:
        self._memory.ensure_signed_in(self._device_id)
        return self._memory

    def status(self) -> RemoteStatus:
        status = self._server.status()
        self._capabilities = status.capabilities
        return status

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def changes(self, since: str | None, *, limit: int = 1000) -> Page:
        return self._server.changes(since, limit)

    def use_cursor(self, cursor: str | None) -> None:
        self._cursor = cursor

    def create_folder(self, put: Put) -> SyncFile:
        return self._server.put(put, None, device_id=self._device_id, cursor=self._cursor)

    def upload(self, put: Put, sent: Sent) -> SyncFile:
        server = self._server
        content = b"".join(sent)
        if len(content) > (server.capabilities.upload_limit or len(content)):
            raise TooLarge("this file must be sent in blocks")
        described = replace(put, content=sent.content)
        return server.put(described, content, device_id=self._device_id, cursor=self._cursor)

    def copy(self, put: Put, source: Source) -> SyncFile:
        server = self._server
        return copy_content(server, put, source, device_id=self._device_id, cursor=self._cursor)

    def upload_batch(self, items: Sequence[tuple[Put, bytes]]) -> Sequence[PutResult]:
        return self._server.put_batch(
            [(put, content if put.kind is Kind.FILE else None) for put, content in items],
            device_id=self._device_id,
            cursor=self._cursor,
        )

    def open_session(self, put: Put) -> UploadSession:
        return uploads.open_upload(self._server, put, cursor=self._cursor)

    def resume_session(self, session_id: str) -> UploadSession:
        return uploads.resume_upload(self._server, session_id)

    def block_tickets(self, session_id: str, blocks: Sequence[Block]) -> Sequence[BlockTicket]:
        return uploads.block_tickets(self._server, session_id, blocks)

    def send_block(
        self, ticket: BlockTicket, block: Block, content: bytes, *, pace: Pace = unpaced
    ) -> None:
        uploads.receive_block(self._server, ticket, block, b"".join(pace([content])))

    def complete_session(self, session_id: str, put: Put) -> SyncFile:
        return uploads.complete_upload(
            self._server, session_id, put, device_id=self._device_id, cursor=self._cursor
        )

    def abandon_session(self, session_id: str) -> None:
        uploads.abandon_upload(self._server, session_id)

    def download(self, fetch: Fetch, *, offset: int = 0, end: int | None = None) -> Iterator[bytes]:
        content = uploads.content_of(self._server, fetch)[:end]
        for start in range(offset, len(content), _PIECE):
            yield content[start : start + _PIECE]

    def download_batch(self, items: Sequence[Fetch]) -> Sequence[bytes | Refused]:
        server, left = self._server, self._memory.capabilities.batch_bytes
        results: list[bytes | Refused] = []
        for fetch in items:
            result = _content_or_refusal(server, fetch, left)
            left -= len(result) if isinstance(result, bytes) else 0
            results.append(result)
        return results

    def blocks(self, fetch: Fetch) -> BlockList:
        return uploads.block_list(self._server, fetch)

    def move(self, remote_id: str, position: Position, *, base_version: int, key: str) -> SyncFile:
        return self._server.move(
            remote_id,
            position,
            base_version=base_version,
            key=key,
            device_id=self._device_id,
            cursor=self._cursor,
        )

    def set_executable(
        self, remote_id: str, *, executable: bool, base_version: int, key: str
    ) -> SyncFile:
        return self._server.set_executable(
            remote_id,
            executable=executable,
            base_version=base_version,
            key=key,
            device_id=self._device_id,
            cursor=self._cursor,
        )

    def delete(self, deletion: Deletion) -> SyncFile:
        return self._server.delete(deletion, device_id=self._device_id, cursor=self._cursor)

    def delete_batch(self, deletions: Sequence[Deletion]) -> Sequence[PutResult]:
        return self._server.delete_batch(deletions, device_id=self._device_id, cursor=self._cursor)

    def versions(self, remote_id: str) -> Sequence[KeptVersion]:
        server = self._server
        with server.changed:
            server.node(remote_id)
            kept = reversed(server.space.revisions[remote_id])
            return [_kept_version(server, revision.node, revision.change) for revision in kept]

    def restore(
        self,
        remote_id: str,
        *,
        version: int,
        base_version: int,
        key: str,
        position: Position | None = None,
    ) -> SyncFile:
        return self._server.restore(
            remote_id,
            version=version,
            base_version=base_version,
            position=position,
            key=key,
            device_id=self._device_id,
            cursor=self._cursor,
        )

    def trash(self) -> Iterator[SyncFile]:
        server = self._server
        with server.changed:
            nodes = [server.space.nodes[node_id] for node_id in reversed(server.space.feed)]
            return iter([server.space.answered(node) for node in nodes if node.deleted])

    def current(self, remote_id: str) -> SyncFile:
        return self._server.node(remote_id)

    def hints(self) -> Iterator[str | None]:
        told: str | None = None
        times_ended = self._times_ended
        while not self._closed and self._times_ended == times_ended:
            with self._memory.changed:
                if told == self._server.cursor:
                    self._memory.changed.wait(self._hint_wait_s)
                cursor = self._server.cursor
            yield cursor if cursor != told else None
            told = cursor

    def end_hints(self) -> None:
        with self._memory.changed:
            self._times_ended += 1
            self._memory.changed.notify_all()

    def ack(self, cursor: str, *, missing: Sequence[str]) -> None:
        server = self._server
        with server.changed:
            server.space.acks[self._device_id] = (cursor, tuple(missing))

    def close(self) -> None:
        self._closed = True
        with self._memory.changed:
            self._memory.changed.notify_all()


def _content_or_refusal(server: MemoryServer, fetch: Fetch, left: int) -> bytes | Refused:
    try:
        content = uploads.content_of(server, fetch)
    except Refused as refusal:
        return refusal
    return content if len(content) <= left else TooLarge("past the batch's limit")


def _kept_version(server: MemoryServer, node: SyncFile, change: str) -> KeptVersion:
    return KeptVersion(
        version=node.version,
        change=change,
        parent_id=node.parent_id,
        name=node.name,
        size=node.file_size,
        digest=node.digest,
        checksum=node.checksum,
        created_at=node.updated_at,
        device_id=node.device_id,
        device_name=server.device_names.get(node.device_id or ""),
        available=node.kind is Kind.FOLDER or node.digest in server.space.blobs,
    )
