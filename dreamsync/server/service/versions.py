"""Kept versions of a node, and the trash."""

import re
from collections.abc import Collection

from dreamsync.core.nodes import Kind
from dreamsync.server.metadata.records import Node, Revision
from dreamsync.server.metadata.store import MetadataStore, TrashPosition
from dreamsync.server.service.access import reading
from dreamsync.server.service.answers import FileVersion, TrashPage
from dreamsync.server.service.clock import moment
from dreamsync.server.service.errors import Invalid, NotFound
from dreamsync.server.service.requests import Caller
from dreamsync.server.service.views import Views

MOST_TRASH = 5000

_AFTER = re.compile(r"([0-9]{1,18})\.([0-9A-Za-z-]{1,64})", re.ASCII)


class Versions:
    """Kept for the retention after they were superseded; the latest always."""

    def __init__(self, metadata: MetadataStore) -> None:
        self._metadata = metadata

    def of(self, caller: Caller, file_id: str) -> tuple[FileVersion, ...]:
        """Newest first. Raise `NotFound`."""
        with reading(self._metadata, caller.space_id) as reader:
            revisions = reader.revisions(file_id)
            ids = {r.node.content_id for r in revisions if r.node.content_id is not None}
            available = reader.contents(ids).keys()
        if not revisions:
            raise NotFound
        return tuple(
            _file_version(revision, available=_is_available(revision.node, available))
            for revision in revisions
        )

    def trash(self, caller: Caller, after: str | None, limit: int) -> TrashPage:
        """Deleted nodes, the latest first. Raise `Invalid`."""
        if not 1 <= limit <= MOST_TRASH:
            raise Invalid.request(f"limit is 1 to {MOST_TRASH}.")
        position = None if after is None else _parse(after)
        with reading(self._metadata, caller.space_id) as reader:
            nodes = reader.trash(position, limit + 1)
            files = Views(reader.nodes).all_of(nodes[:limit])
        if len(nodes) <= limit:
            return TrashPage(files, None)
        last = nodes[limit - 1]
        return TrashPage(files, f"{last.deleted_ms}.{last.id}")


def _parse(after: str) -> TrashPosition:
    match = _AFTER.fullmatch(after)
    if match is None:
        raise Invalid.cursor()
    return TrashPosition(int(match[1]), match[2])


def _is_available(node: Node, contents: Collection[str]) -> bool:
    return node.kind is Kind.FOLDER or node.content_id in contents


def _file_version(revision: Revision, *, available: bool) -> FileVersion:
    node = revision.node
    return FileVersion(
        version=node.version,
        change=revision.change,
        name=node.name,
        parent_id=node.parent_id or None,
        file_size=node.size,
        checksum=node.checksum,
        digest=node.digest,
        modified_ns=node.modified_ns,
        created_at=moment(node.updated_ms),
        device_id=node.device_id,
        available=available,
    )
