"""Is what has appeared on the disk a node that is already known?

By place: base has a node there, which was missing here. By inode plus one more agreement, because
inodes are reused at once: a file's size and mtime, for a folder a common child. By place again: the
server has a node there that this disk does not. Else it is new.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from dreamsync.core.nodes import Content, Fingerprint, Kind, NodeKey, Side
from dreamsync.core.trees import place_of
from dreamsync.engine.context import Context
from dreamsync.journal.rows import normal_fingerprint
from dreamsync.local.protocol import DiskError, Seen


@dataclass(frozen=True, slots=True)
class Found:
    """`content` is known where nothing but the place changed."""

    node: NodeKey
    content: Content | None


class Recognition(Enum):
    """BUSY: it may be a node that an operation is moving right now; look again afterwards."""

    NEW = "new"
    BUSY = "busy"


def folder_fingerprint(fingerprint: Fingerprint) -> Fingerprint:
    return normal_fingerprint(Fingerprint(fingerprint.device, fingerprint.inode, 0, 0, 0))


class Recogniser:
    def __init__(self, context: Context, busy: Callable[[NodeKey], bool]) -> None:
        self._context = context
        self._trees = context.journal.trees
        self._busy = busy

    def recognise(self, folder: NodeKey, path: str, seen: Seen, name: str) -> Found | Recognition:
        twin = self._trees.child(Side.REMOTE, folder, name)
        if twin is not None and not self._may_be(twin, seen.kind):
            twin = None
        if twin is not None and self._busy(twin):
            return Recognition.BUSY
        if twin is not None and self._trees.base(twin) is not None:
            return Found(twin, None)
        moved = self._by_inode(path, seen)
        if moved is not Recognition.NEW:
            return moved
        return Found(twin, None) if twin is not None else Recognition.NEW

    def _may_be(self, node: NodeKey, kind: Kind) -> bool:
        """A node of the same kind that is not on this disk, or was only ever at this place."""
        remote, base = self._trees.remote(node), self._trees.base(node)
        if remote is None or remote.kind is not kind or self._trees.local(node) is not None:
            return False
        return base is None or place_of(base) == place_of(remote)

    def _by_inode(self, path: str, seen: Seen) -> Found | Recognition:
        fingerprint = normal_fingerprint(seen.fingerprint)
        for node, entry in self._trees.local_by_inode(fingerprint.inode):
            if entry.kind is not seen.kind or not entry.fingerprint.same_file(fingerprint):
                continue
            if self._busy(node):
                return Recognition.BUSY
            if not self._respelled(node, path) and self._still_there(node, seen.kind):
                continue
            if self._agrees(node, path, seen, entry.fingerprint, Side.LOCAL):
                return Found(node, entry.content)
        for node, base in self._trees.vanished_by_inode(fingerprint.inode):
            if base.kind is not seen.kind or not base.fingerprint.same_file(fingerprint):
                continue
            if self._busy(node):
                return Recognition.BUSY
            if self._agrees(node, path, seen, base.fingerprint, Side.REMOTE):
                return Found(node, base.content)
        return Recognition.NEW

    def _respelled(self, node: NodeKey, path: str) -> bool:
        """On a disk that folds names the old name still answers where only its spelling changed."""
        old_path = self._context.disk_path(node)
        traits = self._context.disk.traits
        return old_path is not None and traits.name_rules.respells(old_path, path)

    def _still_there(self, node: NodeKey, kind: Kind) -> bool:
        """A node is first of all what stands at its place: then the other one is a hard link, or
        the copy that an editor put aside before it wrote a new file under the name."""
        old_path = self._context.disk_path(node)
        try:
            seen = self._context.disk.look(old_path) if old_path else None
        except DiskError:
            return False
        return seen is not None and seen.kind is kind

    def _agrees(
        self, node: NodeKey, path: str, seen: Seen, fingerprint: Fingerprint, side: Side
    ) -> bool:
        if seen.kind is Kind.FILE:
            now = seen.fingerprint
            return (now.size, now.mtime_ns) == (fingerprint.size, fingerprint.mtime_ns)
        return self._common_child(node, path, side)

    def _common_child(self, folder: NodeKey, path: str, side: Side) -> bool:
        try:
            names = {item.disk_name for item in self._context.disk.list_folder(path).items}
        except DiskError:
            return False
        children = self._trees.children(side, folder)
        if not children:
            return not names
        entries = (
            self._trees.local(child) if side is Side.LOCAL else self._trees.remote(child)
            for child in children
        )
        return any(entry is not None and entry.name in names for entry in entries)
