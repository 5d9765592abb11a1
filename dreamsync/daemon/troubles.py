"""What goes wrong with an instance as a whole, told in the status beside what the engine knows."""

from dataclasses import dataclass, replace

from dreamsync.core.status import Problem, Reason, State, Status
from dreamsync.engine.context import Clock
from dreamsync.message import N_

_CALM = {State.STARTING, State.IDLE, State.SYNCING, State.OFFLINE}


@dataclass(slots=True)
class Troubles:
    """`settings`: the configuration cannot be used as it is. `no_room`: the journal's disk is
    full."""

    settings: Problem | None = None
    no_room: Problem | None = None

    def note_no_room(self, clock: Clock) -> bool:
        """Whether it is news."""
        if self.no_room is not None:
            return False
        self.no_room = Problem(
            path="",
            reason=Reason.NO_SPACE,
            message=N_("There is no room for the journal: its disk is full."),
            hint=N_("Free some space on this disk; it goes on by itself."),
            since_ms=clock.now_ms(),
        )
        return True

    def told_in(self, status: Status) -> Status:
        """A problem of the settings does not hide what is worse; without room nothing goes on."""
        if self.no_room is not None:
            problems = (self.no_room, *status.problems)
            status = replace(status, state=State.ATTENTION, problems=problems)
        if self.settings is not None:
            state = State.ATTENTION if status.state in _CALM else status.state
            status = replace(status, state=state, problems=(self.settings, *status.problems))
        return status
