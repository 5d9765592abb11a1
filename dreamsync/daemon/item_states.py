"""How single items stand, as `ls` lists it and file managers draw it: from the journal alone."""

from collections.abc import Sequence

from dreamsync.core.ignore import IgnoreRules
from dreamsync.core.mapping import wire_name
from dreamsync.core.nodes import ROOT, Kind, NodeKey, Side
from dreamsync.core.status import ItemState
from dreamsync.core.trees import kind_of
from dreamsync.engine.context import Context

_WORST_FIRST = (
    (ItemState.PROBLEM, "problem"),
    (ItemState.HELD, "held"),
    (ItemState.PENDING, "dirty"),
)
"""With the table whose nodes are in that state."""


class ItemStates:
    """Belongs to the engine's thread."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._trees = context.journal.trees
        self._above: dict[NodeKey, ItemState] = {}
        self._above_as_of = -1

    def of_paths(self, paths: Sequence[str], rules: IgnoreRules) -> Sequence[ItemState]:
        """Names as they are on this disk. What the journal does not know is pending: it was made
        a moment ago."""
        return [self._of_path(path, rules) for path in paths]

    def of_node(self, node: NodeKey, path: str, rules: IgnoreRules) -> ItemState:
        kind = kind_of(self._trees, node) or Kind.FOLDER
        if self._context.journal.problems.of(node) is not None:
            return ItemState.PROBLEM
        if node != ROOT and rules.matches(path, kind):
            return ItemState.IGNORED
        if self._context.journal.holds.holds(node):
            return ItemState.HELD
        own = ItemState.PENDING if self._trees.is_dirty(node) else ItemState.SYNCED
        if kind is Kind.FILE:
            return own
        return self._worst_below().get(node, own)

    def _of_path(self, path: str, rules: IgnoreRules) -> ItemState:
        if not _is_text(path):
            return ItemState.IGNORED  # such names never sync, and the journal cannot hold them
        node = self._on_disk(path)
        if node is not None:
            return self.of_node(node, self._context.path(node), rules)
        left_out = any(rules.matches(path, kind) for kind in Kind)
        if left_out or self._context.journal.skipped.has(path):
            return ItemState.IGNORED
        return ItemState.PENDING

    def _on_disk(self, path: str) -> NodeKey | None:
        node: NodeKey | None = ROOT
        for name in path.split("/") if path else ():
            node = self._named(node, name) if node is not None else None
        return node

    def _named(self, folder: NodeKey, name: str) -> NodeKey | None:
        """Most names are the same on the wire; the folder is listed only for the others."""
        node = self._trees.child(Side.LOCAL, folder, wire_name(name) or name)
        entry = self._trees.local(node) if node is not None else None
        if entry is not None and entry.disk_name == name:
            return node
        by_name = self._trees.local_children(folder)
        return by_name[name][0] if name in by_name else None

    def _worst_below(self) -> dict[NodeKey, ItemState]:
        """Of each folder with anything below it that is not synced."""
        changes = self._context.journal.changes()
        if changes != self._above_as_of:
            self._above_as_of = changes
            self._above = {}
            for state, table in reversed(_WORST_FIRST):
                above = self._trees.folders_above(table)
                self._above.update(dict.fromkeys(above, state))
        return self._above


def _is_text(path: str) -> bool:
    """Whether a name on the disk was valid UTF-8."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
