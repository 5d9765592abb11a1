"""Exit codes: fixed, documented in `docs/`, the same for every command."""

from collections.abc import Mapping
from enum import IntEnum

from dreamsync.control.commands import ErrorCode
from dreamsync.core.status import Reason, State, SyncSummary


class Exit(IntEnum):
    FINE = 0
    ERROR = 1
    USAGE = 2
    ATTENTION = 3
    NOT_RUNNING = 4
    SIGNED_OUT = 5
    CONFIGURATION = 78


OF_ERROR: Mapping[ErrorCode, Exit] = {
    ErrorCode.FAILED: Exit.ERROR,
    ErrorCode.USAGE: Exit.USAGE,
    ErrorCode.ATTENTION: Exit.ATTENTION,
    ErrorCode.NOT_RUNNING: Exit.NOT_RUNNING,
    ErrorCode.ALREADY_RUNNING: Exit.ERROR,
    ErrorCode.SIGNED_OUT: Exit.SIGNED_OUT,
    ErrorCode.CONFIGURATION: Exit.CONFIGURATION,
    ErrorCode.NOT_FOUND: Exit.ERROR,
    ErrorCode.UNREACHABLE: Exit.ERROR,
    ErrorCode.NOT_OFFERED: Exit.ERROR,
    ErrorCode.JOURNAL_NEWER: Exit.ERROR,
}

OF_STATE: Mapping[State, Exit] = {
    State.STARTING: Exit.FINE,
    State.IDLE: Exit.FINE,
    State.SYNCING: Exit.FINE,
    State.PAUSED: Exit.FINE,
    State.OFFLINE: Exit.FINE,
    State.ATTENTION: Exit.ATTENTION,
    State.ERROR: Exit.ERROR,
    State.SIGNED_OUT: Exit.SIGNED_OUT,
    State.STOPPED: Exit.NOT_RUNNING,
}


_SERVER_AWAY = (
    Reason.UNREACHABLE,
    Reason.CERTIFICATE,
    Reason.NOT_THE_CONTRACT,
    Reason.HOST_REFUSED,
)


def of_sync(summary: SyncSummary) -> Exit:
    """0 only where everything is at rest with no problem and no hold; without a server, 1."""
    if summary.state is State.SIGNED_OUT:
        return Exit.SIGNED_OUT
    if any(problem.reason in _SERVER_AWAY for problem in summary.problems):
        return Exit.ERROR
    if summary.holds or summary.problems or summary.state is State.ATTENTION:
        return Exit.ATTENTION
    return Exit.FINE if summary.state in (State.IDLE, State.STOPPED) else Exit.ERROR
