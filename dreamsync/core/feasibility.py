"""What the trees as they are, and the rest of the plan, allow: names, parents and moves.

An operation is planned only where its name is free, its parent is there (or comes into being
earlier in the same plan) and a moved folder cannot come to lie in itself, in whatever order the
plan's moves are carried out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dreamsync.core.nodes import ROOT, LocalEntry, NodeKey, Side
from dreamsync.core.operations import Deletion, MoveLocal, MoveRemote, TrashLocal
from dreamsync.core.trees import Place, Trees, entry_of

Move = MoveLocal | MoveRemote


@dataclass(slots=True)
class Feasibility:
    """Asked before each operation is planned, and told of each that was."""

    trees: Trees
    _appearing: set[tuple[Side, NodeKey]] = field(default_factory=set)
    _claimed: set[tuple[Side, Place]] = field(default_factory=set)
    _moving: dict[tuple[Side, NodeKey], NodeKey] = field(default_factory=dict)

    def may_appear(self, side: Side, node: NodeKey, place: Place) -> bool:
        parent_there = (
            (side, place.parent) in self._appearing
            or place.parent == ROOT
            or entry_of(self.trees, side, place.parent) is not None
        )
        return parent_there and self._free(side, node, place)

    def appear(self, side: Side, node: NodeKey, place: Place) -> None:
        self._appearing.add((side, node))
        self._claimed.add((side, place))

    def may_move(self, side: Side, node: NodeKey, place: Place) -> bool:
        if place.parent != ROOT and entry_of(self.trees, side, place.parent) is None:
            return False
        return self._free(side, node, place) and not self._may_lie_below(side, place.parent, node)

    def move(self, side: Side, node: NodeKey, place: Place) -> None:
        self._claimed.add((side, place))
        self._moving[side, node] = place.parent

    def claimed(self, side: Side, place: Place) -> bool:
        return (side, place) in self._claimed

    def _free(self, side: Side, node: NodeKey, place: Place) -> bool:
        holder = self.trees.child(side, place.parent, place.name)
        return holder in {None, node} and not self.claimed(side, place)

    def _may_lie_below(self, side: Side, place: NodeKey, folder: NodeKey) -> bool:
        """Whether `place` is `folder`, or lies below it now or when some moves are done."""
        seen: set[NodeKey] = set()
        above = [place]
        while above:
            node = above.pop()
            if node == folder:
                return True
            if node == ROOT or node in seen:
                continue
            seen.add(node)
            entry = entry_of(self.trees, side, node)
            if entry is not None:
                above.append(entry.parent)
            if (side, node) in self._moving:
                above.append(self._moving[side, node])
        return False


def step_aside(
    trees: Trees, awaited: Sequence[tuple[Side, Place]], in_the_way: Sequence[Move | Deletion]
) -> Move | None:
    """Of moves and creations that wait only for each other: one node moved out of the way.

    `awaited` are the places that blocked nodes wait for, `in_the_way` the blocked moves and the
    folders whose deletion waits for one of those to leave. In any ring some node waits only for a
    name that one of these still has; that one takes another name in its own folder, which nobody
    waits for, so that each steps aside once at most.
    """
    by_node = {(_side_of(each), each.node): each for each in in_the_way}
    for side, place in awaited:
        holder = trees.child(side, place.parent, place.name)
        if holder is not None and (side, holder) in by_node:
            return _renamed(trees, side, by_node[side, holder])
    return None


def _side_of(operation: Move | Deletion) -> Side:
    return Side.LOCAL if isinstance(operation, MoveLocal | TrashLocal) else Side.REMOTE


def _renamed(trees: Trees, side: Side, operation: Move | Deletion) -> Move:
    expect, number = operation.expect, 1
    stem = expect.name.encode()[:240].decode(errors="ignore")
    while trees.child(side, expect.parent, f"{stem} ({number})") is not None:
        number += 1
    place = Place(expect.parent, f"{stem} ({number})")
    if isinstance(expect, LocalEntry):
        return MoveLocal(operation.node, place, expect, aside=True)
    return MoveRemote(operation.node, place, expect)
