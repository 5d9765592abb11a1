"""What one sync has done: the engine's tally after it, less the tally before."""

from collections.abc import Mapping

from dreamsync.core.status import Act, Status, SyncSummary


def summary_of(before: Mapping[Act, int], now: Mapping[Act, int], status: Status) -> SyncSummary:
    def made(*acts: Act) -> int:
        return sum(now.get(act, 0) - before.get(act, 0) for act in acts)

    return SyncSummary(
        state=status.state,
        uploaded=made(Act.UPLOADED, Act.FOLDER_THERE),
        downloaded=made(Act.DOWNLOADED, Act.FOLDER_HERE),
        moved=made(Act.MOVED_HERE, Act.MOVED_THERE),
        deleted=made(Act.DELETED_HERE, Act.DELETED_THERE),
        conflicts=made(Act.CONFLICT),
        problems=status.problems,
        holds=status.holds,
    )
