"""Everything that moves no content: folders, moves, the executable bit, deletions, and talk."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from unicodedata import normalize

from dreamsync.core.nodes import Kind, NodeKey
from dreamsync.core.operations import (
    CreateLocalFolder,
    DeleteRemote,
    MoveLocal,
    MoveRemote,
    SetAside,
    SetLocalExecutable,
    SetRemoteExecutable,
    TrashLocal,
)
from dreamsync.engine.events import (
    Applied,
    Connected,
    Effects,
    Failed,
    FeedRead,
    HistoryRead,
    Outcome,
    Sent,
    ServerFailed,
)
from dreamsync.engine.jobs.flushing import flushed
from dreamsync.local.paths import split
from dreamsync.local.protocol import Changed, Disk, DiskError, NameTaken, Seen
from dreamsync.message import N_
from dreamsync.remotes.errors import Refused, RemoteError
from dreamsync.remotes.protocol import Deletion, Position, Remote


def connect(remote: Remote) -> Effects:
    try:
        status = remote.status()
    except RemoteError as error:
        return [ServerFailed(error)]
    yield None
    return [Connected(status)]


def read_feed(remote: Remote, since: str | None) -> Effects:
    try:
        page = remote.changes(since)
    except RemoteError as error:
        return [ServerFailed(error)]
    yield None
    return [FeedRead(page, since)]


def read_histories(remote: Remote, nodes: Sequence[tuple[NodeKey, str]]) -> Effects:
    outcomes: list[Outcome] = []
    for node, remote_id in nodes:
        try:
            kept = remote.versions(remote_id) if remote.capabilities.versions else ()
        except Refused:
            kept = ()
        except RemoteError as error:
            return [*outcomes, ServerFailed(error)]
        outcomes.append(HistoryRead(node, kept))
        yield None
    return outcomes


def acknowledge(remote: Remote, cursor: str, missing: Sequence[str]) -> Effects:
    """How far this device is, for receipts; nothing depends on it, so a failure is no one's."""
    with suppress(RemoteError):
        remote.ack(cursor, missing=missing)
    yield None
    return []


def purge_trash(disk: Disk, *, older_than_ms: int) -> Effects:
    with suppress(DiskError):
        disk.purge_trash(older_than_ms=older_than_ms)
    yield None
    return []


def make_local_folders(disk: Disk, items: Sequence[tuple[CreateLocalFolder, str]]) -> Effects:
    """Parents first; a folder that is there already is as good as made. What was to be in one that
    could not be made fails with it: under its name there may be another."""
    outcomes: list[Outcome] = []
    refused: dict[str, DiskError] = {}
    for operation, path in items:
        try:
            above, _ = split(path)
            if above in refused:
                raise refused[above]
            outcomes.append(Applied(operation, _make_folder(disk, path), path))
        except DiskError as error:
            refused[path] = error
            outcomes.append(Failed(operation, error))
        yield None
    return (yield from _sync_parents(disk, outcomes))


def _make_folder(disk: Disk, path: str) -> Seen:
    try:
        return disk.make_folder(path)
    except NameTaken:
        seen = _spelled_so(disk, path)
        if seen is None or seen.kind is not Kind.FOLDER:
            raise
        return seen


def _spelled_so(disk: Disk, path: str) -> Seen | None:
    """What has this name, and not merely answers to it on a disk that folds case: that is a twin.
    Some disks keep all names decomposed, whatever they are given."""
    folder, name = split(path)
    wanted = normalize("NFC", name)
    items = disk.list_folder(folder).items
    return next((seen for seen in items if normalize("NFC", seen.disk_name) == wanted), None)


@dataclass(frozen=True, slots=True)
class LocalMove:
    operation: MoveLocal | SetAside
    source: str
    target: str


def move_locally(disk: Disk, move: LocalMove) -> Effects:
    expect = move.operation.expect
    try:
        seen = (
            disk.look(move.target)
            if move.source == move.target
            else disk.move(move.source, move.target, expect=expect.fingerprint, kind=expect.kind)
        )
        if seen is not None and seen.kind is not expect.kind:
            raise Changed(move.source, N_("{source} is of another kind now", source=move.source))
    except DiskError as error:
        return [Failed(move.operation, error)]
    yield None
    folders = {move.source.rpartition("/")[0], move.target.rpartition("/")[0]}
    return (yield from flushed(disk, folders, [Applied(move.operation, seen, move.target)]))


def set_local_executable(disk: Disk, operation: SetLocalExecutable, path: str) -> Effects:
    try:
        seen = disk.set_executable(
            path, executable=operation.executable, expect=operation.expect.fingerprint
        )
    except DiskError as error:
        return [Failed(operation, error)]
    yield None
    return [Applied(operation, seen, path)]


def trash_locally(
    disk: Disk,
    items: Sequence[tuple[TrashLocal, str]],
    may_hold: Callable[[str], bool],
) -> Effects:
    """Deepest first. `may_hold` tells which leftovers (ignored items) a folder takes along."""
    outcomes: list[Outcome] = []
    for operation, path in items:
        expect = operation.expect.fingerprint
        try:
            if operation.kind is Kind.FILE:
                disk.trash_file(path, expect=expect, reason="deleted")
            else:
                disk.trash_folder(path, expect=expect, may_hold=may_hold, reason="deleted")
            outcomes.append(Applied(operation, None, path))
        except DiskError as error:
            outcomes.append(Failed(operation, error))
        yield None
    return (yield from _sync_parents(disk, outcomes))


def _sync_parents(disk: Disk, outcomes: list[Outcome]) -> Effects:
    applied = [outcome for outcome in outcomes if isinstance(outcome, Applied)]
    removed = {outcome.path for outcome in applied if outcome.seen is None}
    parents = {outcome.path.rpartition("/")[0] for outcome in applied} - removed
    return (yield from flushed(disk, parents, outcomes))


def move_remotely(remote: Remote, operation: MoveRemote, position: Position, key: str) -> Effects:
    expect = operation.expect
    try:
        file = remote.move(expect.remote_id, position, base_version=expect.version, key=key)
    except RemoteError as error:
        return [Failed(operation, error)]
    yield None
    return [Sent(operation, file)]


def set_remote_executable(remote: Remote, operation: SetRemoteExecutable, key: str) -> Effects:
    try:
        file = remote.set_executable(
            operation.expect.remote_id,
            executable=operation.executable,
            base_version=operation.expect.version,
            key=key,
        )
    except RemoteError as error:
        return [Failed(operation, error)]
    yield None
    return [Sent(operation, file)]


def delete_remotely(remote: Remote, items: Sequence[tuple[DeleteRemote, Deletion]]) -> Effects:
    """Deepest first, so that a file that another device just added keeps its folders."""
    if not remote.capabilities.batches:
        return (yield from _delete_one_by_one(remote, items))
    try:
        results = remote.delete_batch([deletion for _, deletion in items])
    except RemoteError as error:
        return [Failed(operation, error) for operation, _ in items]
    yield None
    return [
        Failed(operation, result) if isinstance(result, Refused) else Sent(operation, result)
        for (operation, _), result in zip(items, results, strict=True)
    ]


def _delete_one_by_one(remote: Remote, items: Sequence[tuple[DeleteRemote, Deletion]]) -> Effects:
    outcomes: list[Outcome] = []
    for operation, deletion in items:
        try:
            outcomes.append(Sent(operation, remote.delete(deletion)))
        except RemoteError as error:
            outcomes.append(Failed(operation, error))
        yield None
    return outcomes
