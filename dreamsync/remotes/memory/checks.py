"""What is checked before anything changes: compare-and-swap, positions, the bytes themselves."""

from dreamsync.core.digest import ContentHasher
from dreamsync.core.names import wire_name_problem
from dreamsync.core.nodes import Content, Kind
from dreamsync.remotes.errors import (
    Conflict,
    ConflictCode,
    ContentMismatch,
    InvalidRequest,
    NotFound,
)
from dreamsync.remotes.memory.space import Space
from dreamsync.remotes.protocol import Put
from dreamsync.wire.sync_file import SyncFile

MOST_DEPTH = 100


def target(space: Space, put: Put) -> SyncFile | None:
    """The node that `put` means, at its base version; None where it shall be created."""
    if put.remote_id is not None:
        return at(space, put.remote_id, put.base_version)
    there = space.children.get(put.position.parent_id, {}).get(put.position.name)
    if there is None:
        if put.base_version:
            raise Conflict(ConflictCode.STALE)
        return None
    if put.base_version == 0 or space.nodes[there].kind is not put.kind:
        raise Conflict(ConflictCode.NAME_TAKEN, space.answered(space.nodes[there]))
    return at(space, there, put.base_version)


def ensure_acceptable(space: Space, put: Put) -> None:
    """Raise what `put` would be refused with now, whatever its bytes are."""
    node = target(space, put)
    if node is None or node.deleted:
        position = put.position
        node_id = node.id if node else None
        ensure_free(space, position.parent_id, position.name, node_id=node_id)


def at(space: Space, node_id: str, base_version: int) -> SyncFile:
    """The node, live or a tombstone, if it still is at `base_version`."""
    node = space.nodes.get(node_id)
    if node is None:
        raise NotFound("the server has no such file")
    if node.version != base_version:
        raise Conflict(ConflictCode.STALE, space.answered(node))
    return node


def live_at(space: Space, node_id: str, base_version: int) -> SyncFile:
    node = at(space, node_id, base_version)
    if node.deleted:
        raise Conflict(ConflictCode.STALE, space.answered(node))
    return node


def ensure_free(space: Space, parent_id: str | None, name: str, *, node_id: str | None) -> None:
    """The position must suit `node_id` (None: a new node), which may be there already."""
    problem = wire_name_problem(name)
    if problem is not None:
        raise InvalidRequest(problem.value)
    _ensure_parent(space, parent_id, node_id)
    there = space.children.get(parent_id, {}).get(name)
    if there is not None and there != node_id:
        raise Conflict(ConflictCode.NAME_TAKEN, space.answered(space.nodes[there]))


def _ensure_parent(space: Space, parent_id: str | None, node_id: str | None) -> None:
    node = space.nodes.get(node_id) if node_id else None
    current = space.answered(node) if node else None
    depth = 1
    while parent_id is not None:
        if parent_id == node_id:
            raise Conflict(ConflictCode.CYCLE, current)
        parent = space.nodes.get(parent_id)
        if parent is None or parent.deleted or parent.kind is not Kind.FOLDER:
            raise Conflict(ConflictCode.PARENT_DELETED, parent and space.answered(parent))
        parent_id, depth = parent.parent_id, depth + 1
    if depth > MOST_DEPTH:
        raise InvalidRequest(f"folders may be {MOST_DEPTH} deep at most")


def verified(announced: Content | None, content: bytes) -> Content:
    """The identity of the bytes. Raise `ContentMismatch` where something else was announced."""
    hasher = ContentHasher(len(content))
    hasher.update(content)
    identity = Content(len(content), hasher.digest, hasher.checksum)
    if announced is not None and (
        announced.size != identity.size
        or announced.digest not in (None, identity.digest)
        or announced.checksum not in (None, identity.checksum)
    ):
        raise ContentMismatch("the bytes that arrived are not those that were announced")
    return identity
