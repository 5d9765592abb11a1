"""A device in miniature: it carries plans out in memory as the engine would.

What the server, or the disk, does not allow raises `Refused`; a device alone with its server must
never see that.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from dreamsync.core.decisions import Policy
from dreamsync.core.nodes import (
    ROOT,
    BaseEntry,
    Kind,
    LocalEntry,
    NodeKey,
    RemoteEntry,
    Side,
    Tombstone,
)
from dreamsync.core.operations import (
    Adopt,
    CreateLocalFolder,
    CreateRemoteFolder,
    DeleteRemote,
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
from dreamsync.core.reconcile import reconcile
from dreamsync.core.trees import Place, place_of
from tests.support.model_server import TOP, ModelServer, Refused, Stored
from tests.support.trees import MemoryTrees, content_of, fingerprint_of, placed, token_in

MOST_ITERATIONS = 200


@dataclass(slots=True)
class Device:
    """The three trees of one device, and what carries its plans out."""

    trees: MemoryTrees
    server: ModelServer
    policy: Policy = field(default_factory=lambda: Policy("laptop"))
    done: list[Operation] = field(default_factory=list)
    keys: dict[str, NodeKey] = field(default_factory=dict)
    knows_bit: bool = True

    def pull(self) -> None:
        """Bring *remote* to what the server has now."""
        for remote_id in self.server.nodes:
            self._learn(remote_id)

    def step(self, dirty: Collection[NodeKey] | None = None) -> Collection[Operation]:
        """Pull, plan once, and answer what is to be done now; deletions only when nothing else."""
        self.pull()
        plan = self.plan(dirty)
        if not plan.operations and not plan.deletions:
            assert not plan.blocked or dirty is not None, f"{plan.blocked} wait for nothing"
        return plan.operations or plan.deletions

    def plan(self, dirty: Collection[NodeKey] | None = None) -> Plan:
        """Plan for `dirty`, else for every node there is."""
        plan = reconcile(self.trees, self.trees.nodes() if dirty is None else dirty, self.policy)
        self._check_one_each(plan.operations + plan.deletions)
        return plan

    def settle(self) -> "Device":
        """Plan and execute until there is nothing to do."""
        for _ in range(MOST_ITERATIONS):
            operations = self.step()
            if not operations:
                return self
            for operation in operations:
                self.execute(operation)
        raise AssertionError(f"no end after {MOST_ITERATIONS} plans; last: {operations}")

    def execute(self, operation: Operation) -> None:
        """Raises Refused and changes nothing where something else is found than expected."""
        self._check_expectations(operation)
        _EXECUTORS[type(operation)](self, operation)
        self.done.append(operation)
        if hasattr(operation, "node"):
            self.trees.forget_if_empty(operation.node)

    def tree(self) -> dict[str, str | None]:
        """Token by path on this disk, None for folders."""
        return {
            self.path(node): None if entry.kind is Kind.FOLDER else self.trees.bytes_on_disk[node]
            for node, entry in self.trees.locals.items()
        }

    def path(self, node: NodeKey) -> str:
        entry = self.trees.locals[node]
        return entry.name if entry.parent == ROOT else f"{self.path(entry.parent)}/{entry.name}"

    def put_local(self, node: NodeKey, place: Place, token: str | None) -> None:
        """The person, or a scan, gives the node this place and these bytes; None is a folder."""
        self._check_free(node, place)
        old = self.trees.locals.get(node)
        kind = Kind.FOLDER if token is None else Kind.FILE
        bit = old.executable if old else False if self.knows_bit and token is not None else None
        self.trees.locals[node] = LocalEntry(
            *place,
            kind,
            place.name,
            fingerprint_of(node, token or ""),
            content_of(token) if token is not None else None,
            bit,
        )
        self.trees.bytes_on_disk[node] = token or ""

    def agree_on_everything(self) -> None:
        """Start over from what the server has, as if all of it had been synced."""
        self.pull()
        pending = dict(self.trees.remotes)
        while pending:
            for node, remote in list(pending.items()):
                if remote.parent == ROOT or remote.parent in self.trees.locals:
                    self._land(node, place_of(remote), remote)
                    del pending[node]

    def _learn(self, remote_id: str) -> None:
        stored = self.server.nodes[remote_id]
        known = self.keys.get(remote_id)
        if stored.deleted:
            if known is not None:
                self.trees.remotes.pop(known, None)
                self.trees.tombstones[known] = Tombstone(remote_id, stored.version)
                if known not in self.trees.locals and known not in self.trees.bases:
                    del self.trees.tombstones[known]
            return
        node = self._key(remote_id)
        self.trees.tombstones.pop(node, None)
        self.trees.remotes[node] = RemoteEntry(
            ROOT if stored.parent == TOP else self._key(stored.parent),
            stored.name,
            Kind.FOLDER if stored.token is None else Kind.FILE,
            remote_id,
            stored.version,
            None if stored.token is None else content_of(stored.token),
            stored.executable,
        )

    def _key(self, remote_id: str) -> NodeKey:
        if remote_id not in self.keys:
            self.keys[remote_id] = self.trees.new_key()
        return self.keys[remote_id]

    def _check_one_each(self, operations: Collection[Operation]) -> None:
        nodes = [operation.node for operation in operations if not isinstance(operation, Pair)]
        assert len(nodes) == len(set(nodes)), f"two operations on one node: {operations}"

    def _check_expectations(self, operation: Operation) -> None:
        expect = getattr(operation, "expect", None)
        remote = getattr(operation, "remote", None)
        if isinstance(operation, Pair):
            self._check_pair(operation)
            return
        node = operation.node
        found = (
            self.trees.remotes.get(node)
            if isinstance(expect, RemoteEntry)
            else self.trees.locals.get(node)
        )
        if isinstance(operation, CreateLocalFolder | Download) and found != expect:
            raise Refused(f"{operation}: found {found}")
        if isinstance(operation, Adopt | CreateRemoteFolder | Detach) and found is None:
            raise Refused(f"{operation}: nothing here")
        if expect is not None and found != expect:
            raise Refused(f"{operation}: found {found}")
        if isinstance(remote, RemoteEntry) and self.trees.remotes.get(node) != remote:
            raise Refused(f"{operation}: found {self.trees.remotes.get(node)}")

    def _check_pair(self, operation: Pair) -> None:
        local = self.trees.locals.get(operation.local)
        remote = self.trees.remotes.get(operation.remote)
        if local is None or remote is None or operation.remote in self.trees.locals:
            raise Refused(f"{operation}: no longer two halves of one thing")

    def _check_free(self, node: NodeKey, place: Place) -> None:
        holder = self.trees.child(Side.LOCAL, *place)
        if holder not in (None, node):
            raise Refused(f"{place} is taken by {holder} on this disk")
        parent = self.trees.locals.get(place.parent)
        if place.parent != ROOT and (parent is None or parent.kind is not Kind.FOLDER):
            raise Refused(f"{place} is in no folder of this disk")
        is_there = node in self.trees.locals and place.parent != ROOT
        if is_there and self.trees.below(Side.LOCAL, place.parent, node):
            raise Refused(f"{node} would lie in itself")

    def _remote_parent(self, place: Place) -> str:
        if place.parent == ROOT:
            return TOP
        remote = self.trees.remotes.get(place.parent)
        if remote is None:
            raise Refused(f"the server has no folder for {place}")
        return remote.remote_id

    def _adopt(self, operation: Adopt) -> None:
        node = operation.node
        local, remote = self.trees.locals[node], self.trees.remotes[node]
        assert place_of(local) == place_of(remote)
        if local.kind is Kind.FILE:
            assert remote.content is not None
            assert self.trees.bytes_on_disk[node] == token_in(remote.content)
        self.trees.bases[node] = self._base_of(place_of(remote), local, remote)

    def _base_of(self, place: Place, local: LocalEntry, remote: RemoteEntry) -> BaseEntry:
        bit = remote.executable if remote.executable is not None else local.executable
        return BaseEntry(
            *place, remote.kind, remote.version, local.fingerprint, remote.content, bit
        )

    def _pair(self, operation: Pair) -> None:
        old, new = operation.local, operation.remote
        assert new not in self.trees.locals
        assert new in self.trees.remotes
        self._rekey_local(old, new)
        self.trees.forget_if_empty(old)

    def _detach(self, operation: Detach) -> None:
        self._rekey_local(operation.node, self.trees.new_key())

    def _rekey_local(self, old: NodeKey, new: NodeKey) -> None:
        local = self.trees.locals.pop(old)
        self.trees.locals[new] = local
        self.trees.bytes_on_disk[new] = self.trees.bytes_on_disk.pop(old)
        for child in self.trees.children(Side.LOCAL, old):
            self.trees.locals[child] = replace(self.trees.locals[child], parent=new)

    def _forget(self, operation: Forget) -> None:
        assert operation.node not in self.trees.locals
        self.trees.bases.pop(operation.node, None)
        self.trees.tombstones.pop(operation.node, None)

    def _read(self, operation: ReadContent) -> None:
        entry = self.trees.locals[operation.node]
        assert entry.content is None, "what is known need not be read"
        self._now_known(operation.node)

    def _now_known(self, node: NodeKey) -> LocalEntry:
        content = content_of(self.trees.bytes_on_disk[node])
        self.trees.locals[node] = replace(self.trees.locals[node], content=content)
        return self.trees.locals[node]

    def _create_remote_folder(self, operation: CreateRemoteFolder) -> None:
        self._send_new(operation.node, operation.place, None, operation.revives)
        local, remote = self.trees.locals[operation.node], self.trees.remotes[operation.node]
        self.trees.bases[operation.node] = self._base_of(operation.place, local, remote)

    def _send_new(
        self, node: NodeKey, place: Place, token: str | None, revives: Tombstone | None
    ) -> None:
        parent, bit = self._remote_parent(place), self.trees.locals[node].executable
        if revives is None:
            remote_id = self.server.create(parent, place.name, token, bit)
            self.keys[remote_id] = node
        else:
            remote_id = revives.remote_id
            self.server.change(
                remote_id,
                revives.version,
                place=(parent, place.name),
                token=token,
                executable=bit,
            )
        self._learn(remote_id)

    def _upload(self, operation: Upload) -> None:
        node, token = operation.node, self.trees.bytes_on_disk[operation.node]
        base = self.trees.bases.get(node)
        if operation.remote is not None:
            remote_id = operation.remote.remote_id
            bit = self.trees.locals[node].executable
            self.server.change(remote_id, operation.remote.version, token=token, executable=bit)
            self._learn(remote_id)
        else:
            self._send_new(node, operation.place, token, operation.revives)
        local, remote = self._now_known(node), self.trees.remotes[node]
        place = place_of(base) if base else place_of(remote)
        self.trees.bases[node] = self._base_of(place, local, remote)

    def _move_remote(self, operation: MoveRemote) -> None:
        node, expect = operation.node, operation.expect
        parent = self._remote_parent(operation.place)
        self.server.change(expect.remote_id, expect.version, place=(parent, operation.place.name))
        self._learn(expect.remote_id)
        self._move_base(node, operation.place, expect)

    def _move_base(self, node: NodeKey, place: Place, before: RemoteEntry) -> None:
        """Base follows a move; its version only where it was at the version that moved."""
        base = self.trees.bases.get(node)
        if base is None:
            return
        version = base.version
        if version == before.version:
            version = self.trees.remotes[node].version
        self.trees.bases[node] = replace(
            base, parent=place.parent, name=place.name, version=version
        )

    def _set_remote_executable(self, operation: SetRemoteExecutable) -> None:
        node, expect = operation.node, operation.expect
        self.server.change(expect.remote_id, expect.version, executable=operation.executable)
        self._learn(expect.remote_id)
        self.trees.bases[node] = replace(
            self.trees.bases[node],
            executable=operation.executable,
            version=self.trees.remotes[node].version,
        )

    def _delete_remote(self, operation: DeleteRemote) -> None:
        self.server.delete(operation.expect.remote_id, operation.expect.version)
        self._learn(operation.expect.remote_id)
        self.trees.bases.pop(operation.node, None)

    def _create_local_folder(self, operation: CreateLocalFolder) -> None:
        self._land(operation.node, operation.place, operation.remote)

    def _download(self, operation: Download) -> None:
        self._land(operation.node, operation.place, operation.remote)

    def _land(self, node: NodeKey, place: Place, remote: RemoteEntry) -> None:
        base = self.trees.bases.get(node)
        token = None if remote.content is None else token_in(remote.content)
        self.put_local(node, place, token)
        if remote.executable is not None and self.knows_bit:
            self.trees.locals[node] = replace(self.trees.locals[node], executable=remote.executable)
        self.trees.bases[node] = self._base_of(
            place_of(base) if base else place, self.trees.locals[node], remote
        )

    def _move_local(self, operation: MoveLocal) -> None:
        node, place = operation.node, operation.place
        self._check_free(node, place)
        self.trees.locals[node] = placed(self.trees.locals[node], place)
        remote = self.trees.remotes.get(node)
        follows = not operation.aside or (remote is not None and place_of(remote) == place)
        if remote is not None and follows:
            self._move_base(node, place, remote)

    def _set_local_executable(self, operation: SetLocalExecutable) -> None:
        node = operation.node
        self.trees.locals[node] = replace(self.trees.locals[node], executable=operation.executable)
        if node in self.trees.bases:
            self.trees.bases[node] = replace(
                self.trees.bases[node], executable=operation.executable
            )

    def _set_aside(self, operation: SetAside) -> None:
        node, fresh = operation.node, self.trees.new_key()
        self._check_free(fresh, operation.place)
        self._rekey_local(node, fresh)
        self.trees.locals[fresh] = placed(self.trees.locals[fresh], operation.place)
        self.trees.bases.pop(node, None)

    def _trash_local(self, operation: TrashLocal) -> None:
        node = operation.node
        if self.trees.children(Side.LOCAL, node):
            raise Refused(f"{node} is not empty on this disk")
        del self.trees.locals[node]
        self.trees.bases.pop(node, None)
        self.trees.tombstones.pop(node, None)


_EXECUTORS: dict[type, Callable[..., None]] = {
    Adopt: Device._adopt,
    Pair: Device._pair,
    Detach: Device._detach,
    Forget: Device._forget,
    ReadContent: Device._read,
    CreateRemoteFolder: Device._create_remote_folder,
    Upload: Device._upload,
    MoveRemote: Device._move_remote,
    SetRemoteExecutable: Device._set_remote_executable,
    DeleteRemote: Device._delete_remote,
    CreateLocalFolder: Device._create_local_folder,
    Download: Device._download,
    MoveLocal: Device._move_local,
    SetLocalExecutable: Device._set_local_executable,
    SetAside: Device._set_aside,
    TrashLocal: Device._trash_local,
}


def device_of(trees: MemoryTrees, policy: Policy | None = None) -> Device:
    """A device with these trees, and the server that its *remote* tree describes."""
    server = ModelServer()
    device = Device(trees, server, policy or Policy("laptop"))
    for node, tombstone in trees.tombstones.items():
        base = trees.bases[node]
        token = None if base.content is None else token_in(base.content)
        server.nodes[tombstone.remote_id] = Stored(
            TOP, base.name, token, tombstone.version, base.executable, deleted=True
        )
        device.keys[tombstone.remote_id] = node
    for node, entry in trees.remotes.items():
        server.nodes[entry.remote_id] = Stored(
            TOP if entry.parent == ROOT else trees.remotes[entry.parent].remote_id,
            entry.name,
            None if entry.content is None else token_in(entry.content),
            entry.version,
            entry.executable,
        )
        device.keys[entry.remote_id] = node
    return device
