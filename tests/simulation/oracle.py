"""What must hold once faults have ceased and all has come to rest (docs: promises, section 2)."""

from collections.abc import Mapping

from dreamsync.core.mapping import wire_names
from dreamsync.core.nodes import Kind
from dreamsync.remotes.memory import MemoryServer
from tests.simulation.device import SimDevice
from tests.simulation.disk import Broken
from tests.simulation.file_system import FileSystem, Inode
from tests.simulation.person import Tokens, tokens_in

Tree = dict[str, bytes | None]
"""Wire path to content; None for a folder."""


def tree_on(files: FileSystem, folder: Inode | None = None, prefix: str = "") -> Tree:
    items = list((folder or files.root).names.values())
    names = wire_names([name for name, _ in items])
    found: Tree = {}
    for disk_name, inode in items:
        path = f"{prefix}{names[disk_name]}"
        found[path] = inode.data if inode.kind is Kind.FILE else None
        if inode.kind is Kind.FOLDER:
            found.update(tree_on(files, inode, f"{path}/"))
    return found


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


def check_untouched(device: SimDevice) -> None:
    """Invariants 6 and 7, where only one device was ever edited: its own disk was left alone."""
    if device.disk.changes_made:
        raise Broken(f"{device.name} is the only one edited, and dreamsync changed its disk")


def check_no_echo(device: SimDevice) -> None:
    """Invariant 6."""
    if device.counting.mutations:
        raise Broken(f"{device.name} was never edited, and sent {dict(device.counting.mutations)}")


def check_no_problem(device: SimDevice) -> None:
    left = [record.problem for record in device.journal.problems.all()]
    if left:
        raise Broken(f"{device.name} has problems after all faults have ceased: {left}")


def _tokens(tree: Mapping[str, bytes | None]) -> set[bytes]:
    return {token for data in tree.values() if data for token in tokens_in(data)}
