"""Operations to jobs: paths and ids are looked up now, and what belongs together shares a job.

Small files travel in batches, large ones alone, and deletions one job after the other, deepest
first. An operation that the trees no longer allow is let go: its node is dirty and planned again.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from dreamsync.core.nodes import NodeKey, Side
from dreamsync.core.operations import (
    Adopt,
    CreateLocalFolder,
    CreateRemoteFolder,
    DeleteRemote,
    Download,
    MoveLocal,
    MoveRemote,
    ReadContent,
    SetAside,
    SetLocalExecutable,
    SetRemoteExecutable,
    TrashLocal,
    Upload,
)
from dreamsync.core.trees import Place
from dreamsync.engine.context import Context
from dreamsync.engine.copies import reading_first
from dreamsync.engine.events import Job
from dreamsync.engine.jobs.changes import (
    LocalMove,
    delete_remotely,
    make_local_folders,
    move_locally,
    move_remotely,
    set_local_executable,
    set_remote_executable,
    trash_locally,
)
from dreamsync.engine.jobs.download import DownloadTask, download_batch, download_file
from dreamsync.engine.jobs.flushing import flush_adopted
from dreamsync.engine.jobs.reading import FileToRead, read_contents
from dreamsync.engine.jobs.upload import UploadTask, create_folders, upload_batch, upload_file
from dreamsync.engine.places import disk_path_for, position_of
from dreamsync.engine.queue import Effect, Queue, is_deletion
from dreamsync.engine.tasks import (
    deletion_request,
    download_task,
    folder_put,
    note_change,
    upload_task,
)
from dreamsync.remotes.protocol import Position

SMALL = 256 * 1024
LONG = 8 * 1024 * 1024
_GROUP = 250
_HASHES_A_JOB = 64
_DESCRIPTION = 1024
"""What an item's description adds to a batch at most, in bytes."""

_Grouped = TypeVar("_Grouped", bound=Effect)


class Dispatcher:
    """`may_trash_along` tells of a path on this disk whether a deleted folder may take it along."""

    def __init__(
        self, context: Context, queue: Queue, may_trash_along: Callable[[str], bool]
    ) -> None:
        self._context = context
        self._queue = queue
        self._may_trash_along = may_trash_along
        self._deleting: int | None = None

    def jobs(self) -> list[Job]:
        """New jobs, until enough are running; long transfers leave room for the short."""
        limit = self._context.settings.parallel
        made: list[Job] = []
        later: list[Effect] = []
        while self._queue.running_short < limit and (operation := self._queue.take()):
            if self._must_wait(operation, limit):
                later.append(operation)
                continue
            job = self._make(operation)
            if job is not None:
                made.append(job)
                if is_deletion(operation):
                    self._deleting = job.id
        self._queue.put_back(later)
        return made

    def finished(self, job_id: int) -> None:
        for node in self._queue.finish(job_id):
            self._context.transfers.pop(node, None)
        if self._deleting == job_id:
            self._deleting = None

    def _must_wait(self, operation: Effect, limit: int) -> bool:
        if is_deletion(operation):
            return self._deleting is not None
        return _size(operation) >= LONG and self._queue.running_long >= max(1, limit // 2)

    def _make(self, operation: Effect) -> Job | None:
        match operation:
            case CreateRemoteFolder():
                return self._create_remote_folders(operation)
            case Upload():
                return self._upload(operation)
            case CreateLocalFolder():
                return self._create_local_folders(operation)
            case Download():
                return self._download(operation)
            case ReadContent():
                return self._read(operation)
            case Adopt():
                return self._adopt(operation)
            case TrashLocal():
                return self._trash(operation)
            case DeleteRemote():
                return self._delete(operation)
            case MoveRemote() | SetRemoteExecutable():
                return self._ask(operation)
            case SetLocalExecutable():
                return self._set_executable_here(operation)
            case MoveLocal() | SetAside():
                return self._move_here(operation)

    def _ask(self, operation: MoveRemote | SetRemoteExecutable) -> Job | None:
        context = self._context
        token = context.random.token
        if isinstance(operation, SetRemoteExecutable):
            note_change(context, operation)
            effects = set_remote_executable(context.remote, operation, token())
            return self._queue.start(effects, [operation.node])
        position = position_of(context, operation.place)
        if position is None:
            self._queue.let_go(operation.node)
            return None
        note_change(context, operation)
        effects = move_remotely(context.remote, operation, position, token())
        return self._queue.start(effects, [operation.node])

    def _set_executable_here(self, operation: SetLocalExecutable) -> Job | None:
        path = self._context.disk_path(operation.node)
        if path is None:
            self._queue.let_go(operation.node)
            return None
        effects = set_local_executable(self._context.disk, operation, path)
        return self._queue.start(effects, [operation.node])

    def _move_here(self, operation: MoveLocal | SetAside) -> Job | None:
        """What is seen at its target meanwhile is the moved item, or news of after the move."""
        context, node = self._context, operation.node
        path, target = context.disk_path(node), disk_path_for(context, operation.place, node)
        if path is None or target is None:
            self._queue.let_go(node)
            return None
        effects = move_locally(context.disk, LocalMove(operation, path, target))
        return self._queue.start(effects, [node], paths=[target])

    def _create_remote_folders(self, first: CreateRemoteFolder) -> Job | None:
        items = []
        for operation in self._group(first, self._context.remote.capabilities.batch_items):
            position = self._position(operation.place, operation)
            if position is not None:
                items.append((operation, folder_put(self._context, operation, position)))
        if not items:
            return None
        nodes = [operation.node for operation, _ in items]
        return self._queue.start(create_folders(self._context.remote, items), nodes)

    def _upload(self, first: Upload) -> Job | None:
        context = self._context
        capabilities = context.remote.capabilities
        if _size(first) > SMALL or not capabilities.batches:
            reading = reading_first(context, first)
            if reading is not None:
                return self._read(reading)
            task = self._upload_task(first)
            if task is None:
                return None
            effects = upload_file(
                context.disk, context.remote, task, beside=context.beside, spare=context.spare
            )
            return self._queue.start(effects, [first.node], long=_size(first) >= LONG)
        group = self._group(first, capabilities.batch_items, room=capabilities.batch_bytes)
        tasks = [task for operation in group if (task := self._upload_task(operation))]
        if not tasks:
            return None
        nodes = [task.operation.node for task in tasks]
        return self._queue.start(upload_batch(context.disk, context.remote, tasks), nodes)

    def _upload_task(self, operation: Upload) -> UploadTask | None:
        position = self._position(operation.place, operation)
        if position is None:
            return None
        local = self._context.journal.trees.local(operation.node)
        path = self._context.disk_path(operation.node)
        if path is None or local is None or local.fingerprint != operation.expect.fingerprint:
            self._queue.let_go(operation.node)
            return None
        return upload_task(self._context, operation, local, path, position)

    def _create_local_folders(self, first: CreateLocalFolder) -> Job | None:
        """Nested ones in one job: a folder's path follows from that of its parent just before."""
        made: dict[NodeKey, str] = {}
        items: list[tuple[CreateLocalFolder, str]] = []
        for operation in self._group(first, _GROUP):
            path = disk_path_for(self._context, operation.place, operation.node, made)
            if path is None:
                self._queue.wait_for(operation.place.parent, operation)
            else:
                made[operation.node] = path
                items.append((operation, path))
        if not items:
            return None
        effects = make_local_folders(self._context.disk, items)
        return self._queue.start(effects, list(made), paths=made.values())

    def _download(self, first: Download) -> Job | None:
        context = self._context
        capabilities = context.remote.capabilities
        if _size(first) > SMALL or not capabilities.batches:
            task = self._download_task(first)
            if task is None:
                return None
            effects = download_file(context.disk, context.remote, task, context.beside)
            long = _size(first) >= LONG
            return self._queue.start(effects, [first.node], paths=[task.path], long=long)
        most = min(_GROUP, capabilities.batch_items)
        group = self._group(first, most, room=capabilities.batch_bytes)
        tasks = [task for operation in group if (task := self._download_task(operation))]
        if not tasks:
            return None
        nodes = [task.operation.node for task in tasks]
        effects = download_batch(context.disk, context.remote, tasks)
        return self._queue.start(effects, nodes, paths=[task.path for task in tasks])

    def _download_task(self, operation: Download) -> DownloadTask | None:
        if operation.expect is None:
            path = disk_path_for(self._context, operation.place, operation.node)
        else:
            path = self._context.disk_path(operation.node)
        if path is None:
            self._queue.wait_for(operation.place.parent, operation)
            return None
        return download_task(self._context, operation, path)

    def _read(self, first: ReadContent) -> Job | None:
        group = self._with_paths(self._group(first, _HASHES_A_JOB, room=LONG))
        if not group:
            return None
        items = [
            (operation, FileToRead(path, operation.expect.fingerprint)) for operation, path in group
        ]
        nodes = [operation.node for operation, _ in items]
        effects = read_contents(self._context.disk, items, self._context.beside)
        return self._queue.start(effects, nodes, long=_size(first) >= LONG)

    def _adopt(self, first: Adopt) -> Job | None:
        items = self._with_paths(self._group(first, _GROUP))
        if not items:
            return None
        effects = flush_adopted(self._context.disk, items)
        return self._queue.start(effects, [operation.node for operation, _ in items])

    def _trash(self, first: TrashLocal) -> Job | None:
        items = self._with_paths(self._group(first, _GROUP))
        if not items:
            return None
        effects = trash_locally(self._context.disk, items, self._may_trash_along)
        return self._queue.start(effects, [operation.node for operation, _ in items])

    def _delete(self, first: DeleteRemote) -> Job:
        context = self._context
        items = [
            (
                operation,
                deletion_request(context, operation, context.path(operation.node, Side.REMOTE)),
            )
            for operation in self._group(first, context.remote.capabilities.batch_items)
        ]
        nodes = [operation.node for operation, _ in items]
        return self._queue.start(delete_remotely(context.remote, items), nodes)

    def _group(self, first: _Grouped, most: int, *, room: int = 1 << 62) -> list[_Grouped]:
        group = self._queue.take_alike(first, max(1, most), size=_cost, room=room)
        self._context.journal.trees.read_ahead([operation.node for operation in group])
        return group

    def _with_paths(self, group: Sequence[_Grouped]) -> list[tuple[_Grouped, str]]:
        """Each with its path on this disk; one that has none is let go."""
        items: list[tuple[_Grouped, str]] = []
        for operation in group:
            path = self._context.disk_path(operation.node)
            if path is None:
                self._queue.let_go(operation.node)
            else:
                items.append((operation, path))
        return items

    def _position(self, place: Place, operation: Effect) -> Position | None:
        """Where the server is to have it; while it lacks the parent, the operation waits."""
        position = position_of(self._context, place)
        if position is None:
            self._queue.wait_for(place.parent, operation)
        return position


def _size(operation: Effect) -> int:
    """Content bytes that the operation reads or moves."""
    if isinstance(operation, Upload | ReadContent):
        return operation.expect.fingerprint.size
    if isinstance(operation, Download) and operation.remote.content is not None:
        return operation.remote.content.size
    return 0


def _cost(operation: Effect) -> int:
    """What the operation takes of a batch; a large file fits in none."""
    size = _size(operation)
    return size + _DESCRIPTION if size <= SMALL or isinstance(operation, ReadContent) else 1 << 62
