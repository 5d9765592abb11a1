"""Reading the trees row by row, without reading a row twice within one transaction."""

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from dreamsync.core.nodes import BaseEntry, LocalEntry, NodeKey, RemoteEntry, Tombstone
from dreamsync.journal.remembered import Remembered
from dreamsync.journal.rows import (
    BASE_COLUMNS,
    LOCAL_COLUMNS,
    REMOTE_COLUMNS,
    base_entry,
    local_entry,
    remote_entry,
)
from dreamsync.journal.statements import Statements


def _all_of(table: str, columns: str) -> str:
    """One row of JSON for all nodes of a JSON list."""
    return (
        f"SELECT json_group_array(json_array(node, {columns})) FROM {table} "
        "WHERE node IN (SELECT value FROM json_each(?))"
    )


_WITH_ID = "LEFT JOIN identity USING (node)"
_LOCAL = f"SELECT {LOCAL_COLUMNS} FROM local WHERE node = ?"
_REMOTE = f"SELECT remote_id, {REMOTE_COLUMNS} FROM remote {_WITH_ID} WHERE node = ?"
_BASE = f"SELECT {BASE_COLUMNS} FROM base WHERE node = ?"
_TOMBSTONE = f"SELECT remote_id, version, confirmed FROM tombstone {_WITH_ID} WHERE node = ?"
_LOCALS = _all_of("local", LOCAL_COLUMNS)
_BASES = _all_of("base", BASE_COLUMNS)
_REMOTES = _all_of(f"remote {_WITH_ID}", f"remote_id, {REMOTE_COLUMNS}")
_FEW = 4
"""Nodes that are as well asked for one by one."""
_IDS = (
    "SELECT json_group_array(json_array(remote_id, node)) FROM identity "
    "WHERE remote_id IN (SELECT value FROM json_each(?))"
)
_AT_ONCE = 1000


class Entries:
    """What the rows of the trees say of one node, or of one id of the server's."""

    def __init__(self, statements: Statements) -> None:
        self._sql = statements
        self._known = Remembered()
        self.folders_changed = 0

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """Around one transaction, in which nobody else writes: no row is read twice."""
        self._known.begin()
        try:
            yield
            if self._known.next_node is not None:
                self._sql.execute(
                    "UPDATE counter SET value = ? WHERE name = 'next_node'",
                    (self._known.next_node,),
                )
        finally:
            self._known.end()

    def local(self, node: NodeKey) -> LocalEntry | None:
        known = self._known.local
        if node in known:
            return known[node]
        row = self._sql.of_one("local", node, _LOCAL, (node,)).fetchone()
        return self._known.keep(known, node, local_entry(row) if row else None)

    def remote(self, node: NodeKey) -> RemoteEntry | None:
        known = self._known.remote
        if node in known:
            return known[node]
        row = self._sql.execute(_REMOTE, (node,)).fetchone()
        if row is None:
            return self._known.keep(known, node, None)
        return self._remember_remote(node, row)

    def _remember_remote(self, node: NodeKey, row: Sequence[Any]) -> RemoteEntry | None:
        """None, and not to be remembered, where its id has become another's."""
        remote_id, *cells = row
        if remote_id is None:
            return None
        self._known.identify(node, remote_id)
        return self._known.keep(self._known.remote, node, remote_entry(tuple(cells), remote_id))

    def base(self, node: NodeKey) -> BaseEntry | None:
        known = self._known.base
        if node in known:
            return known[node]
        row = self._sql.of_one("base", node, _BASE, (node,)).fetchone()
        return self._known.keep(known, node, base_entry(row) if row else None)

    def tombstone(self, node: NodeKey) -> Tombstone | None:
        known = self._known.tombstone
        if node in known:
            return known[node]
        if self._sql.is_empty("tombstone"):
            return None
        row = self._sql.execute(_TOMBSTONE, (node,)).fetchone()
        if row is None:
            return self._known.keep(known, node, None)
        if row[0] is None:
            return None
        self._known.identify(node, row[0])
        return self._known.keep(known, node, Tombstone(row[0], row[1], bool(row[2])))

    def read_ahead(self, nodes: Collection[NodeKey]) -> None:
        """Read at once what will be asked of these nodes: each question has a price of its own."""
        if not self._known.active or len(nodes) < _FEW:
            return
        for node, row in self._rows(_LOCALS, nodes, self._known.local):
            self._known.keep(self._known.local, node, None if row is None else local_entry(row))
        for node, row in self._rows(_BASES, nodes, self._known.base):
            self._known.keep(self._known.base, node, None if row is None else base_entry(row))
        for node, row in self._rows(_REMOTES, nodes, self._known.remote):
            if row is None:
                self._known.keep(self._known.remote, node, None)
            else:
                self._remember_remote(node, row)

    def read_ahead_ids(self, remote_ids: Collection[str]) -> None:
        """The same for ids of the server's, and the nodes that they are known as."""
        if not self._known.active or len(remote_ids) < _FEW:
            return
        (found,) = self._sql.execute(_IDS, (json.dumps(list(remote_ids)),)).fetchone()
        nodes = dict(json.loads(found))
        for remote_id, node in nodes.items():
            self._known.identify(NodeKey(node), remote_id)
        self._known.nobodys.update(set(remote_ids) - nodes.keys())
        self.read_ahead([NodeKey(node) for node in nodes.values()])

    def _rows(
        self, statement: str, nodes: Collection[NodeKey], known: Collection[NodeKey]
    ) -> Iterator[tuple[NodeKey, Any]]:
        """Of those that are not known; None for what has no row."""
        wanted = [node for node in nodes if node not in known]
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            (found,) = self._sql.execute(statement, (json.dumps(some),)).fetchone()
            rows = {row[0]: row[1:] for row in json.loads(found)}
            for node in some:
                yield node, rows.get(node)

    def node_of(self, remote_id: str) -> NodeKey | None:
        known = self._known.node_of.get(remote_id)
        if known is not None or remote_id in self._known.nobodys:
            return known
        row = self._sql.of_one(
            "identity", remote_id, "SELECT node FROM identity WHERE remote_id = ?", (remote_id,)
        ).fetchone()
        if row is None:
            return None
        self._known.identify(NodeKey(row[0]), remote_id)
        return NodeKey(row[0])
