"""What must hold once faults have ceased and all has come to rest.

Of the invariants in the promises, here or in `vigil.py`, `disk.py` and `world.py`: 1 to 3, 5 to 12,
14, 15, 17 to 19 and 22 to 25. Elsewhere: 4 and 16 with the planner's properties (`tests/core`), 13
with the contract (`tests/remotes/conformance`), 20 and 21 on real disks and processes
(`tests/local`, `tests/daemon`).
"""

from collections.abc import Iterator, Mapping

from dreamsync.core.mapping import wire_names
from dreamsync.core.nodes import ROOT, Kind, Side
from dreamsync.remotes.memory import MemoryServer
from tests.simulation.device import SimDevice
from tests.simulation.disk import Broken
from tests.simulation.file_system import FileSystem, Inode
from tests.simulation.person import Tokens, tokens_in

_MOST_TRIES = 60

Tree = dict[str, bytes | None]
"""Wire path to content; None for a folder."""


def tree_on(files: FileSystem) -> Tree:
    return {
        path: inode.data if inode.kind is Kind.FILE else None
        for path, inode in _items_on(files.root)
    }


def _items_on(folder: Inode, prefix: str = "") -> Iterator[tuple[str, Inode]]:
    """All below, each under the path that it has on the wire."""
    items = list(folder.names.values())
    names = wire_names([name for name, _ in items])
    for disk_name, inode in items:
        path = f"{prefix}{names[disk_name]}"
        yield path, inode
        if inode.kind is Kind.FOLDER:
            yield from _items_on(inode, f"{path}/")


def tree_of(server: MemoryServer) -> Tree:
    page = server.changes(None, 1_000_000)
    return {
        file.file_name: server.space.blobs[file.digest or ""] if file.kind is Kind.FILE else None
        for file in page.files
        if not file.deleted
    }


def check_equal(server: MemoryServer, devices: list[SimDevice]) -> None:
    """Invariant 3."""
    there = tree_of(server)
    for device in devices:
        here = tree_on(device.disk.files)
        if here != there:
            raise Broken(f"{device.name} and the server differ: {_difference(here, there)}")


def _difference(here: Tree, there: Tree) -> str:
    paths = sorted(here.keys() | there.keys())
    lines = [
        f"{path}: here {_shown(here, path)}, there {_shown(there, path)}"
        for path in paths
        if _shown(here, path) != _shown(there, path)
    ]
    return "; ".join(lines)


def _shown(tree: Tree, path: str) -> str:
    if path not in tree:
        return "absent"
    content = tree[path]
    return "a folder" if content is None else repr(content)


def check_live(tokens: Tokens, server: MemoryServer, *, also: set[bytes]) -> None:
    """Invariants 1 and 2: what nobody has overwritten or deleted is in the tree. `also`: contents
    that count as well; after a restore a device cannot tell a server that is behind from one that
    another device has brought on since, and its version may come on top."""
    live = _tokens(tree_of(server)) | {token for data in also for token in tokens_in(data)}
    lost = {token for token in tokens.written if token not in tokens.thrown_away} - live
    if lost:
        told = sorted(f"{token!r} written to {tokens.written[token]}" for token in lost)
        raise Broken(f"nobody threw it away, and it is in no tree: {', '.join(told)}")


def check_kept(devices: list[SimDevice], ever_on_server: set[bytes], server: MemoryServer) -> None:
    """Invariant 1: what dreamsync displaced is in a tree, a trash or the server's history."""
    kept = {token for data in ever_on_server for token in tokens_in(data)} | _tokens(
        tree_of(server)
    )
    for device in devices:
        trashed = {
            path: inode.data for path, inode in device.disk.files.walk(device.disk.files.trash)
        }
        kept |= _tokens(trashed)
    for device in devices:
        for data, _ in device.disk.displaced:
            if not tokens_in(data) <= kept:
                raise Broken(f"{device.name} displaced {data!r}, and it is kept nowhere")


def check_one_sided(server: MemoryServer, devices: list[SimDevice]) -> None:
    """Invariants 6 and 7, where only the first device was ever edited: its own disk was left alone,
    the others sent nothing, and nothing was in conflict."""
    edited, *others = devices
    if edited.disk.changes_made:
        raise Broken(f"{edited.name} is the only one edited, and dreamsync changed its disk")
    for device in others:
        if device.counting.mutations:
            sent = dict(device.counting.mutations)
            raise Broken(f"{device.name} was never edited, and sent {sent}")
    copies = [path for path in tree_of(server) if "(conflict " in path]
    if copies:
        raise Broken(f"only {edited.name} was ever edited, and there are {copies}")


def check_no_problem(device: SimDevice) -> None:
    left = [record.problem for record in device.journal.problems.all()]
    if left:
        raise Broken(f"{device.name} has problems after all faults have ceased: {left}")


def _tokens(tree: Mapping[str, bytes | None]) -> set[bytes]:
    return {token for data in tree.values() if data for token in tokens_in(data)}


def check_journal(device: SimDevice, server: MemoryServer) -> None:
    """Invariants 3 and 14: the feed has told exactly what there is, and base says so too."""
    trees = device.journal.trees
    there = {node.id: node for node in server.space.nodes.values() if not node.deleted}
    known = {}
    for node in trees.descendants(Side.REMOTE, ROOT):
        remote, base, local = trees.remote(node), trees.base(node), trees.local(node)
        if remote is None or base is None or local is None:
            raise Broken(f"{device.name} knows {node} not everywhere: {remote} {base} {local}")
        known[remote.remote_id] = (trees.remote_id(remote.parent), remote.name, remote.version)
        if (base.version, base.parent, base.name) != (remote.version, remote.parent, remote.name):
            raise Broken(f"{device.name} agreed on {base} and the server has {remote}")
    wanted = {key: (file.parent_id, file.name, file.version) for key, file in there.items()}
    if known != wanted:
        raise Broken(f"{device.name} knows of {known}, and the server has {wanted}")


def check_up_to_date(device: SimDevice, server: MemoryServer) -> bool:
    """Invariant 23, whenever the device says so and cannot have missed anything that it was told;
    whether there was something to check."""
    journal = device.journal
    if device.blind or device.rots or not device.at_rest or device.disk.absent:
        return False
    if journal.settings.get("cursor") != server.cursor:
        return False
    if journal.problems.any() or journal.holds.all():
        return False
    here, there = tree_on(device.disk.files), tree_of(server)
    if here != there:
        raise Broken(f"{device.name} says up to date, and is not: {_difference(here, there)}")
    return True


def _places_of(device: SimDevice, locked: Inode) -> set[str]:
    """Its paths, here and on the server."""
    here = {path for path, inode in _items_on(device.disk.files.root) if inode is locked}
    nodes = [node for node, _ in device.journal.trees.local_by_inode(locked.number)]
    there = {device.context.path_on(Side.REMOTE, node) for node in nodes}
    return here | {path for path in there if path is not None}


def _wanted_names(device: SimDevice, places: set[str]) -> set[str]:
    """Folded: of these places, and of what stands here under another name because it waits for
    one of them."""
    trees = device.journal.trees
    names = {path.rpartition("/")[2].casefold() for path in places}
    waiting: set[str] = set()
    for node in trees.descendants(Side.REMOTE, ROOT):
        local, remote = trees.local(node), trees.remote(node)
        if local is not None and remote is not None and remote.name.casefold() in names:
            waiting.add(local.name.casefold())
    return names | waiting


def check_equal_but_for(
    device: SimDevice, locked: Inode, server: MemoryServer, devices: list[SimDevice]
) -> None:
    """Invariants 22 and 23: all is the same everywhere but for one file that cannot be read, what
    waits for its name, and the folders that hold it; it has a reason, and was not tried again and
    again."""
    paths = _places_of(device, locked)
    names = _wanted_names(device, paths)
    reasons = [record.problem for record in device.journal.problems.all()]
    here = tree_on(device.disk.files)
    for other in [tree_of(server), *(tree_on(each.disk.files) for each in devices)]:
        differing = [
            path
            for path in here.keys() | other.keys()
            if _shown(here, path) != _shown(other, path)
            and path.rpartition("/")[2].casefold() not in names
            and not any(name.startswith(f"{path}/") for name in paths)
        ]
        if differing:
            raise Broken(f"besides {paths}, which is locked, these differ: {differing}")
        if not reasons and any(_shown(here, path) != _shown(other, path) for path in paths):
            raise Broken(f"{paths} cannot be read, and nobody is told")
    if device.disk_faults.tries_of_locked > _MOST_TRIES:
        raise Broken(f"{paths} was tried {device.disk_faults.tries_of_locked} times")
