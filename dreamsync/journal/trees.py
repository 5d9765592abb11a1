"""The three trees in the journal: the planner's read-only `Trees`, and how each side is written.

Each write of a side makes its node dirty in the same transaction: no difference can be forgotten.
"""

from collections.abc import Collection, Sequence
from functools import cache

from dreamsync.core.nodes import (
    BaseEntry,
    Kind,
    LocalEntry,
    NodeKey,
    RemoteEntry,
    Side,
    Tombstone,
)
from dreamsync.journal.entries import Entries
from dreamsync.journal.rows import (
    BASE_COLUMNS,
    LOCAL_COLUMNS,
    REMOTE_COLUMNS,
    LookRow,
    base_cells,
    base_entry,
    local_cells,
    local_entry,
    placeholders,
    reads_back,
    remote_cells,
)

_LOCAL_CHILD = "SELECT node FROM local WHERE parent = ? AND name = ?"
_BY_INODE = f"SELECT node, {LOCAL_COLUMNS} FROM local WHERE inode = ?"
_DIRTY = "INSERT OR IGNORE INTO dirty (node) VALUES (?)"
_CLEAN = "DELETE FROM dirty WHERE node = ?"
_REMOTE_CELLS = f"{REMOTE_COLUMNS}, listing"
_UNKNOWN = object()


class JournalTrees(Entries):
    """Local, remote and base. Implements `core.trees.Trees`.

    `folders_changed` counts whatever may have changed the path of something else, for those who
    remember paths.
    """

    def child(self, side: Side, parent: NodeKey, name: str) -> NodeKey | None:
        if side is Side.LOCAL:
            return self._local_child(parent, name)
        row = self._sql.execute(
            f"SELECT node FROM {side.value} WHERE parent = ? AND name = ?", (parent, name)
        ).fetchone()
        return NodeKey(row[0]) if row else None

    def _local_child(self, parent: NodeKey, name: str) -> NodeKey | None:
        """What is gathered need not be written for it: of that it is known who has the place."""
        gathered = self._sql.gathered("local")
        placed = self._known.placed.get((parent, name))
        if placed in gathered and gathered[placed][1][1:3] == (parent, name):
            return placed
        row = self._sql.of_one("local", None, _LOCAL_CHILD, (parent, name)).fetchone()
        return NodeKey(row[0]) if row and row[0] not in gathered else None

    def children(self, side: Side, parent: NodeKey) -> Sequence[NodeKey]:
        rows = self._sql.execute(f"SELECT node FROM {side.value} WHERE parent = ?", (parent,))
        return [NodeKey(node) for (node,) in rows]

    def local_children(self, parent: NodeKey) -> dict[str, tuple[NodeKey, LocalEntry]]:
        """A folder's entries by their name on this disk."""
        rows = self._sql.execute(
            f"SELECT node, {LOCAL_COLUMNS} FROM local WHERE parent = ?", (parent,)
        )
        return {row[4]: (NodeKey(row[0]), local_entry(row[1:])) for row in rows}

    def local_rows(self, parent: NodeKey) -> dict[str, LookRow]:
        """By their name on this disk: for comparing a listing cheaply."""
        rows = self._sql.execute(
            "SELECT disk_name, kind, executable, device, inode, size, mtime_ns, ctime_ns, node "
            "FROM local WHERE parent = ?",
            (parent,),
        )
        return {row[0]: row for row in rows}

    def local_by_inode(self, inode: int) -> Sequence[tuple[NodeKey, LocalEntry]]:
        """What is gathered need not be written for it, unless one of it may have that inode."""
        if inode in self._known.inodes:
            self._sql.write("local")
        gathered = self._sql.gathered("local")
        rows = self._sql.of_one("local", None, _BY_INODE, (inode,)).fetchall()
        return [(NodeKey(row[0]), local_entry(row[1:])) for row in rows if row[0] not in gathered]

    def local_by_name(self, name: str) -> Sequence[tuple[NodeKey, LocalEntry]]:
        """Wherever that name stands; reads the whole tree."""
        rows = self._sql.execute(f"SELECT node, {LOCAL_COLUMNS} FROM local WHERE name = ?", (name,))
        return [(NodeKey(row[0]), local_entry(row[1:])) for row in rows]

    def vanished_by_inode(self, inode: int) -> Sequence[tuple[NodeKey, BaseEntry]]:
        """Nodes that base has and this disk no longer. A new file has an inode that base lacks, as
        a rule: then what is gathered of this disk need not be written to tell."""
        if self._sql.execute("SELECT 1 FROM base WHERE inode = ?", (inode,)).fetchone() is None:
            return []
        rows = self._sql.execute(
            f"SELECT node, {BASE_COLUMNS} FROM base WHERE inode = ? "
            "AND node NOT IN (SELECT node FROM local)",
            (inode,),
        )
        return [(NodeKey(row[0]), base_entry(row[1:])) for row in rows]

    def descendants(self, side: Side, folder: NodeKey) -> Sequence[NodeKey]:
        """All below a folder on one side, itself left out."""
        rows = self._sql.execute(
            f"WITH RECURSIVE below(node) AS (SELECT node FROM {side.value} WHERE parent = ? "
            f"UNION SELECT {side.value}.node FROM {side.value} JOIN below "
            f"ON {side.value}.parent = below.node) SELECT node FROM below",
            (folder,),
        )
        return [NodeKey(node) for (node,) in rows]

    def remote_id(self, node: NodeKey) -> str | None:
        row = self._sql.execute("SELECT remote_id FROM identity WHERE node = ?", (node,)).fetchone()
        return row[0] if row else None

    def new_node(self) -> NodeKey:
        """Raises `RuntimeError` outside of a transaction, whose end notes what was given out."""
        if not self._known.active:
            raise RuntimeError("a new node needs a transaction")
        node = self._known.next_node
        if node is None:
            node = self._counter("next_node")
        self._known.next_node = node + 1
        self._known.is_new(NodeKey(node))
        return NodeKey(node)

    def identify(self, node: NodeKey, remote_id: str) -> None:
        if self._known.node_of.get(remote_id) == node:
            return
        self._sql.later(
            "identity",
            remote_id,
            "INSERT OR REPLACE INTO identity (node, remote_id) VALUES (?, ?)",
            (node, remote_id),
            in_order=True,
        )
        self._known.identify(node, remote_id)

    def put_local(self, node: NodeKey, entry: LocalEntry) -> None:
        cells = local_cells(entry)
        self._put("local", LOCAL_COLUMNS, node, cells)
        self._known.put(self._known.local, node, entry, exact=reads_back(entry, cells))
        self._known.note_placed(node, entry)
        self.folders_changed += entry.kind is Kind.FOLDER
        self.mark_dirty(node)

    def drop_local(self, node: NodeKey) -> None:
        self._known.local.pop(node, None)
        self.folders_changed += 1
        if self._sql.execute("DELETE FROM local WHERE node = ?", (node,)).rowcount:
            self.mark_dirty(node)

    def drop_local_with_all_below(self, node: NodeKey) -> None:
        for below in self.descendants(Side.LOCAL, node):
            self.drop_local(below)
        self.drop_local(node)

    def put_remote(self, node: NodeKey, entry: RemoteEntry, *, listing: int = 0) -> None:
        self._put("remote", _REMOTE_CELLS, node, (*remote_cells(entry), listing))
        exact = self._known.node_of.get(entry.remote_id) == node and reads_back(entry)
        self._known.put(self._known.remote, node, entry, exact=exact)
        self.folders_changed += entry.kind is Kind.FOLDER
        known = self._known.tombstone.get(node, _UNKNOWN) is None
        if not (known or self._sql.is_empty("tombstone")):
            self._sql.execute("DELETE FROM tombstone WHERE node = ?", (node,))
            self._known.put(self._known.tombstone, node, None)
        self.mark_dirty(node)

    def drop_remote(self, node: NodeKey, tombstone: Tombstone | None) -> None:
        self._known.remote.pop(node, None)
        self._known.tombstone.pop(node, None)
        self.folders_changed += 1
        self._sql.execute("DELETE FROM remote WHERE node = ?", (node,))
        self._sql.execute("DELETE FROM tombstone WHERE node = ?", (node,))
        if tombstone is not None:
            self._sql.execute(
                "INSERT INTO tombstone (node, version, confirmed) VALUES (?, ?, ?)",
                (node, tombstone.version, tombstone.confirmed),
            )
        self.mark_dirty(node)

    def drop_tombstones(self) -> None:
        """All of them: the server that told of these deletions is no longer there."""
        nodes = [NodeKey(node) for (node,) in self._sql.execute("SELECT node FROM tombstone")]
        self._sql.execute("DELETE FROM tombstone")
        self._known.tombstone.clear()
        for node in nodes:
            self.mark_dirty(node)

    def put_base(self, node: NodeKey, entry: BaseEntry) -> None:
        cells = base_cells(entry)
        self._put("base", BASE_COLUMNS, node, cells)
        self._known.put(self._known.base, node, entry, exact=reads_back(entry, cells))

    def drop_base(self, node: NodeKey) -> None:
        self._known.base.pop(node, None)
        self._sql.execute("DELETE FROM base WHERE node = ?", (node,))

    def forget(self, node: NodeKey) -> None:
        """Gone on both sides; the server's id stays known only while the server has it."""
        self._known.forget(node)
        for table in (
            "base", "tombstone", "dirty", "approved", "held", "problem", "conflict", "suspect",
        ):  # fmt: skip
            self._sql.execute(f"DELETE FROM {table} WHERE node = ?", (node,))
        self._sql.execute(
            "DELETE FROM identity WHERE node = ? AND node NOT IN (SELECT node FROM remote)",
            (node,),
        )

    def rekey_local(self, node: NodeKey, new: NodeKey) -> None:
        """The local item of `node` goes on as `new`, with all that is in it."""
        self.folders_changed += 1
        self._sql.execute("UPDATE local SET node = ? WHERE node = ?", (new, node))
        children = self.children(Side.LOCAL, node)
        self._sql.execute("UPDATE local SET parent = ? WHERE parent = ?", (new, node))
        self._sql.execute("UPDATE OR IGNORE conflict SET node = ? WHERE node = ?", (new, node))
        for dirty in (node, new, *children):
            self._known.local.pop(dirty, None)
            self.mark_dirty(dirty)

    def mark_dirty(self, node: NodeKey) -> None:
        if self._known.note_dirty(node):
            self._sql.later("dirty", node, _DIRTY, (node,))

    def mark_clean(self, nodes: Collection[NodeKey]) -> None:
        self._known.dirty.difference_update(nodes)
        for node in nodes:
            self._sql.later("dirty", node, _CLEAN, (node,))

    def dirty(self, *, after: int, limit: int) -> Sequence[NodeKey]:
        rows = self._sql.execute(
            "SELECT node FROM dirty WHERE node > ? ORDER BY node LIMIT ?", (after, limit)
        )
        return [NodeKey(node) for (node,) in rows]

    def is_dirty(self, node: NodeKey) -> bool:
        return (
            self._sql.execute("SELECT 1 FROM dirty WHERE node = ?", (node,)).fetchone() is not None
        )

    def folders_above(self, table: str) -> set[NodeKey]:
        """All folders, on either side, with a node of `table` (`dirty`, `held`, `problem`) anywhere
        below them. CROSS JOIN: SQLite begins with those few, not with the whole tree."""
        rows = self._sql.execute(
            "WITH RECURSIVE above(node) AS ("
            f"SELECT parent FROM {table} CROSS JOIN local USING (node) UNION "
            f"SELECT parent FROM {table} CROSS JOIN remote USING (node) UNION "
            "SELECT local.parent FROM above JOIN local USING (node) UNION "
            "SELECT remote.parent FROM above JOIN remote USING (node)) SELECT node FROM above"
        )
        return {NodeKey(node) for (node,) in rows}

    def pending_count(self) -> int:
        """Dirty nodes that wait for nothing but their turn."""
        row = self._sql.execute(
            "SELECT count(*) FROM dirty WHERE node NOT IN (SELECT node FROM problem) "
            "AND node NOT IN (SELECT node FROM held)"
        ).fetchone()
        return int(row[0])

    def local_files(self) -> int:
        return self._counter("local_files")

    def base_files(self) -> int:
        return self._counter("base_files")

    def files_on_both_sides(self, *, after: int = 0, limit: int = -1) -> Sequence[NodeKey]:
        """In the order of their keys, those behind `after`."""
        rows = self._sql.execute(
            "SELECT node FROM local JOIN remote USING (node) "
            "WHERE node > ? AND local.kind = 0 AND remote.kind = 0 ORDER BY node LIMIT ?",
            (after, limit),
        )
        return [NodeKey(node) for (node,) in rows]

    def matching_files(self) -> int:
        """How many files have equal digests on both sides (checksums where the server has none)
        and nothing left to be done."""
        row = self._sql.execute(
            "SELECT count(*) FROM local JOIN remote USING (node) "
            "WHERE local.kind = 0 AND remote.kind = 0 AND local.size = remote.size "
            "AND CASE WHEN local.digest IS NULL OR remote.digest IS NULL "
            "THEN local.checksum = remote.checksum ELSE local.digest = remote.digest END "
            "AND node NOT IN (SELECT node FROM dirty)"
        ).fetchone()
        return int(row[0])

    def suspect(self, node: NodeKey, *, is_suspect: bool) -> None:
        if is_suspect:
            self._sql.execute("INSERT OR IGNORE INTO suspect (node) VALUES (?)", (node,))
        else:
            self._sql.execute("DELETE FROM suspect WHERE node = ?", (node,))

    def is_suspect(self, node: NodeKey) -> bool:
        row = self._sql.execute("SELECT 1 FROM suspect WHERE node = ?", (node,)).fetchone()
        return row is not None

    def note_listed(self, node: NodeKey, listing: int) -> None:
        self._sql.execute(
            "UPDATE remote SET listing = ? WHERE node = ? AND listing != ?",
            (listing, node, listing),
        )

    def unlisted(self, listing: int) -> Sequence[NodeKey]:
        """Nodes that the full listing numbered `listing` did not name."""
        rows = self._sql.execute("SELECT node FROM remote WHERE listing != ?", (listing,))
        return [NodeKey(node) for (node,) in rows]

    def based(self) -> Sequence[NodeKey]:
        return [NodeKey(node) for (node,) in self._sql.execute("SELECT node FROM base")]

    def remote_only(self) -> Sequence[NodeKey]:
        rows = self._sql.execute(
            "SELECT node FROM remote WHERE node NOT IN (SELECT node FROM local)"
        )
        return [NodeKey(node) for (node,) in rows]

    def _counter(self, name: str) -> int:
        return int(
            self._sql.execute("SELECT value FROM counter WHERE name = ?", (name,)).fetchone()[0]
        )

    def _put(self, table: str, columns: str, node: NodeKey, cells: Sequence[object]) -> None:
        unique = table == "local"
        self._sql.later(table, node, _upsert(table, columns), (node, *cells), in_order=unique)


@cache
def _upsert(table: str, columns: str) -> str:
    names = [name.strip() for name in columns.split(",")]
    changes = ", ".join(f"{name} = excluded.{name}" for name in names)
    return (
        f"INSERT INTO {table} (node, {columns}) VALUES ({placeholders(len(names) + 1)}) "
        f"ON CONFLICT (node) DO UPDATE SET {changes}"
    )
