"""An instance of canned answers that changes as a daemon does: what is asked shows in its status,
and who waits for a change is told of it."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from dreamsync.core.status import Hold, Paused, PauseReason, State, Status, SyncSummary
from tests.support.fake_commands import IDLE, FakeCommands


@dataclass
class LiveCommands(FakeCommands):
    questions: int = 0
    waiting: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def become(self, status: Status) -> None:
        with self._changed:
            self.state = replace(status, revision=self.state.revision + 1)
            self._changed.notify_all()

    def status(self) -> Status:
        self.questions += 1
        return super().status()

    def wait_for_status(self, *, after_revision: int, seconds: float) -> Status:
        self.questions += 1
        with self._changed:
            self.waiting += 1
            self._changed.wait_for(lambda: self.state.revision != after_revision, seconds)
            self.waiting -= 1
            return self.state

    def sync(self, *, on_progress: Callable[[Status], None] | None = None) -> SyncSummary:
        self._note("sync")
        return self.summary

    def pause(self, *, until_ms: int | None) -> None:
        super().pause(until_ms=until_ms)
        self.become(
            replace(self.state, state=State.PAUSED, paused=Paused(PauseReason.PERSON, until_ms))
        )

    def resume(self) -> None:
        super().resume()
        self.become(replace(self.state, state=State.IDLE, paused=None))

    def confirm(self, hold_id: str | None, *, reject: bool) -> Sequence[Hold]:
        answered = super().confirm(hold_id, reject=reject)
        self.become(IDLE)
        return answered
