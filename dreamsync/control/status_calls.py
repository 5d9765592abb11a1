"""What a call of the control channel is, and the calls about the state.

Apart from `calls.py`, so that `dreamsync status` need not import what the other calls answer with.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from dreamsync.control.commands import Commands
from dreamsync.core.status import Status

PREFIX = "/v1/"

LONGEST_WAIT_SECONDS = 60.0
"""A long poll holds one of the daemon's few control threads: it ends at the latest after this."""

RequestT = TypeVar("RequestT")
AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True)
class Nothing:
    """A request without fields."""


@dataclass(frozen=True, slots=True)
class WaitForStatus:
    after_revision: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Call(Generic[RequestT, AnswerT]):
    """`answer` is the type that the answer decodes to, None for a call without one."""

    name: str
    request: type[RequestT]
    answer: object
    perform: Callable[[Commands, RequestT], AnswerT]


def _wait(commands: Commands, request: WaitForStatus) -> Status:
    seconds = min(max(request.seconds, 0.0), LONGEST_WAIT_SECONDS)
    return commands.wait_for_status(after_revision=request.after_revision, seconds=seconds)


def _revision(commands: Commands, request: WaitForStatus) -> int:
    return _wait(commands, request).revision


STATUS: Call[Nothing, Status] = Call("status", Nothing, Status, lambda c, _: c.status())
WAIT_FOR_STATUS: Call[WaitForStatus, Status] = Call("wait-for-status", WaitForStatus, Status, _wait)
WAIT_FOR_REVISION: Call[WaitForStatus, int] = Call(
    "wait-for-revision", WaitForStatus, int, _revision
)
"""For who only wants to know that something has changed: a status may be long."""
