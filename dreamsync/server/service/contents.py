"""Content: bytes on their way in, verified as they come; and versions' bytes on their way out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Self

from dreamsync.core.digest import BLOCK, ContentHasher, block_size
from dreamsync.server.blobs.store import BlobGroup, BlobMissing, BlobStore
from dreamsync.server.metadata.records import BlobRange, Block, Content, Node
from dreamsync.server.metadata.store import MetadataStore, SpaceReader
from dreamsync.server.service.access import reading
from dreamsync.server.service.answers import BlockList, StoredContent
from dreamsync.server.service.errors import Mismatch, NotFound, TooLarge
from dreamsync.server.service.requests import Caller, UploadRequest
from dreamsync.server.service.views import mime_type


class Inflow:
    """The bytes of one content of at most one block, hashed and stored as they come."""

    def __init__(self, group: BlobGroup) -> None:
        self._hasher = ContentHasher(0)
        self._blob = group.add()

    def write(self, piece: bytes | memoryview) -> None:
        """Raise `TooLarge` past the limit of a single upload."""
        if self._hasher.bytes_seen + len(piece) > BLOCK:
            raise TooLarge(f"A single upload has at most {BLOCK} bytes.")
        self._hasher.update(piece)
        self._blob.write(piece)

    def close(self) -> None:
        self._blob.close()

    @property
    def digest(self) -> str:
        return self._hasher.digest

    @property
    def bytes_seen(self) -> int:
        return self._hasher.bytes_seen

    def finish(self, request: UploadRequest, *, content_id: str, now_ms: int) -> Content:
        """The content, if it is what the request announces; else raise `Mismatch`."""
        _verify(self._hasher, request)
        size = self._hasher.bytes_seen
        blocks = (Block(self._hasher.digest, self._blob.finish()),) if size else ()
        checksum, digest = self._hasher.checksum, self._hasher.digest
        return Content(content_id, size, checksum, digest, blocks, now_ms)


class ContentSink:
    """The bytes of one upload. Closing it drops what no upload took."""

    def __init__(self, group: BlobGroup) -> None:
        self._group = group
        self._inflow = Inflow(group)

    def write(self, piece: bytes | memoryview) -> None:
        """Raise `TooLarge` past the limit of a single upload."""
        self._inflow.write(piece)

    def settle(self, request: UploadRequest, *, content_id: str, now_ms: int) -> Content:
        """The content, verified and durable. Raise `Mismatch`."""
        content = self._inflow.finish(request, content_id=content_id, now_ms=now_ms)
        self._group.settle()
        return content

    def close(self) -> None:
        self._inflow.close()
        self._group.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class OpenContent:
    """A content's bytes, read by ranges across its blocks."""

    def __init__(self, metadata: MetadataStore, blobs: BlobStore, space_id: str, content: Content):
        self._metadata = metadata
        self._blobs = blobs
        self._space_id = space_id
        self._content = content

    @property
    def content_id(self) -> str:
        return self._content.id

    @property
    def size(self) -> int:
        return self._content.size

    def read(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` to `end` (exclusive) in pieces of at most a MiB.

        Raise `NotFound` where the content is purged meanwhile.
        """
        stop = self.size if end is None else min(end, self.size)
        before = 0
        for index, block in enumerate(self._content.blocks):
            after = before + block.at.size
            if before < stop and after > start:
                first, last = max(start, before) - before, min(stop, after) - before
                yield from self._read_block(index, block.at, first, last)
            before = after

    def _read_block(self, index: int, at: BlobRange, start: int, end: int) -> Iterator[bytes]:
        try:
            return self._blobs.read(at, start, end)
        except BlobMissing:
            # Packs are rewritten by `care`; the metadata names the new place.
            self._content = _require_content(self._metadata, self._space_id, self._content.id)
            try:
                return self._blobs.read(self._content.blocks[index].at, start, end)
            except BlobMissing as error:
                raise NotFound from error


class Contents:
    """What is in a version, and its bytes."""

    def __init__(self, metadata: MetadataStore, blobs: BlobStore) -> None:
        self._metadata = metadata
        self._blobs = blobs

    def describe(self, caller: Caller, file_id: str, version: int | None = None) -> StoredContent:
        """The latest version's content, or a kept one's. Raise `NotFound`, for folders too."""
        with reading(self._metadata, caller.space_id) as reader:
            node = _version(reader, file_id, version)
            return _stored(node, _content_of(reader, node))

    def open_all(
        self, caller: Caller, wanted: Sequence[tuple[str, int | None]]
    ) -> Sequence[tuple[StoredContent, OpenContent] | None]:
        """For batches: described and opened in one look at the metadata; None for what is not."""
        with reading(self._metadata, caller.space_id) as reader:
            latest = reader.nodes(file_id for file_id, _ in wanted)
            nodes = [_at(reader, latest.get(file_id), version) for file_id, version in wanted]
            contents = reader.contents(
                node.content_id for node in nodes if node is not None and node.content_id
            )
        return [self._opened(caller.space_id, node, contents) for node in nodes]

    def _opened(
        self, space_id: str, node: Node | None, contents: Mapping[str, Content]
    ) -> tuple[StoredContent, OpenContent] | None:
        content = contents.get(node.content_id or "") if node is not None else None
        if node is None or content is None:
            return None
        opened = OpenContent(self._metadata, self._blobs, space_id, content)
        return _stored(node, content), opened

    def blocks(self, caller: Caller, file_id: str, version: int | None = None) -> BlockList:
        """Raise `NotFound`."""
        with reading(self._metadata, caller.space_id) as reader:
            content = _content_of(reader, _version(reader, file_id, version))
        hashes = tuple(block.sha256 for block in content.blocks)
        return BlockList(block_size(content.size), hashes, content.size, content.digest)

    def open(self, space_id: str, content_id: str) -> OpenContent:
        """For presigned URLs, which name the content. Raise `NotFound` once it is purged."""
        content = _require_content(self._metadata, space_id, content_id)
        return OpenContent(self._metadata, self._blobs, space_id, content)


def _verify(hasher: ContentHasher, request: UploadRequest) -> None:
    if request.file_size not in (None, hasher.bytes_seen):
        raise Mismatch.size(announced=request.file_size or 0, received=hasher.bytes_seen)
    if request.checksum is not None and request.checksum.lower() != hasher.checksum:
        raise Mismatch.checksum()
    if request.digest is not None and request.digest.lower() != hasher.digest:
        raise Mismatch.digest()


def _version(reader: SpaceReader, file_id: str, version: int | None) -> Node:
    node = _at(reader, reader.node(file_id), version)
    if node is None:
        raise NotFound
    return node


def _at(reader: SpaceReader, latest: Node | None, version: int | None) -> Node | None:
    """The node as it was at `version`; None stands for the latest."""
    if latest is None or version in (None, latest.version):
        return latest
    revision = reader.revision(latest.id, version or 0)
    return None if revision is None else revision.node


def _content_of(reader: SpaceReader, node: Node) -> Content:
    content = None if node.content_id is None else reader.content(node.content_id)
    if content is None:
        raise NotFound
    return content


def _stored(node: Node, content: Content) -> StoredContent:
    return StoredContent(
        file_id=node.id,
        version=node.version,
        content_id=content.id,
        name=node.name,
        mime_type=mime_type(node.name),
        file_size=content.size,
        checksum=content.checksum,
        digest=content.digest,
    )


def _require_content(metadata: MetadataStore, space_id: str, content_id: str) -> Content:
    with reading(metadata, space_id) as reader:
        content = reader.content(content_id)
    if content is None:
        raise NotFound
    return content
