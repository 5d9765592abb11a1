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


def plan_deletions(trees: Trees, deletions: Sequence[Deletion]) -> tuple[Deletion, ...]:
    """Deepest first, so that each folder is empty when its turn comes."""
    depths: dict[NodeKey, int] = {}

    def depth(side: Side, node: NodeKey) -> int:
        if node not in depths:
            depths[node] = 0
            entry = entry_of(trees, side, node)
            depths[node] = 1 + depth(side, entry.parent) if entry else 0
        return depths[node]

    def key(deletion: Deletion) -> tuple[int, NodeKey]:
        side = Side.LOCAL if isinstance(deletion, TrashLocal) else Side.REMOTE
        return -depth(side, deletion.node), deletion.node

    return tuple(sorted(deletions, key=key))
