"""Resumable uploads: whole blocks, each verified by its SHA-256, in any order, over days.

An upload reserves its quota when it starts. Blocks that the node's previous content has at the same
index are named again, not copied. Completing combines the verified hashes and re-reads nothing.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Self

from dreamsync.core.digest import block_count, block_size, combine
from dreamsync.core.nodes import Kind
from dreamsync.server.blobs.store import BlobGroup, BlobStore
from dreamsync.server.metadata.records import Block, Content, StoredAnswer, Upload
from dreamsync.server.metadata.store import Changes, MetadataStore, SpaceReader, SpaceWriter
from dreamsync.server.service import rules
from dreamsync.server.service.access import reading, writing
from dreamsync.server.service.answers import Answer, BlockState, UploadState
from dreamsync.server.service.clock import Clock, Ids, moment
from dreamsync.server.service.cursors import Cursor, require_known
from dreamsync.server.service.draft import Draft
from dreamsync.server.service.errors import (
    Incomplete,
    Invalid,
    KeyReused,
    Mismatch,
    NotFound,
    ServiceError,
    TooLarge,
)
from dreamsync.server.service.requests import (
    AnnouncedBlock,
    Caller,
    CompleteRequest,
    Mutation,
    StartUploadRequest,
    UploadRequest,
)
from dreamsync.server.service.upload_requests import request_from_json, request_to_json
from dreamsync.server.service.writes import Writes, check_key, request_hash

LIFETIME_MS = 7 * 24 * 3600 * 1000
MOST_ANNOUNCED = 10_000
MOST_BYTES = 1 << 50

_SHA256 = re.compile(r"[0-9a-f]{64}")
_MD5 = re.compile(r"[0-9a-f]{32}")


class Uploads:
    """An upload belongs to the account that began it; to others it is `NotFound`."""

    def __init__(
        self,
        metadata: MetadataStore,
        writes: Writes,
        blobs: BlobStore,
        *,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._metadata = metadata
        self._writes = writes
        self._blobs = blobs
        self._clock = clock
        self._ids = ids

    def start(self, caller: Caller, mutation: Mutation, request: StartUploadRequest) -> UploadState:
        """Reserve the quota and begin. Raise what the upload itself would be refused with now."""
        check_key(mutation.key)
        if request.file_size > MOST_BYTES:
            raise TooLarge(f"A file has at most {MOST_BYTES} bytes.")
        asked = request_hash(request)
        with writing(self._metadata, caller.space_id) as writer:
            if mutation.cursor is not None:
                require_known(writer, Cursor.parse(mutation.cursor))
            earlier = writer.answer(caller.account_id, mutation.key)
            if earlier is not None:
                return _started_before(writer, earlier, asked)
            upload = self._begin(writer, caller, request)
            self._remember(writer, caller, mutation, asked, upload.id)
        return _state(upload, {})

    def announce(
        self, caller: Caller, upload_id: str, blocks: Sequence[AnnouncedBlock]
    ) -> tuple[BlockState, ...]:
        """Which of the blocks are here already. Raise `Invalid`, `NotFound`."""
        if len(blocks) > MOST_ANNOUNCED:
            raise Invalid.request(f"At most {MOST_ANNOUNCED} blocks at once.")
        with reading(self._metadata, caller.space_id) as reader:
            here, copied = _look_for(reader, _owned(reader, caller, upload_id), blocks)
        if copied:
            # Looked for again: nothing may take them away before they are named once more.
            with writing(self._metadata, caller.space_id) as writer:
                here, copied = _look_for(writer, _owned(writer, caller, upload_id), blocks)
                writer.put_upload_blocks(upload_id, copied)
        return tuple(
            BlockState(block.index, block.sha256, block.size, present=_is_here(here, block))
            for block in blocks
        )

    def receive_block(self, space_id: str, upload_id: str, block: AnnouncedBlock) -> "BlockSink":
        """Where the bytes of a block go; its announcement was signed. Raise `NotFound`."""
        with reading(self._metadata, space_id) as reader:
            upload = reader.upload(upload_id)
        if upload is None:
            raise NotFound
        _check_block(upload, block)
        return BlockSink(self._metadata, self._blobs.group(space_id), space_id, upload_id, block)

    def state(self, caller: Caller, upload_id: str) -> UploadState:
        """Raise `NotFound`."""
        with reading(self._metadata, caller.space_id) as reader:
            upload = _owned(reader, caller, upload_id)
            return _state(upload, reader.upload_blocks(upload_id))

    def complete(
        self, caller: Caller, mutation: Mutation, upload_id: str, request: CompleteRequest
    ) -> Answer:
        """Commit the blocks as the content. Raise `Incomplete`, `Mismatch`, `Conflict`."""
        if request.checksum is not None and _MD5.fullmatch(request.checksum.lower()) is None:
            raise Invalid.request("checksum is an MD5 in hex.")

        def rule(draft: Draft) -> Answer:
            upload = _owned(draft.writer, caller, upload_id)
            content = self._assemble(draft, upload, request)
            draft.close_upload(upload.id, upload.file_size)
            return rules.put_file(draft, _upload_request(upload, request), content)

        return self._writes.one(caller, mutation, (upload_id, request), rule)

    def abandon(self, caller: Caller, upload_id: str) -> None:
        """Raise `NotFound`."""
        with writing(self._metadata, caller.space_id) as writer:
            release(writer, _owned(writer, caller, upload_id))

    def _begin(self, writer: SpaceWriter, caller: Caller, request: StartUploadRequest) -> Upload:
        now_ms = self._clock.now_ms()
        draft = Draft(writer, caller, now_ms=now_ms, ids=self._ids)
        rules.find_target(
            draft, request.file_id, request.place, request.base_version, kind=Kind.FILE
        )
        draft.reserve(request.file_size)
        draft.settle()
        upload = Upload(
            id=self._ids.node_id(),
            account_id=caller.account_id,
            device_id=caller.device_id,
            request=request_to_json(request),
            file_size=request.file_size,
            block_size=block_size(request.file_size),
            created_ms=now_ms,
            expires_ms=now_ms + LIFETIME_MS,
        )
        writer.put_upload(upload)
        return upload

    def _remember(
        self, writer: SpaceWriter, caller: Caller, mutation: Mutation, asked: str, upload_id: str
    ) -> None:
        body = json.dumps({"uploadId": upload_id})
        now_ms = self._clock.now_ms()
        answer = StoredAnswer(caller.account_id, mutation.key, asked, 201, body, now_ms)
        writer.apply(Changes(head=writer.head, answers=[answer]))

    def _assemble(self, draft: Draft, upload: Upload, request: CompleteRequest) -> Content:
        received = draft.writer.upload_blocks(upload.id)
        missing = [i for i in range(block_count(upload.file_size)) if i not in received]
        if missing:
            raise Incomplete(missing)
        if request.file_size not in (None, upload.file_size):
            raise Mismatch.size(announced=upload.file_size, received=request.file_size or 0)
        blocks = tuple(received[index] for index in range(len(received)))
        digest = _digest(blocks)
        if request.digest is not None and request.digest.lower() != digest:
            raise Mismatch.digest()
        checksum = None if request.checksum is None else request.checksum.lower()
        size = upload.file_size
        return Content(
            self._ids.token(), size, checksum, digest, blocks, draft.now_ms, claimed=True
        )


class BlockSink:
    """One block's bytes: stored if they are what was announced."""

    def __init__(
        self,
        metadata: MetadataStore,
        group: BlobGroup,
        space_id: str,
        upload_id: str,
        announced: AnnouncedBlock,
    ) -> None:
        self._metadata = metadata
        self._group = group
        self._blob = group.add()
        self._space_id = space_id
        self._upload_id = upload_id
        self._announced = announced
        self._hash = hashlib.sha256()
        self._seen = 0

    def write(self, piece: bytes | memoryview) -> None:
        """Raise `Mismatch` as soon as more bytes come than were announced."""
        self._seen += len(piece)
        if self._seen > self._announced.size:
            raise self._wrong_size()
        self._hash.update(piece)
        self._blob.write(piece)

    def finish(self) -> None:
        """Make the block durable and note it. Raise `Mismatch`, `NotFound`."""
        if self._seen != self._announced.size:
            raise self._wrong_size()
        if self._hash.hexdigest() != self._announced.sha256:
            raise Mismatch.digest()
        block = Block(self._announced.sha256, self._blob.finish())
        self._group.settle()
        with writing(self._metadata, self._space_id) as writer:
            if writer.upload(self._upload_id) is None:
                raise NotFound
            writer.put_upload_blocks(self._upload_id, {self._announced.index: block})

    def close(self) -> None:
        self._blob.close()
        self._group.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wrong_size(self) -> ServiceError:
        return Mismatch.size(announced=self._announced.size, received=self._seen)


def release(writer: SpaceWriter, upload: Upload) -> None:
    """End an upload without effect; its reservation is free again."""
    head = writer.head
    left = max(0, head.reserved_bytes - upload.file_size)
    writer.drop_upload(upload.id)
    writer.put_head(replace(head, reserved_bytes=left))


def _owned(reader: SpaceReader, caller: Caller, upload_id: str) -> Upload:
    upload = reader.upload(upload_id)
    if upload is None or upload.account_id != caller.account_id:
        raise NotFound
    return upload


def _started_before(reader: SpaceReader, earlier: StoredAnswer, asked: str) -> UploadState:
    if earlier.request_hash != asked:
        raise KeyReused
    upload = reader.upload(json.loads(earlier.body)["uploadId"])
    if upload is None:
        raise NotFound
    return _state(upload, reader.upload_blocks(upload.id))


def _state(upload: Upload, blocks: Mapping[int, Block]) -> UploadState:
    received = {index: block.sha256 for index, block in blocks.items()}
    expires_at = moment(upload.expires_ms)
    return UploadState(upload.id, upload.block_size, upload.file_size, expires_at, received)


def _check_block(upload: Upload, block: AnnouncedBlock) -> None:
    if _SHA256.fullmatch(block.sha256) is None:
        raise Invalid.request("sha256 is 64 hexadecimal digits.")
    left = upload.file_size - block.index * upload.block_size
    if block.index < 0 or left <= 0:
        raise Invalid.request(f"This upload has no block {block.index}.")
    if block.size != min(upload.block_size, left):
        raise Invalid.request(f"Block {block.index} has {min(upload.block_size, left)} bytes.")


def _look_for(
    reader: SpaceReader, upload: Upload, announced: Sequence[AnnouncedBlock]
) -> tuple[Mapping[int, Block], Mapping[int, Block]]:
    """What is here of the announced, and what of it must be named for this upload yet."""
    for block in announced:
        _check_block(upload, block)
    indexes = [block.index for block in announced] or [0]
    received = reader.upload_blocks(upload.id, range(min(indexes), max(indexes) + 1))
    copied = _already_stored(announced, received, _previous_blocks(reader, upload))
    return {**received, **copied}, copied


def _previous_blocks(reader: SpaceReader, upload: Upload) -> Sequence[Block]:
    """The blocks of the node's latest content, where they are cut at the same size."""
    request = request_from_json(upload.request)
    node = None if request.file_id is None else reader.node(request.file_id)
    if request.file_id is None:
        node = rules.live_at(reader, request.place)
    content = None
    if node is not None and node.content_id is not None:
        content = reader.content(node.content_id)
    if content is None or block_size(content.size) != upload.block_size:
        return ()
    return content.blocks


def _already_stored(
    announced: Sequence[AnnouncedBlock],
    received: Mapping[int, Block],
    previous: Sequence[Block],
) -> dict[int, Block]:
    return {
        block.index: previous[block.index]
        for block in announced
        if block.index < len(previous)
        and not _is_here(received, block)
        and previous[block.index].sha256 == block.sha256
        and previous[block.index].at.size == block.size
    }


def _is_here(received: Mapping[int, Block], announced: AnnouncedBlock) -> bool:
    block = received.get(announced.index)
    return block is not None and block.sha256 == announced.sha256


def _upload_request(upload: Upload, request: CompleteRequest) -> UploadRequest:
    begun = request_from_json(upload.request)
    modified_ns = begun.modified_ns if request.modified_ns is None else request.modified_ns
    return UploadRequest(
        place=begun.place,
        file_id=begun.file_id,
        base_version=begun.base_version,
        modified_ns=modified_ns,
        executable=begun.executable,
    )


def _digest(blocks: Sequence[Block]) -> str:
    if len(blocks) == 1:
        return blocks[0].sha256
    if not blocks:
        return hashlib.sha256().hexdigest()
    return combine(bytes.fromhex(block.sha256) for block in blocks)
