"""Failures to what a person is told and when it is tried again.

One node's failure is its own: it waits, with a delay that doubles from a second to five minutes,
and everything else goes on. A failure of the server as a whole is the engine's: all waits.
"""

from dataclasses import dataclass

from dreamsync.core.nodes import NodeKey
from dreamsync.core.status import Problem, Reason
from dreamsync.engine.context import Context
from dreamsync.journal.told import NodeProblem
from dreamsync.local.protocol import (
    Changed,
    DiskError,
    InputOutput,
    NameRefused,
    NameTaken,
    NoSpace,
    NotPermitted,
    RootGone,
    Vanished,
)
from dreamsync.message import N_, message_of
from dreamsync.remotes.errors import (
    ContentMismatch,
    CursorExpired,
    HistoryReplaced,
    HostRefused,
    Interrupted,
    InvalidRequest,
    NotFound,
    NotTheContract,
    QuotaExceeded,
    RemoteError,
    ServerTrouble,
    SignedOut,
    TooLarge,
    Unreachable,
)

FIRST_DELAY_MS = 1_000
LONGEST_DELAY_MS = 300_000
_SHOWN_AFTER = 4
"""Tries of a file that keeps changing before it is called a problem."""

_NO_ANSWER = (
    Interrupted,
    Unreachable,
    ServerTrouble,
    NotTheContract,
    SignedOut,
    CursorExpired,
    HistoryReplaced,
    HostRefused,
)
_OF_THE_MOMENT = (Changed, Vanished, NameTaken, RootGone)


@dataclass(frozen=True, slots=True)
class Wording:
    reason: Reason
    hint: str


_WORDINGS: tuple[tuple[type[RemoteError] | type[DiskError], Wording], ...] = (
    (
        NoSpace,
        Wording(Reason.NO_SPACE, N_("Free some space on this disk; it goes on by itself.")),
    ),
    (
        NotPermitted,
        Wording(
            Reason.NOT_PERMITTED,
            N_("Give yourself permission for it, or close the program that has it open."),
        ),
    ),
    (
        NameRefused,
        Wording(Reason.NAME_REFUSED, N_("Give it a shorter or simpler name on another device.")),
    ),
    (
        InputOutput,
        Wording(Reason.INPUT_OUTPUT, N_("The disk reports an error: check it, and have a backup.")),
    ),
    (
        TooLarge,
        Wording(Reason.TOO_LARGE, N_("The server does not take a file of this size.")),
    ),
    (
        QuotaExceeded,
        Wording(
            Reason.QUOTA_EXCEEDED,
            N_("Your space on the server is full: delete something or ask for more."),
        ),
    ),
    (
        ContentMismatch,
        Wording(Reason.CONTENT_MISMATCH, N_("It is tried again by itself.")),
    ),
    (
        InvalidRequest,
        Wording(
            Reason.REFUSED, N_("The server does not accept this item; its name may be at fault.")
        ),
    ),
    (NotFound, Wording(Reason.REFUSED, N_("It is tried again by itself."))),
    (
        Changed,
        Wording(Reason.KEEPS_CHANGING, N_("It syncs once the program that writes it has paused.")),
    ),
)
_OTHERWISE = Wording(Reason.REFUSED, N_("It is tried again by itself."))


def is_no_answer(error: RemoteError | DiskError) -> bool:
    """Whether nothing is known of the one operation: all that failed is the way to the server, or
    we broke it off."""
    return isinstance(error, _NO_ANSWER)


def concerns_the_moment(error: RemoteError | DiskError) -> bool:
    """The trees no longer said what is there: look again, and plan again."""
    return isinstance(error, _OF_THE_MOMENT)


def delay_ms(attempts: int, jitter: float) -> int:
    doubled = FIRST_DELAY_MS * 2 ** min(attempts - 1, 10)
    return int(min(doubled, LONGEST_DELAY_MS) * jitter)


def note_failure(
    context: Context, node: NodeKey, path: str, error: RemoteError | DiskError
) -> None:
    """Make it wait; from the first time on, or for a changing file after a few, it is shown."""
    problems = context.journal.problems
    known = problems.of(node)
    attempts = known.attempts + 1 if known else 1
    now_ms = context.clock.now_ms()
    wording = next((word for kind, word in _WORDINGS if isinstance(error, kind)), _OTHERWISE)
    problem = Problem(
        path=path,
        reason=wording.reason,
        message=message_of(error)
        if path in str(error)
        else N_("{path}: {message}", path=path, message=message_of(error)),
        hint=wording.hint,
        since_ms=known.problem.since_ms if known else now_ms,
    )
    next_ms = now_ms + delay_ms(attempts, context.random.jitter())
    problems.put(NodeProblem(node, problem, attempts, next_ms))


def is_shown(record: NodeProblem) -> bool:
    if record.problem.reason is Reason.KEEPS_CHANGING:
        return record.attempts >= _SHOWN_AFTER
    return True


def hostile_name(name: str, reason: str, *, since_ms: int) -> Problem:
    """An item of the server whose name no honest client gives."""
    shown = ascii(name)[1:-1][:80]
    return Problem(
        path=shown,
        reason=Reason.HOSTILE_NAME,
        message=N_(
            "The server has an item whose name is not allowed ({reason}): {path}",
            reason=reason,
            path=shown,
        ),
        hint=N_("Rename or delete it on the device that made it, or on the server."),
        since_ms=since_ms,
    )
