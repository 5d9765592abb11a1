"""What is planned, what waits for a folder to come into being, and what is running."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar
from unicodedata import normalize

from dreamsync.core.nodes import NodeKey
from dreamsync.core.operations import (
    Adopt,
    DeleteRemote,
    Deletion,
    LocalOperation,
    ReadContent,
    RemoteOperation,
    TrashLocal,
)
from dreamsync.engine.events import Effects, Job

Effect = Adopt | ReadContent | RemoteOperation | LocalOperation | Deletion
"""Operations that need a job; the others concern the journal alone."""

_Alike = TypeVar("_Alike", bound=Effect)


class Queue:
    """A node is *busy* from being planned until its job has finished; nothing else is planned for
    it meanwhile. A *long* job is a transfer that nothing waits for. `let_some_go` is for
    who plans: no job's end will tell of a node that was let go."""

    def __init__(self) -> None:
        self._ready: deque[Effect] = deque()
        self._waiting: dict[NodeKey, list[Effect]] = {}
        self._running: dict[int, Job] = {}
        self._next_job = 1
        self.busy: set[NodeKey] = set()
        self._have_waited: set[NodeKey] = set()
        self.let_some_go = False
        """Of those that have waited: the plan before could not have known of them."""

    def add(self, operations: Iterable[Effect]) -> None:
        for operation in operations:
            self._ready.append(operation)
            self.busy.add(operation.node)

    def __len__(self) -> int:
        return len(self._ready)

    def take(self) -> Effect | None:
        return self._ready.popleft() if self._ready else None

    def put_back(self, operations: Sequence[Effect]) -> None:
        self._ready.extendleft(reversed(operations))

    def take_alike(
        self, first: _Alike, most: int, *, size: Callable[[_Alike], int], room: int
    ) -> list[_Alike]:
        """`first` and those of its kind that come right after it, as many as fit."""
        taken = [first]
        room -= size(first)
        kind = type(first)
        while self._ready and len(taken) < most:
            following = self._ready[0]
            if not isinstance(following, kind) or size(following) > room:
                break
            room -= size(following)
            taken.append(following)
            self._ready.popleft()
        return taken

    def wait_for(self, parent: NodeKey, operation: Effect) -> None:
        """Until the parent's job has finished; where it has none, the node is let go."""
        if parent in self.busy:
            self._waiting.setdefault(parent, []).append(operation)
        else:
            self.let_go(operation.node)

    def let_go(self, node: NodeKey) -> None:
        """What the trees no longer allow: the node is dirty still and is planned again. What waits
        for it is ready, and finds the same."""
        self.busy.discard(node)
        self._release(node)
        if node in self._have_waited:
            self._have_waited.discard(node)
            self.let_some_go = True

    def _release(self, node: NodeKey) -> None:
        waiting = self._waiting.pop(node, ())
        self._ready.extend(waiting)
        self._have_waited.update(operation.node for operation in waiting)

    def start(
        self,
        effects: Effects,
        nodes: Iterable[NodeKey] = (),
        *,
        paths: Iterable[str] = (),
        long: bool = False,
    ) -> Job:
        job = Job(self._next_job, effects, frozenset(nodes), frozenset(map(_form, paths)), long)
        self._next_job += 1
        self._running[job.id] = job
        self._have_waited -= job.nodes
        return job

    def finish(self, job_id: int) -> frozenset[NodeKey]:
        """The job's nodes, which are free now; what waited for them is ready."""
        job = self._running.pop(job_id)
        self.busy -= job.nodes
        for node in job.nodes:
            self._release(node)
        return job.nodes

    def clear(self) -> None:
        """Drop what has not started: it stays dirty."""
        planned = [*self._ready, *(op for waiting in self._waiting.values() for op in waiting)]
        self.busy.difference_update(operation.node for operation in planned)
        self._ready.clear()
        self._waiting.clear()

    def lands_at(self, path: str) -> bool:
        """Whether a running job puts something at this path on this disk, in whatever form the disk
        keeps names."""
        form = _form(path)
        return any(form in job.paths for job in self._running.values())

    @property
    def running_short(self) -> int:
        return sum(1 for job in self._running.values() if not job.long)

    @property
    def running_long(self) -> int:
        return sum(1 for job in self._running.values() if job.long)

    @property
    def idle(self) -> bool:
        """Nothing planned, nothing waiting, nothing running."""
        return not (self._ready or self._waiting or self._running)

    @property
    def working(self) -> bool:
        """Nodes are in flight; jobs that only talk to the server have none."""
        return bool(self.busy)

    @property
    def drained(self) -> bool:
        """Nothing planned or waiting, and nothing running but long transfers."""
        return not (self._ready or self._waiting or self.running_short)


def is_deletion(operation: Effect) -> bool:
    return isinstance(operation, DeleteRemote | TrashLocal)


def _form(path: str) -> str:
    return normalize("NFC", path)
