"""What must never be, whatever happens: looked at in the midst of a run, device by device."""

from collections.abc import Sequence

from dreamsync.core.guard import ALWAYS_ALLOWED, SHARE_ALLOWED, WINDOW_MS
from dreamsync.core.nodes import Kind
from dreamsync.core.operations import DeleteRemote, TrashLocal
from dreamsync.engine.events import Applied, Job, Outcome, Sent
from dreamsync.journal.journal import Journal
from tests.simulation.disk import Broken, SimDisk


class Vigil:
    """A new one for each journal: where that is lost, so is what the guard has counted."""

    def __init__(self, name: str, disk: SimDisk, journal: Journal) -> None:
        self._name = name
        self._disk = disk
        self._journal = journal
        self._deleted_ms: dict[type, list[float]] = {DeleteRemote: [], TrashLocal: []}
        self._most_files = 0

    def jobs_begin(self, jobs: Sequence[Job]) -> None:
        """Invariant 12: without its root a device begins nothing, in neither direction."""
        if self._disk.absent and any(job.nodes for job in jobs):
            raise Broken(f"{self._name} begins work while its folder is not there")

    def job_ended(self, outcomes: Sequence[Outcome], now_ms: int) -> None:
        """Invariant 12: more than so many deletions of one side in ten minutes are asked for."""
        self._most_files = max(self._most_files, self._journal.trees.base_files())
        for outcome in outcomes:
            if isinstance(outcome, Applied | Sent):
                self._count(outcome, now_ms)

    def _count(self, outcome: Applied | Sent, now_ms: int) -> None:
        operation = outcome.operation
        if not isinstance(operation, DeleteRemote | TrashLocal):
            return
        if operation.confirmed or operation.kind is Kind.FOLDER:
            return
        times = self._deleted_ms[type(operation)]
        times.append(now_ms)
        recent = sum(1 for at in times if at > now_ms - WINDOW_MS)
        if recent > max(ALWAYS_ALLOWED, SHARE_ALLOWED * (self._most_files + recent)):
            kind = type(operation).__name__
            raise Broken(f"{self._name} has carried out {recent} {kind} that nobody was asked for")

    def agreed_contents(self) -> dict[int, bytes]:
        """By inode: the files on this disk of which base says that they are what both have."""
        there = {inode.number: inode for _, inode in self._disk.files.walk()}
        agreed: dict[int, bytes] = {}
        for node in self._journal.trees.based():
            base, local = self._journal.trees.base(node), self._journal.trees.local(node)
            if base is None or local is None or base.kind is Kind.FOLDER:
                continue
            inode = there.get(base.fingerprint.inode)
            if inode and base.fingerprint == local.fingerprint == inode.fingerprint:
                agreed[inode.number] = inode.data
        return agreed

    def power_was_lost(self, agreed: dict[int, bytes]) -> None:
        """Invariants 8 and 10: what base says is there after a power failure; and what is there is
        whole."""
        files = self._disk.files
        left = {inode.number: inode.data for _, inode in files.walk()}
        for path, inode in files.walk():
            if inode.kind is Kind.FILE and not self._disk.is_known(inode.data):
                raise Broken(f"{self._name} has bytes that nobody wrote in {path}: {inode.data!r}")
        left |= {inode.number: inode.data for _, inode in files.walk(files.trash)}
        for number, data in agreed.items():
            if left.get(number) != data:
                raise Broken(f"{self._name} agreed on {data!r}, and has {left.get(number)!r} now")
