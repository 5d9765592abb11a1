"""The rules of writing: compare-and-swap of one node against the draft of a commit.

Each rule refuses before its first change. `baseVersion` 0 means: must not exist.
"""

from dataclasses import dataclass, replace

from dreamsync.core.nodes import Kind
from dreamsync.server.metadata.records import ROOT_ID, Change, Content, Node
from dreamsync.server.metadata.store import SpaceReader
from dreamsync.server.service.answers import Answer
from dreamsync.server.service.draft import Draft
from dreamsync.server.service.errors import Conflict, ConflictCode, Invalid, Mismatch, NotFound
from dreamsync.server.service.places import (
    Position,
    is_below,
    locate,
    make_parents,
    require_place,
)
from dreamsync.server.service.requests import (
    CopyRequest,
    DeleteRequest,
    FolderRequest,
    MoveRequest,
    ParentPlace,
    Place,
    RestoreRequest,
    UploadRequest,
)

CREATED, CHANGED = 201, 200


@dataclass(frozen=True, slots=True)
class Target:
    """What a request means: the node (live, a tombstone, or None: to be made), and where.

    `position` is None where a live node stays where it is.
    """

    node: Node | None
    position: Position | None


def put_file(draft: Draft, request: UploadRequest, content: Content) -> Answer:
    """New content: of a new file, of a live one, or of a tombstone that it revives."""
    target = find_target(
        draft, request.file_id, request.place, request.base_version, kind=Kind.FILE
    )
    before = target.node
    same = before is not None and _has(before, content)
    executable = request.executable
    if executable is None and before is not None:
        executable = before.executable
    if before is not None and target.position is None and same and executable == before.executable:
        return Answer(CHANGED, draft.show(before))
    if not same:
        draft.add_content(content)
    node = before or draft.create("", "", Kind.FILE)
    source = node if same else content
    after = _with_content(node, source, executable=executable, modified_ns=request.modified_ns)
    change = Change.EXECUTABLE if same and target.position is None else Change.CONTENT
    return _store(draft, target, node, after, change)


def content_to_copy(draft: Draft, request: CopyRequest, *, content_id: str) -> Content:
    """The content of the version that the request names, once more and counted once more, if it is
    what the request announces. Who may read a version has its content anyway; a digest alone gives
    nothing (promises, security 11)."""
    kept = draft.writer.revision(request.source_id, request.version)
    content_there = None if kept is None else kept.node.content_id
    source = None if content_there is None else draft.writer.content(content_there)
    if source is None:
        raise NotFound
    announced = request.upload
    if announced.file_size != source.size:
        raise Mismatch.size(announced=announced.file_size or 0, received=source.size)
    if announced.digest != source.digest:
        raise Mismatch.digest()
    if announced.checksum not in (None, source.checksum):
        raise Mismatch.checksum()
    return replace(source, id=content_id, created_ms=draft.now_ms)


def put_folder(draft: Draft, request: FolderRequest) -> Answer:
    """A new folder, or a deleted one that comes back."""
    target = find_target(
        draft, request.file_id, request.place, request.base_version, kind=Kind.FOLDER
    )
    if target.position is None and target.node is not None:
        raise Conflict.of(ConflictCode.NAME_TAKEN, draft.show(target.node))
    node = target.node or draft.create("", "", Kind.FOLDER)
    return _store(draft, target, node, node, Change.CREATED)


def move(draft: Draft, request: MoveRequest) -> Answer:
    """Position and executable bit; a folder's move is one change of one node."""
    node = _current(draft, request.file_id, request.base_version)
    if node.deleted:
        raise Conflict.of(ConflictCode.STALE, draft.show(node))
    executable = node.executable if request.executable is None else request.executable
    if node.kind is Kind.FOLDER and request.executable is not None:
        raise Invalid.request("A folder has no executable bit.")
    position = _destination(draft, node, request.place)
    if position is None:
        if executable == node.executable:
            return Answer(CHANGED, draft.show(node))
        changed = draft.change(node, replace(node, executable=executable), Change.EXECUTABLE)
        return Answer(CHANGED, draft.show(changed))
    after = replace(node, executable=executable)
    return _store(draft, Target(node, position), node, after, Change.MOVED)


def delete(draft: Draft, request: DeleteRequest) -> Answer:
    """A tombstone; deleting a tombstone at its own version changes nothing."""
    node = _current(draft, request.file_id, request.base_version)
    if node.deleted:
        return Answer(CHANGED, draft.show(node))
    if node.kind is Kind.FOLDER and draft.has_children(node.id):
        raise Conflict.of(ConflictCode.NOT_EMPTY, draft.show(node))
    tombstone = replace(node, deleted_ms=draft.now_ms, confirmed=request.confirmed)
    return Answer(CHANGED, draft.show(draft.change(node, tombstone, Change.DELETED)))


def restore(draft: Draft, request: RestoreRequest) -> Answer:
    """A kept version's content becomes the newest; a tombstone comes back."""
    node = _current(draft, request.file_id, request.base_version)
    kept = draft.writer.revision(node.id, request.version)
    if kept is None or not _available(draft, kept.node):
        raise NotFound
    position = _destination(draft, node, request.place)
    source = kept.node
    if position is None and source.content_id == node.content_id:
        return Answer(CHANGED, draft.show(node))
    after = _with_content(
        node, source, executable=source.executable, modified_ns=source.modified_ns
    )
    return _store(draft, Target(node, position), node, after, Change.RESTORED)


def find_target(
    draft: Draft, file_id: str | None, place: Place | None, base_version: int, *, kind: Kind
) -> Target:
    """What the request means, or a refusal."""
    if file_id is None:
        position = locate(draft, require_place(place))
        return _target_at(draft, position, base_version, kind)
    node = _current(draft, file_id, base_version)
    if node.kind is not kind:
        raise Invalid.request(f"The node {node.id} is a {node.kind.value}.")
    return Target(node, _destination(draft, node, place) if node.deleted else None)


def live_at(reader: SpaceReader, place: Place | None) -> Node | None:
    """The live node at the place, if there is one."""
    if isinstance(place, ParentPlace):
        return reader.child(place.parent_id or ROOT_ID, place.name)
    if place is None:
        return None
    node, parent_id = None, ROOT_ID
    for component in place.file_name.split("/"):
        node = reader.child(parent_id, component)
        if node is None:
            return None
        parent_id = node.id
    return node


def _target_at(draft: Draft, position: Position, base_version: int, kind: Kind) -> Target:
    occupant = position.occupant(draft)
    if occupant is not None:
        if base_version == 0 or occupant.kind is not kind:
            raise Conflict.of(ConflictCode.NAME_TAKEN, draft.show(occupant))
        if occupant.version != base_version:
            raise Conflict.of(ConflictCode.STALE, draft.show(occupant))
        return Target(occupant, None)
    if base_version == 0:
        return Target(None, position)
    dead = None
    if not position.missing:
        dead = draft.writer.dead_child(position.parent_id, position.name, base_version)
    if dead is None or dead.kind is not kind or draft.require(dead.id) != dead:
        raise Conflict.of(ConflictCode.STALE, None)
    return Target(dead, position)


def _current(draft: Draft, node_id: str, base_version: int) -> Node:
    node = draft.require(node_id)
    if node.version != base_version:
        raise Conflict.of(ConflictCode.STALE, draft.show(node))
    return node


def _destination(draft: Draft, node: Node, place: Place | None) -> Position | None:
    """Where a node moves or comes back; None where a live one stays."""
    if node.deleted:
        old_place = ParentPlace(node.parent_id or None, node.name)
        return _free(draft, locate(draft, place or old_place), node)
    if place is None:
        return None
    is_folder = node.kind is Kind.FOLDER
    position = locate(draft, place, height=draft.writer.height(node.id) if is_folder else 0)
    if not position.missing and (position.parent_id, position.name) == (node.parent_id, node.name):
        return None
    if is_folder and is_below(draft, position.parent_id, node.id):
        raise Conflict.of(ConflictCode.CYCLE, draft.show(node))
    return _free(draft, position, node)


def _free(draft: Draft, position: Position, node: Node) -> Position:
    occupant = position.occupant(draft)
    if occupant is not None and occupant.id != node.id:
        raise Conflict.of(ConflictCode.NAME_TAKEN, draft.show(occupant))
    return position


def _store(draft: Draft, target: Target, before: Node, after: Node, change: Change) -> Answer:
    """Put the node where the target says, alive."""
    parent_id, name = after.parent_id, after.name
    if target.position is not None:
        parent_id, name = make_parents(draft, target.position), target.position.name
    is_new = target.node is None
    if is_new:
        change = Change.CREATED
    elif before.deleted:
        change = Change.RESTORED
    after = replace(after, parent_id=parent_id, name=name, deleted_ms=None, confirmed=False)
    node = draft.change(before, after, change)
    return Answer(CREATED if is_new else CHANGED, draft.show(node))


def _has(node: Node, content: Content) -> bool:
    return (node.size, node.digest) == (content.size, content.digest)


def _with_content(
    node: Node, source: Content | Node, *, executable: bool | None, modified_ns: int | None
) -> Node:
    content_id = source.id if isinstance(source, Content) else source.content_id
    return replace(
        node,
        size=source.size,
        checksum=source.checksum,
        digest=source.digest,
        content_id=content_id,
        executable=executable,
        modified_ns=modified_ns,
    )


def _available(draft: Draft, kept: Node) -> bool:
    if kept.kind is Kind.FOLDER:
        return True
    return kept.content_id is not None and draft.writer.content(kept.content_id) is not None
