"""The three trees, as the planner may ask them.

`Trees` is a read-only snapshot: nothing in it changes while a plan is made. The engine answers from
the journal's indexes, tests from literals; the planner asks only for what it needs (a node, who
holds a name, who is in a folder), so its cost follows the number of differences and not the size of
the tree. Loading a closed set of nodes beforehand was the alternative; it must foresee each
question, and what it forgets looks like absence.
"""

from collections.abc import Collection
from functools import cache
from typing import NamedTuple, Protocol

from dreamsync.core.nodes import (
    BaseEntry,
    Kind,
    LocalEntry,
    NodeKey,
    RemoteEntry,
    Side,
    Tombstone,
)


class Place(NamedTuple):
    """Where a node is on one side."""

    parent: NodeKey
    name: str


class Trees(Protocol):
    """Local, remote and base at one moment."""

    def local(self, node: NodeKey) -> LocalEntry | None: ...

    def remote(self, node: NodeKey) -> RemoteEntry | None: ...

    def base(self, node: NodeKey) -> BaseEntry | None: ...

    def tombstone(self, node: NodeKey) -> Tombstone | None: ...

    def child(self, side: Side, parent: NodeKey, name: str) -> NodeKey | None:
        """Who holds exactly that name in that folder on that side."""

    def children(self, side: Side, parent: NodeKey) -> Collection[NodeKey]: ...


def place_of(entry: LocalEntry | RemoteEntry | BaseEntry) -> Place:
    return Place(entry.parent, entry.name)


def entry_of(trees: Trees, side: Side, node: NodeKey) -> LocalEntry | RemoteEntry | None:
    return trees.local(node) if side is Side.LOCAL else trees.remote(node)


def kind_of(trees: Trees, node: NodeKey) -> Kind | None:
    entry = trees.local(node) or trees.remote(node) or trees.base(node)
    return entry.kind if entry else None


class RememberingTrees:
    """`Trees` that ask each question once, for as long as one plan is made."""

    def __init__(self, trees: Trees) -> None:
        self.local = cache(trees.local)
        self.remote = cache(trees.remote)
        self.base = cache(trees.base)
        self.tombstone = cache(trees.tombstone)
        self.child = cache(trees.child)
        self.children = cache(trees.children)
