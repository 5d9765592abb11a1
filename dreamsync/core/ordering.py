"""In which order a plan's operations come: identities first, parents first, deletions deepest."""

from collections.abc import Sequence

from dreamsync.core.nodes import NodeKey, Side
from dreamsync.core.operations import (
    Adopt,
    CreateLocalFolder,
    CreateRemoteFolder,
    Deletion,
    Detach,
    Forget,
    MoveLocal,
    MoveRemote,
    Operation,
    Pair,
    TrashLocal,
)
from dreamsync.core.trees import Trees, entry_of

_RANKS: dict[type, int] = {
    Pair: 0,
    Detach: 0,
    Adopt: 0,
    Forget: 0,
    CreateRemoteFolder: 1,
    CreateLocalFolder: 1,
    MoveRemote: 3,
    MoveLocal: 3,
}
_RANK_OF_TRANSFERS = 2


def in_order(operations: Sequence[Operation]) -> tuple[Operation, ...]:
    """Stable, so that parents, which were planned first, stay before what is in them."""
    return tuple(
        sorted(operations, key=lambda operation: _RANKS.get(type(operation), _RANK_OF_TRANSFERS))
    )


def plan_deletions(
    trees: Trees, deletions: Sequence[Deletion]
) -> tuple[tuple[Deletion, ...], tuple[Deletion, ...]]:
    """Deepest first, so that each folder is empty when its turn comes; and the folders that would
    not be, because something in them stays for now."""
    ordered = _deepest_first(trees, deletions)
    possible: list[Deletion] = []
    gone: set[NodeKey] = set()
    premature: list[Deletion] = []
    for deletion in ordered:
        if gone.issuperset(trees.children(_side_of(deletion), deletion.node)):
            gone.add(deletion.node)
            possible.append(deletion)
        else:
            premature.append(deletion)
    return tuple(possible), tuple(premature)


def _deepest_first(trees: Trees, deletions: Sequence[Deletion]) -> list[Deletion]:
    depths: dict[NodeKey, int] = {}

    def depth(side: Side, node: NodeKey) -> int:
        if node not in depths:
            depths[node] = 0
            entry = entry_of(trees, side, node)
            depths[node] = 1 + depth(side, entry.parent) if entry else 0
        return depths[node]

    def key(deletion: Deletion) -> tuple[int, NodeKey]:
        return -depth(_side_of(deletion), deletion.node), deletion.node

    return sorted(deletions, key=key)


def _side_of(deletion: Deletion) -> Side:
    return Side.LOCAL if isinstance(deletion, TrashLocal) else Side.REMOTE
