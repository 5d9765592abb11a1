"""The `Commands` protocol: all that can be asked of one instance.

The daemon answers them through the control channel; without a daemon the command line answers them
itself from the journal, through the same object. A command that cannot be done raises
`CommandError`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from dreamsync.core.status import (
    Activity,
    ConflictCopy,
    Hold,
    ItemState,
    ListedItem,
    Quota,
    Status,
    SyncSummary,
    VerifyReport,
)

if TYPE_CHECKING:
    # `dreamsync status` imports this module: it must not pay for the protocols of disk and server.
    from dreamsync.local.protocol import TrashItem
    from dreamsync.remotes.protocol import KeptVersion


class ErrorCode(Enum):
    """Stable codes of `{"error": {"code"}}`; the command line maps each to an exit code."""

    FAILED = "failed"
    USAGE = "usage"
    ATTENTION = "attention"
    NOT_RUNNING = "not-running"
    ALREADY_RUNNING = "already-running"
    SIGNED_OUT = "signed-out"
    CONFIGURATION = "configuration"
    NOT_FOUND = "not-found"
    UNREACHABLE = "unreachable"
    NOT_OFFERED = "not-offered"
    JOURNAL_NEWER = "journal-newer"


@dataclass
class CommandError(Exception):
    """What happened, to which path, and what to do next. Never a traceback."""

    code: ErrorCode
    message: str
    path: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        return self.message


class Keep(Enum):
    """Which side of a conflict stays under the plain name; `BOTH` just closes the conflict."""

    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


class Commands(Protocol):
    """One instance: one account and one folder. Paths are relative to the folder, `/` between."""

    def status(self) -> Status: ...

    def wait_for_status(self, *, after_revision: int, seconds: float) -> Status:
        """As soon as the revision is not `after_revision`, at the latest after `seconds`."""

    def quota(self) -> Quota:
        """What the server says now; `UNREACHABLE` where it does not answer. The status holds what
        it said when the connection was made."""

    def sync(self, *, on_progress: Callable[[Status], None] | None = None) -> SyncSummary:
        """One full cycle until quiescent: scan, feed, plan, execute; returns when it is at rest."""

    def verify(self, *, on_progress: Callable[[int, int], None] | None = None) -> VerifyReport:
        """Read every file, compare with the server's digests; progress as files done and total."""

    def confirm(self, hold_id: str | None, *, reject: bool) -> Sequence[Hold]:
        """Answer the hold, or all that are listed now; returns what was answered."""

    def held(self, hold_id: str) -> Sequence[str]:
        """Every path that waits under one hold; `NOT_FOUND` where it is no longer open."""

    def pause(self, *, until_ms: int | None) -> None: ...

    def resume(self) -> None: ...

    def activity(self, *, limit: int) -> Sequence[Activity]:
        """Newest first."""

    def conflicts(self) -> Sequence[ConflictCopy]: ...

    def resolve_conflict(self, path: str, keep: Keep) -> None:
        """`path` is the conflict copy or its original."""

    def history(self, path: str) -> "Sequence[KeptVersion]": ...

    def restore(self, path: str, *, version: int | None) -> None:
        """Bring a kept version back (None: the one before; of a deleted file the last)."""

    def list_items(self, path: str) -> Sequence[ListedItem]: ...

    def item_states(self, paths: Sequence[str]) -> Sequence[ItemState]:
        """How each stands, from what is known without looking at disk or server; so a file manager
        may ask for all it shows. The names are those on this disk."""

    def explain_ignore(self, path: str) -> str | None:
        """The rule that leaves this path out, or None where it syncs."""

    def add_ignore(self, pattern: str) -> None:
        """Add a line to `.dreamsyncignore` at the folder's top."""

    def trash(self) -> "Sequence[TrashItem]": ...

    def restore_from_trash(self, item_id: str) -> str:
        """Where it went: its old path, or beside it where that is taken."""

    def reload_configuration(self) -> None: ...

    def stop(self) -> None:
        """End the daemon after what is at hand. Without one: `NOT_RUNNING`."""
