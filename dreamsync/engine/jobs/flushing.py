"""Making what was done on this disk durable, before base says that it is."""

from collections.abc import Collection, Sequence

from dreamsync.core.operations import Adopt
from dreamsync.engine.events import Applied, Effects, Failed, Flushed, Outcome, Unflushed
from dreamsync.local.protocol import Disk, DiskError


def flush_adopted(disk: Disk, items: Sequence[tuple[Adopt, str]]) -> Effects:
    """Each with its path. Base must not say more than a power failure would leave."""
    folders = {path.rpartition("/")[0] for _, path in items}
    return (yield from flushed(disk, folders, [Flushed(operation) for operation, _ in items]))


def flushed(disk: Disk, folders: Collection[str], outcomes: Sequence[Outcome]) -> Effects:
    """`outcomes`, once what was done in `folders` is durable; else none of it is known of."""
    try:
        disk.sync_folders(sorted(folders))
    except DiskError as error:
        unknown = [
            Failed(outcome.operation, error) if isinstance(outcome, Applied | Flushed) else outcome
            for outcome in outcomes
        ]
        return [Unflushed(sorted(folders)), *unknown]
    yield None
    return outcomes
