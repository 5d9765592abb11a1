"""Three trees to a plan: the one function that decides what dreamsync does.

For each dirty node `Decisions` says whether it stays and where; here that becomes operations, each
only when the trees as they are allow it: a name must be free, a parent must be there or come into
being earlier in the same plan. What must wait is `blocked` and is planned again once something else
has happened; of a ring of moves that all wait for each other, one steps aside.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from dreamsync.core.conflicts import conflict_name
from dreamsync.core.decisions import Decisions, Fate, Policy
from dreamsync.core.differences import (
    Change,
    executable_differs,
    local_content_change,
    remote_content_change,
    sides_differ,
)
from dreamsync.core.feasibility import Feasibility, Move, step_aside
from dreamsync.core.nodes import ROOT, BaseEntry, Kind, LocalEntry, NodeKey, RemoteEntry, Side
from dreamsync.core.operations import (
    Adopt,
    CreateLocalFolder,
    CreateRemoteFolder,
    DeleteRemote,
    Deletion,
    Detach,
    Download,
    Forget,
    MoveLocal,
    MoveRemote,
    Operation,
    Pair,
    Plan,
    ReadContent,
    SetAside,
    SetLocalExecutable,
    SetRemoteExecutable,
    TrashLocal,
    Upload,
)
from dreamsync.core.ordering import in_order, plan_deletions
from dreamsync.core.trees import Place, Trees, place_of


def reconcile(
    trees: Trees,
    dirty: Iterable[NodeKey],
    policy: Policy,
    *,
    busy: Collection[NodeKey] = frozenset(),
) -> Plan:
    """Plan for `dirty` nodes; `busy` ones are in flight and are left alone.

    The plan ends: each operation, once carried out, brings its node nearer to equality in all three
    trees, and a plan that is empty but for `blocked` nodes waits for deletions or for the person.
    """
    decisions = Decisions(trees, policy, busy)
    return _Planner(trees, policy, decisions, Feasibility(trees)).plan(dirty)


@dataclass(slots=True)
class _Planner:
    trees: Trees
    policy: Policy
    decisions: Decisions
    feasibility: Feasibility
    identities: list[Pair | Detach] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    deletions: list[Deletion] = field(default_factory=list)
    converged: list[NodeKey] = field(default_factory=list)
    blocked: list[NodeKey] = field(default_factory=list)
    _awaiting: set[NodeKey] = field(default_factory=set)
    _blocked_moves: list[Move] = field(default_factory=list)
    _awaited: list[tuple[Side, Place]] = field(default_factory=list)

    def plan(self, dirty: Iterable[NodeKey]) -> Plan:
        nodes = [node for node in sorted(set(dirty)) if node not in self.decisions.busy]
        self.blocked += [node for node in nodes if self.decisions.ringed(node)]
        nodes = [node for node in nodes if not self.decisions.ringed(node)]
        for node in nodes:
            self._plan_identity(node)
        if not self.identities:
            for node in self._parents_first(nodes):
                if node not in self._awaiting:
                    self._plan_node(node)
        deletions, premature = plan_deletions(self.trees, self.deletions)
        self.blocked += [deletion.node for deletion in premature]
        if not self.identities:
            self._break_ring(premature)
        return Plan(
            operations=in_order(self.identities or self.operations),
            deletions=deletions,
            converged=tuple(self.converged),
            blocked=tuple(self.blocked),
        )

    def _parents_first(self, nodes: list[NodeKey]) -> list[NodeKey]:
        """A folder to be created must be planned before what is created in it."""
        depths: dict[NodeKey, int] = {ROOT: 0}

        def depth(node: NodeKey) -> int:
            if node not in depths:
                depths[node] = 1  # a ring of local moves ends here
                place = self.decisions.target(node)
                depths[node] = 1 + depth(place.parent) if place else 1
            return depths[node]

        return sorted(nodes, key=lambda node: (depth(node), node))

    def _plan_identity(self, node: NodeKey) -> None:
        """Two keys for one thing become one before anything else is decided."""
        local = self.trees.local(node)
        if local is None or self.decisions.fate(node) is not Fate.KEEP:
            return
        remote = self.trees.remote(node)
        if remote is not None and not self.policy.moves_remotely:
            if self.decisions.target(node) != place_of(remote):
                self.identities.append(Detach(node))
            return
        twin = self._twin(node, local)
        if twin is not None:
            self.identities.append(Pair(local=node, remote=twin))
            self._awaiting.add(twin)

    def _twin(self, node: NodeKey, local: LocalEntry) -> NodeKey | None:
        """A node on the server only, at this node's local place, that is the same thing."""
        if self.decisions.target(node) != place_of(local):
            return None
        twin = self.trees.child(Side.REMOTE, local.parent, local.name)
        if twin is None or twin == node or twin in self.decisions.busy or twin in self._awaiting:
            return None
        remote = self.trees.remote(twin)
        if remote is None or remote.kind is not local.kind or self.trees.local(twin):
            return None
        match self.decisions.fate(twin), sides_differ(local, remote):
            case (Fate.KEEP, Change.SAME):
                return twin
            case (Fate.KEEP, Change.UNKNOWN):
                self.operations.append(ReadContent(node, local))
                self._awaiting.add(node)
            case (Fate.DELETE_REMOTE, _) if self.trees.remote(node) is None:
                return twin  # deleted and made anew is an edit, as editors save
        return None

    def _plan_node(self, node: NodeKey) -> None:
        match self.decisions.fate(node):
            case Fate.GONE:
                self._plan_gone(node)
            case Fate.UNDECIDED:
                self._plan_undecided(node)
            case Fate.DELETE_LOCAL | Fate.DELETE_REMOTE as fate:
                self._plan_deletion(node, fate)
            case Fate.KEEP:
                self._plan_kept(node)

    def _plan_undecided(self, node: NodeKey) -> None:
        """A file is read; a folder waits for what is in it."""
        local = self.trees.local(node)
        if local is not None and local.kind is Kind.FILE:
            self.operations.append(ReadContent(node, local))
        else:
            self.blocked.append(node)

    def _plan_gone(self, node: NodeKey) -> None:
        if self.trees.base(node) or self.trees.tombstone(node):
            self.operations.append(Forget(node))
        else:
            self.converged.append(node)

    def _plan_deletion(self, node: NodeKey, fate: Fate) -> None:
        tombstone = self.trees.tombstone(node)
        local, remote = self.trees.local(node), self.trees.remote(node)
        if fate is Fate.DELETE_LOCAL and local is not None:
            confirmed = tombstone is not None and tombstone.confirmed
            self.deletions.append(TrashLocal(node, local.kind, local, confirmed))
        elif remote is not None:
            self.deletions.append(DeleteRemote(node, remote.kind, remote))

    def _plan_kept(self, node: NodeKey) -> None:
        local, remote = self.trees.local(node), self.trees.remote(node)
        if local and remote:
            self._plan_live(node, local, remote)
        elif local:
            self._plan_new_remotely(node, local)
        elif remote:
            self._plan_new_locally(node, remote)

    def _plan_new_remotely(self, node: NodeKey, local: LocalEntry) -> None:
        place = place_of(local)
        if self._loses_name(node, place):
            self._step_aside(node, local)
        elif not self.feasibility.may_appear(Side.REMOTE, node, place):
            self._wait_for(Side.REMOTE, node, place)
        else:
            self.feasibility.appear(Side.REMOTE, node, place)
            tombstone = self.trees.tombstone(node)
            if local.kind is Kind.FOLDER:
                self.operations.append(CreateRemoteFolder(node, place, tombstone))
            else:
                self.operations.append(Upload(node, place, local, revives=tombstone))

    def _plan_new_locally(self, node: NodeKey, remote: RemoteEntry) -> None:
        place = place_of(remote)
        if self.decisions.excluded(node):
            self.converged.append(node)
        elif not self.feasibility.may_appear(Side.LOCAL, node, place):
            self._wait_for(Side.LOCAL, node, place)
        else:
            self.feasibility.appear(Side.LOCAL, node, place)
            if remote.kind is Kind.FOLDER:
                self.operations.append(CreateLocalFolder(node, place, remote))
            else:
                self.operations.append(Download(node, place, remote))

    def _plan_live(self, node: NodeKey, local: LocalEntry, remote: RemoteEntry) -> None:
        target = self.decisions.target(node) or place_of(remote)
        if target != place_of(remote) and self._loses_name(node, target):
            self._step_aside(node, local)
        elif self.decisions.moved_out(node):
            self._plan_return(node, remote, target)
        elif self._plan_content(node, local, remote):
            return
        elif target != place_of(remote):
            self._plan_move(Side.REMOTE, MoveRemote(node, target, remote))
        elif target != place_of(local):
            self._plan_move(Side.LOCAL, MoveLocal(node, target, local))
        elif not self._plan_executable(node, local, remote):
            self._plan_agreed(node, local, remote)

    def _plan_return(self, node: NodeKey, remote: RemoteEntry, target: Place) -> None:
        """Out of an ignored place, before its content: once that were sent, it would pass for
        unedited and be deleted here."""
        if target != place_of(remote):
            self._plan_move(Side.REMOTE, MoveRemote(node, target, remote))
        else:
            self.blocked.append(node)

    def _plan_content(self, node: NodeKey, local: LocalEntry, remote: RemoteEntry) -> bool:
        """Whether an operation on the content was planned."""
        differ = sides_differ(local, remote)
        base = self.trees.base(node)
        if differ is Change.SAME:
            return False
        local_change = local_content_change(local, base) if base else Change.CHANGED
        remote_change = remote_content_change(remote, base) if base else Change.CHANGED
        if local_change is Change.SAME and remote_change is Change.SAME:
            return False
        if local_change is Change.SAME:
            self.operations.append(Download(node, place_of(local), remote, local))
        elif local_change is Change.UNKNOWN:
            self.operations.append(ReadContent(node, local))
        elif remote_change is Change.SAME:
            self.operations.append(Upload(node, place_of(remote), local, remote))
        elif differ is Change.UNKNOWN:
            self.operations.append(ReadContent(node, local))
        else:
            self._plan_conflict(node, local)
        return True

    def _plan_conflict(self, node: NodeKey, local: LocalEntry) -> None:
        place = self._conflict_place(node, local)
        self.feasibility.appear(Side.LOCAL, node, place)
        self.operations.append(SetAside(node, place, local))

    def _plan_executable(self, node: NodeKey, local: LocalEntry, remote: RemoteEntry) -> bool:
        if local.executable is None or remote.executable is None:
            return False
        if local.executable == remote.executable:
            return False
        base = self.trees.base(node)
        if base is not None and not executable_differs(remote.executable, base.executable):
            if self.policy.moves_remotely:
                self.operations.append(SetRemoteExecutable(node, local.executable, remote))
                return True
            return False
        self.operations.append(SetLocalExecutable(node, remote.executable, local))
        return True

    def _plan_agreed(self, node: NodeKey, local: LocalEntry, remote: RemoteEntry) -> None:
        base = self.trees.base(node)
        if base is not None and agrees(base, local, remote):
            self.converged.append(node)
        else:
            self.operations.append(Adopt(node, local, remote))

    def _plan_move(self, side: Side, move: Move) -> None:
        if self.feasibility.may_move(side, move.node, move.place):
            self.feasibility.move(side, move.node, move.place)
            self.operations.append(move)
        else:
            self._blocked_moves.append(move)
            self._wait_for(side, move.node, move.place)

    def _wait_for(self, side: Side, node: NodeKey, place: Place) -> None:
        self.blocked.append(node)
        self._awaited.append((side, place))

    def _loses_name(self, node: NodeKey, place: Place) -> bool:
        """Whether a node that stays has this place on the server: what has it there keeps it. One
        that is in flight may be leaving: who wants its name waits for what becomes of it."""
        holder = self.trees.child(Side.REMOTE, place.parent, place.name)
        if holder is None or holder == node or holder in self.decisions.busy:
            return False
        if self.decisions.fate(holder) is not Fate.KEEP or self.decisions.excluded(holder):
            return False
        return self.decisions.target(holder) == place

    def _step_aside(self, node: NodeKey, local: LocalEntry) -> None:
        place = self._conflict_place(node, local)
        self._plan_move(Side.LOCAL, MoveLocal(node, place, local, aside=True))

    def _conflict_place(self, node: NodeKey, local: LocalEntry) -> Place:
        def taken(name: str) -> bool:
            place = Place(local.parent, name)
            return (
                self.feasibility.claimed(Side.LOCAL, place)
                or self.trees.child(Side.LOCAL, *place) is not None
                or self._other_bytes_at(place, node, local)
            )

        name = conflict_name(
            local.name,
            device=self.policy.device,
            mtime_ns=local.fingerprint.mtime_ns,
            taken=taken,
        )
        return Place(local.parent, name)

    def _other_bytes_at(self, place: Place, node: NodeKey, local: LocalEntry) -> bool:
        """An identical copy that the server has there already is adopted, not doubled."""
        holder = self.trees.child(Side.REMOTE, *place)
        remote = self.trees.remote(holder) if holder is not None else None
        if holder is None or holder == node or remote is None:
            return False
        return (
            self.trees.local(holder) is not None
            or remote.kind is not local.kind
            or remote.kind is Kind.FOLDER
            or sides_differ(local, remote) is not Change.SAME
        )

    def _break_ring(self, premature: Sequence[Deletion]) -> None:
        if self.operations:
            return
        in_the_way: list[Move | Deletion] = [*self._blocked_moves, *premature]
        move = step_aside(self.trees, self._awaited, in_the_way)
        if move is not None:
            self.blocked.remove(move.node)
            self.operations.append(move)


def agrees(base: BaseEntry, local: LocalEntry, remote: RemoteEntry) -> bool:
    """Whether base already says what both sides, which are equal, have."""
    return (
        place_of(base) == place_of(remote)
        and base.version == remote.version
        and (base.kind is Kind.FOLDER or base.fingerprint == local.fingerprint)
        and not executable_differs(base.executable, remote.executable)
    )
