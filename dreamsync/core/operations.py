"""The verbs of the engine: what a plan may ask for, and a plan.

An operation names nodes, never paths, and carries what it expects to find; whoever carries it out
looks again immediately before acting, and where it finds something else does nothing, so that the
node is planned again.

Operation
├── on the journal alone   Adopt, Pair, Forget, Detach
├── to learn more          ReadContent
├── to the server          CreateRemoteFolder, Upload, MoveRemote, SetRemoteExecutable, DeleteRemote
└── to this disk           CreateLocalFolder, Download, MoveLocal, SetLocalExecutable, SetAside,
                           TrashLocal
"""

from dataclasses import dataclass

from dreamsync.core.nodes import Kind, LocalEntry, NodeKey, RemoteEntry, Tombstone
from dreamsync.core.trees import Place


@dataclass(frozen=True, slots=True)
class Adopt:
    """Both sides are equal: base becomes what they have."""

    node: NodeKey
    expect: LocalEntry
    remote: RemoteEntry


@dataclass(frozen=True, slots=True)
class Pair:
    """What is `local` here and `remote` there is one node: it goes on under the remote's key."""

    local: NodeKey
    remote: NodeKey


@dataclass(frozen=True, slots=True)
class Forget:
    """Gone on both sides: base and tombstone go too."""

    node: NodeKey


@dataclass(frozen=True, slots=True)
class Detach:
    """The local item goes on as a node of its own, new to the server; base is left with the old
    one. For servers that cannot move: the new one is uploaded and the old one deleted."""

    node: NodeKey


@dataclass(frozen=True, slots=True)
class ReadContent:
    """The decision needs the digest of the local file."""

    node: NodeKey
    expect: LocalEntry


@dataclass(frozen=True, slots=True)
class CreateRemoteFolder:
    node: NodeKey
    place: Place
    revives: Tombstone | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """Send the local content: to `remote` where the server has the node, over its tombstone, or as
    a new one at `place`."""

    node: NodeKey
    place: Place
    expect: LocalEntry
    remote: RemoteEntry | None = None
    revives: Tombstone | None = None


@dataclass(frozen=True, slots=True)
class MoveRemote:
    node: NodeKey
    place: Place
    expect: RemoteEntry


@dataclass(frozen=True, slots=True)
class SetRemoteExecutable:
    node: NodeKey
    executable: bool
    expect: RemoteEntry


@dataclass(frozen=True, slots=True)
class DeleteRemote:
    """`confirmed`: a person has answered for it, here or on another device."""

    node: NodeKey
    kind: Kind
    expect: RemoteEntry
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class CreateLocalFolder:
    node: NodeKey
    place: Place
    remote: RemoteEntry


@dataclass(frozen=True, slots=True)
class Download:
    """Bring the remote content to where the node is here; where `expect` is None, to `place`."""

    node: NodeKey
    place: Place
    remote: RemoteEntry
    expect: LocalEntry | None = None


@dataclass(frozen=True, slots=True)
class MoveLocal:
    """To where the server has it; or `aside`, out of another node's way, to a place that the
    server is yet to hear of."""

    node: NodeKey
    place: Place
    expect: LocalEntry
    aside: bool = False


@dataclass(frozen=True, slots=True)
class SetLocalExecutable:
    node: NodeKey
    executable: bool
    expect: LocalEntry


@dataclass(frozen=True, slots=True)
class SetAside:
    """Both sides edited: the local bytes go to `place` as a node of their own (a conflict copy),
    and the node is left to the server's content."""

    node: NodeKey
    place: Place
    expect: LocalEntry


@dataclass(frozen=True, slots=True)
class TrashLocal:
    node: NodeKey
    kind: Kind
    expect: LocalEntry
    confirmed: bool = False


JournalOperation = Adopt | Pair | Forget | Detach
RemoteOperation = CreateRemoteFolder | Upload | MoveRemote | SetRemoteExecutable
LocalOperation = CreateLocalFolder | Download | MoveLocal | SetLocalExecutable | SetAside
Deletion = DeleteRemote | TrashLocal
Operation = JournalOperation | ReadContent | RemoteOperation | LocalOperation | Deletion


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do about a set of dirty nodes.

    `operations` are in order: journal operations first, then what may run side by side, parents
    before children. `deletions` come only once nothing else is left to do, deepest first, and wait
    for the guard. `converged` nodes have nothing left to do; `blocked` ones wait for another node
    to leave a name or come into being.
    """

    operations: tuple[Operation, ...] = ()
    deletions: tuple[Deletion, ...] = ()
    converged: tuple[NodeKey, ...] = ()
    blocked: tuple[NodeKey, ...] = ()


def node_of(operation: Operation) -> NodeKey:
    """The node an operation is about; of a pair the one that goes on."""
    return operation.remote if isinstance(operation, Pair) else operation.node
