"""What one transaction has read and written of the trees, so that it need not ask again.

Only within a transaction: there nobody else writes, and what is remembered ends with it. Of writes,
only what the journal would give back unchanged is remembered; all else is read again.
"""

from typing import TypeVar

from dreamsync.core.nodes import BaseEntry, LocalEntry, NodeKey, RemoteEntry, Tombstone

MOST_REMEMBERED = 6000
"""Entries of each kind, before it begins anew: a step may take in more than memory should hold."""

_Entry = TypeVar("_Entry", LocalEntry, RemoteEntry, BaseEntry, Tombstone)


class Remembered:
    """By node, None being remembered, too.

    `dirty`: known to be so. `nobodys`: ids that no node has. `placed`: who was put where last on
    this disk, and may have left it since; `inodes`: of all that was put there.
    """

    def __init__(self) -> None:
        self.local: dict[NodeKey, LocalEntry | None] = {}
        self.remote: dict[NodeKey, RemoteEntry | None] = {}
        self.base: dict[NodeKey, BaseEntry | None] = {}
        self.tombstone: dict[NodeKey, Tombstone | None] = {}
        self.node_of: dict[str, NodeKey] = {}
        self.nobodys: set[str] = set()
        self.dirty: set[NodeKey] = set()
        self.placed: dict[tuple[NodeKey, str], NodeKey] = {}
        self.inodes: set[int] = set()
        self.next_node: int | None = None
        self._id_of: dict[NodeKey, str] = {}
        self.active = False

    def begin(self) -> None:
        self.active = True

    def end(self) -> None:
        self.active = False
        self.next_node = None
        self.dirty.clear()
        self.nobodys.clear()
        self.inodes.clear()
        self.placed.clear()
        self._forget_ids()
        for kept in (self.local, self.remote, self.base, self.tombstone):
            kept.clear()

    def keep(
        self, kept: dict[NodeKey, _Entry | None], node: NodeKey, entry: _Entry | None
    ) -> _Entry | None:
        """`entry`, and remember it."""
        if self.active:
            if len(kept) >= MOST_REMEMBERED:
                kept.clear()
            kept[node] = entry
        return entry

    def put(
        self,
        kept: dict[NodeKey, _Entry | None],
        node: NodeKey,
        entry: _Entry | None,
        *,
        exact: bool = True,
    ) -> None:
        """It was written; `exact`: and will be read as it is."""
        if exact:
            self.keep(kept, node, entry)
        else:
            kept.pop(node, None)

    def identify(self, node: NodeKey, remote_id: str) -> None:
        """The server's id of a node, which may have had another, or have been another's: entries
        that name it are remembered only where it is, too."""
        if not self.active:
            return
        before, other = self._id_of.get(node), self.node_of.get(remote_id)
        if before == remote_id and other == node:
            return
        if before is not None or other is not None or len(self.node_of) >= MOST_REMEMBERED:
            self._forget_ids()
            self.remote.clear()
            self.tombstone.clear()
        self.nobodys.discard(remote_id)
        self.node_of[remote_id] = node
        self._id_of[node] = remote_id

    def is_new(self, node: NodeKey) -> None:
        """In no tree yet."""
        self.keep(self.local, node, None)
        self.keep(self.remote, node, None)
        self.keep(self.base, node, None)
        self.keep(self.tombstone, node, None)

    def note_placed(self, node: NodeKey, entry: LocalEntry) -> None:
        if self.active:
            self.placed[entry.parent, entry.name] = node
            self.inodes.add(entry.fingerprint.inode)

    def note_dirty(self, node: NodeKey) -> bool:
        """False where that is known already."""
        if node in self.dirty:
            return False
        if self.active:
            self.dirty.add(node)
        return True

    def forget(self, node: NodeKey) -> None:
        self.base.pop(node, None)
        self.tombstone.pop(node, None)
        self.dirty.discard(node)
        remote_id = self._id_of.pop(node, None)
        if remote_id is not None:
            del self.node_of[remote_id]

    def _forget_ids(self) -> None:
        self.node_of.clear()
        self._id_of.clear()
