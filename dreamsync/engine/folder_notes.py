"""What is noted of folders in the journal: that one cannot be listed, and what is skipped in it."""

from collections.abc import Sequence

from dreamsync.core.nodes import NodeKey
from dreamsync.core.status import Problem, Reason, SkippedItem
from dreamsync.engine.context import Context
from dreamsync.engine.hints import Hints
from dreamsync.journal.told import NodeProblem
from dreamsync.local.protocol import DiskError
from dreamsync.message import N_, message_of


class FolderNotes:
    """Of most folders nothing is noted: which those are is asked once for a round of looks."""

    def __init__(self, context: Context, hints: Hints) -> None:
        self._context = context
        self._hints = hints
        self._noted: set[NodeKey] = set()

    def begin(self) -> None:
        """Before a round of looks."""
        journal = self._context.journal
        self._noted = {*journal.problems.nodes(), *journal.skipped.folders()}

    def listed(self, folder: NodeKey) -> None:
        """It could be listed."""
        if folder in self._noted:
            self._context.journal.problems.remove(folder)

    def skipped(self, folder: NodeKey, items: Sequence[SkippedItem]) -> None:
        if items or folder in self._noted:
            self._context.journal.skipped.replace(folder, items)
            self._noted.add(folder)

    def unreadable(self, folder: NodeKey, path: str, error: DiskError) -> None:
        """What is in a folder that cannot be listed is unknown: its entries stay as they were."""
        now_ms = self._context.clock.now_ms()
        self._noted.add(folder)
        delay_ms = self._hints.retry_unreadable(path, now=self._context.clock.monotonic())
        problem = Problem(
            path=path,
            reason=Reason.NOT_PERMITTED,
            message=message_of(error),
            hint=N_("Allow dreamsync to read this folder, or leave it out with an ignore rule."),
            since_ms=now_ms,
        )
        self._context.journal.problems.put(
            NodeProblem(folder, problem, attempts=1, next_ms=now_ms + delay_ms)
        )
