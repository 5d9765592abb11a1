"""What shall become of a node, and where it shall be: the table of design section 4.

*Fate* is the answer for existence, *target* for position. Each is decided from the three trees
alone and remembered for the one plan that asks. Edits beat deletions; a survivor keeps its parents;
where both sides moved a node, or a local move would close a cycle, the server's position stands.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import Enum

from dreamsync.core.differences import Change, local_content_change, remote_content_change
from dreamsync.core.nodes import ROOT, BaseEntry, Kind, LocalEntry, NodeKey, RemoteEntry, Side
from dreamsync.core.trees import Place, Trees, place_of


class Fate(Enum):
    """UNDECIDED: the local file must be read first; the node is left alone until then."""

    KEEP = "keep"
    DELETE_LOCAL = "delete-local"
    DELETE_REMOTE = "delete-remote"
    GONE = "gone"
    UNDECIDED = "undecided"


def _nothing_ignored(_path: str, _kind: Kind) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Policy:
    """What the planner must know of this device and this server.

    `ignores` takes a wire path and a kind. `moves_remotely` is False for a plain server.
    """

    device: str
    ignores: Callable[[str, Kind], bool] = _nothing_ignored
    moves_remotely: bool = True


@dataclass(slots=True)
class Decisions:
    """Fates and targets for one plan. `busy` nodes are in flight: they count as kept."""

    trees: Trees
    policy: Policy
    busy: Collection[NodeKey] = ()
    _fates: dict[NodeKey, Fate] = field(default_factory=dict)
    _targets: dict[NodeKey, Place | None] = field(default_factory=dict)
    _excluded: dict[NodeKey, tuple[bool, str]] = field(default_factory=dict)
    _ringed: dict[NodeKey, bool] = field(default_factory=lambda: {ROOT: False})

    def fate(self, node: NodeKey) -> Fate:
        if node == ROOT or node in self.busy:
            return Fate.KEEP
        if node not in self._fates:
            self._fates[node] = self._decide_fate(node)
        return self._fates[node]

    def target(self, node: NodeKey) -> Place | None:
        """Where a kept node shall be on both sides; None for one that is on neither."""
        if node not in self._targets:
            self._targets[node] = self._decide_target(node)
        return self._targets[node]

    def excluded(self, node: NodeKey) -> bool:
        """Whether the ignore rules leave the node's place on the server out on this device."""
        return node != ROOT and self._exclusion(node)[0]

    def ringed(self, node: NodeKey) -> bool:
        """Whether the server's folders above lie in each other. With an honest server that lasts
        until the rest of the feed is read: two moves may be told in the reverse order."""
        chain: list[NodeKey] = []
        above: NodeKey = node
        while above not in self._ringed:
            self._ringed[above] = True
            chain.append(above)
            remote = self.trees.remote(above)
            above = remote.parent if remote else ROOT
        for each in chain:
            self._ringed[each] = self._ringed[above]
        return self._ringed[node]

    def moved_out(self, node: NodeKey) -> bool:
        """Whether the server has it where it is ignored here, while base was where it is not.

        The node itself need not have moved: a folder above may have. Where base is ignored too, the
        rules have changed and not the place, and that deletes nothing.
        """
        if self.trees.base(node) is None or not self.excluded(node):
            return False
        return not self._base_excluded(node)

    def _decide_fate(self, node: NodeKey) -> Fate:
        local, remote = self.trees.local(node), self.trees.remote(node)
        base = self.trees.base(node)
        if base is None:
            return Fate.KEEP if local or remote else Fate.GONE
        if local and remote:
            return self._fate_of_live(node, local, remote, base)
        if local:
            return self._fate_against_deletion(node, local_content_change(local, base), Side.LOCAL)
        if remote and self.excluded(node):
            return Fate.GONE
        if remote:
            return self._fate_against_deletion(
                node, remote_content_change(remote, base), Side.REMOTE
            )
        return Fate.GONE

    def _fate_of_live(
        self, node: NodeKey, local: LocalEntry, remote: RemoteEntry, base: BaseEntry
    ) -> Fate:
        """Moved on the server to a place ignored here: a deletion here, unless edited here."""
        if not self.moved_out(node):
            return Fate.KEEP
        return self._fate_against_deletion(node, local_content_change(local, base), Side.LOCAL)

    def _base_excluded(self, node: NodeKey) -> bool:
        kind, names = None, list[str]()
        entry = self.trees.base(node)
        while entry is not None:
            kind = kind or entry.kind
            names.append(entry.name)
            entry = self.trees.base(entry.parent)
        names.reverse()
        paths = ["/".join(names[: end + 1]) for end in range(len(names))]
        return any(
            self.policy.ignores(path, kind if path == paths[-1] and kind else Kind.FOLDER)
            for path in paths
        )

    def _fate_against_deletion(self, node: NodeKey, change: Change, survivor: Side) -> Fate:
        """One side deleted the node, `survivor` still has it."""
        if change is Change.UNKNOWN:
            return Fate.UNDECIDED
        if change is Change.CHANGED:
            return Fate.KEEP
        if (below := self._fate_by_children(node, survivor)) is not None:
            return below
        return Fate.DELETE_LOCAL if survivor is Side.LOCAL else Fate.DELETE_REMOTE

    def _fate_by_children(self, folder: NodeKey, side: Side) -> Fate | None:
        """KEEP where a node that stays belongs in this folder, UNDECIDED where one may: of one in
        flight nobody knows, because it was planned before the latest news of it."""
        fate = None
        for child in self.trees.children(side, folder):
            of_child = Fate.UNDECIDED if child in self.busy else self.fate(child)
            if of_child not in {Fate.KEEP, Fate.UNDECIDED}:
                continue
            place = self.target(child)
            if place is not None and place.parent == folder:
                if of_child is Fate.KEEP:
                    return Fate.KEEP
                fate = Fate.UNDECIDED
        return fate

    def _decide_target(self, node: NodeKey) -> Place | None:
        wanted = self._wanted(node)
        remote = self.trees.remote(node)
        if wanted is None or remote is None or wanted == place_of(remote):
            return wanted
        return wanted if self._reaches_root(node) else place_of(remote)

    def _wanted(self, node: NodeKey) -> Place | None:
        local, remote = self.trees.local(node), self.trees.remote(node)
        if local is None or remote is None:
            entry = local or remote
            return place_of(entry) if entry else None
        base = self.trees.base(node)
        if base is not None and (place_of(remote) == place_of(base) or self.moved_out(node)):
            return place_of(local)
        return place_of(remote)

    def _reaches_root(self, node: NodeKey) -> bool:
        """Whether the wanted places lead up to the root and not into a cycle.

        What only hangs below a cycle follows the server too: left where it is wanted, it could
        close another one with a node that has gone back to its place on the server.
        """
        seen = {node}
        place = self._wanted(node)
        while place is not None and place.parent != ROOT:
            if place.parent in seen:
                return False
            seen.add(place.parent)
            place = self._wanted(place.parent)
        return True

    def _exclusion(self, node: NodeKey) -> tuple[bool, str]:
        """Whether the place on the server is ignored here, and its path."""
        if node == ROOT:
            return False, ""
        if self.ringed(node):
            return True, ""
        if node not in self._excluded:
            remote = self.trees.remote(node)
            if remote is None:
                return False, ""
            above, parent_path = self._exclusion(remote.parent)
            path = f"{parent_path}/{remote.name}" if parent_path else remote.name
            self._excluded[node] = above or self.policy.ignores(path, remote.kind), path
        return self._excluded[node]
