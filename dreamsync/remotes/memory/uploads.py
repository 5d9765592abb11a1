"""Upload sessions of the reference server: whole blocks, verified one by one, then one commit."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from dreamsync.core.digest import block_count, block_size
from dreamsync.core.nodes import Content
from dreamsync.remotes.errors import ContentMismatch, Incomplete, InvalidRequest, NotFound
from dreamsync.remotes.memory.checks import ensure_acceptable
from dreamsync.remotes.memory.feed import ensure_known
from dreamsync.remotes.memory.server import MemoryServer
from dreamsync.remotes.memory.space import Upload
from dreamsync.remotes.protocol import (
    Block,
    BlockList,
    BlockTicket,
    Fetch,
    Put,
    UploadSession,
)
from dreamsync.wire.sync_file import SyncFile

_SCHEME = "memory:"


def open_upload(server: MemoryServer, put: Put, *, cursor: str | None) -> UploadSession:
    """Refused with what the upload itself would be refused with now."""
    if put.content is None:
        raise InvalidRequest("a session needs the size of what will be sent")
    with server.changed:
        ensure_known(server.space, cursor)
        ensure_acceptable(server.space, put)
        server.ensure_quota(put.content.size)
        upload_id = server.new_id()
        server.space.uploads[upload_id] = Upload(put, block_size(put.content.size))
        return resume_upload(server, upload_id)


def resume_upload(server: MemoryServer, upload_id: str) -> UploadSession:
    with server.changed:
        upload = _upload(server, upload_id)
        received = {index: _sha256(block) for index, block in sorted(upload.blocks.items())}
        return UploadSession(upload_id, upload.block_size, received)


def block_tickets(
    server: MemoryServer, upload_id: str, blocks: Sequence[Block]
) -> Sequence[BlockTicket]:
    with server.changed:
        upload = _upload(server, upload_id)
        return [_ticket(server, upload_id, upload, block) for block in blocks]


def _ticket(server: MemoryServer, upload_id: str, upload: Upload, block: Block) -> BlockTicket:
    _check_size(upload, block)
    has = upload.blocks.get(block.index)
    if has is None or _sha256(has) != block.sha256:
        has = _block_before(server, upload, block)
    if has is None:
        return BlockTicket(block.index, f"{_SCHEME}{upload_id}")
    upload.blocks[block.index] = has
    return BlockTicket(block.index, None)


def _check_size(upload: Upload, block: Block) -> None:
    whole = upload.put.content.size if upload.put.content else 0
    size = min(upload.block_size, whole - block.index * upload.block_size)
    if block.size != size:
        raise InvalidRequest(f"block {block.index} has {max(size, 0)} bytes")


def _block_before(server: MemoryServer, upload: Upload, block: Block) -> bytes | None:
    """The same block of the content that is to be replaced, if it is unchanged there."""
    space, put = server.space, upload.put
    names = space.children.get(put.position.parent_id, {})
    node = space.nodes.get(put.remote_id or names.get(put.position.name, ""))
    content = space.blobs.get(node.digest or "") if node else None
    if content is None:
        return None
    start = block.index * upload.block_size
    before = content[start : start + upload.block_size]
    return before if _sha256(before) == block.sha256 else None


def receive_block(server: MemoryServer, ticket: BlockTicket, block: Block, content: bytes) -> None:
    """What storage does: it takes only bytes of the size and SHA-256 that were signed."""
    with server.changed:
        upload = _upload(server, (ticket.url or "").removeprefix(_SCHEME))
        if len(content) != block.size or _sha256(content) != block.sha256:
            raise ContentMismatch("the block that arrived is not the one that was announced")
        upload.blocks[block.index] = content


def complete_upload(
    server: MemoryServer, upload_id: str, put: Put, *, device_id: str, cursor: str | None
) -> SyncFile:
    """Under the name, and over the version, that the session was opened with."""
    with server.changed:
        answer = server.space.answers.get(put.key)
        if answer is not None:
            return answer.node
        upload = _upload(server, upload_id)
        size = put.content.size if put.content else 0
        missing = sorted(set(range(block_count(size))) - upload.blocks.keys())
        if missing:
            raise Incomplete(tuple(missing))
        content = b"".join(block for _, block in sorted(upload.blocks.items()))
        begun = replace(upload.put, key=put.key, content=put.content, modified_ns=put.modified_ns)
        node = server.put(begun, content, device_id=device_id, cursor=cursor)
        del server.space.uploads[upload_id]
        return node


def abandon_upload(server: MemoryServer, upload_id: str) -> None:
    with server.changed:
        server.space.uploads.pop(upload_id, None)


def block_list(server: MemoryServer, fetch: Fetch) -> BlockList:
    content = content_of(server, fetch)
    block = block_size(len(content))
    starts = range(0, len(content), block)
    return BlockList(block, tuple(_sha256(content[start : start + block]) for start in starts))


def content_of(server: MemoryServer, fetch: Fetch) -> bytes:
    """One version's bytes. Raise `NotFound` for a version that never was or is no longer kept."""
    with server.changed:
        kept = server.space.revisions.get(fetch.remote_id, [])
        if not 1 <= fetch.version <= len(kept):
            raise NotFound("the server has no such version")
        digest = kept[fetch.version - 1].node.digest
        if digest is None or digest not in server.space.blobs:
            raise NotFound("the server does not keep this version's content")
        content = server.space.blobs[digest]
    if fetch.content.equals(Content(len(content), digest)) is False:
        raise ContentMismatch("the server has other content at this version than it announced")
    return content


def _upload(server: MemoryServer, upload_id: str) -> Upload:
    upload = server.space.uploads.get(upload_id)
    if upload is None:
        raise NotFound("the server does not have this upload any more")
    return upload


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
