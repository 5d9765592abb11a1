"""The calls of the control channel: each method of `Commands` with its request and its answer.

`POST /v1/<name>` with the request as a JSON object answers `{"result": ...}` or `{"error": ...}`.
A streaming call answers lines of JSON: any number of `{"progress": ...}`, then one of the two. One
table serves both ends, so client and server cannot disagree.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from dreamsync.control.commands import Commands, Keep
from dreamsync.control.status_calls import (
    STATUS,
    WAIT_FOR_REVISION,
    WAIT_FOR_STATUS,
    AnswerT,
    Call,
    Nothing,
)
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
from dreamsync.local.protocol import TrashItem
from dreamsync.remotes.protocol import KeptVersion

ProgressT = TypeVar("ProgressT")


@dataclass(frozen=True, slots=True)
class Confirm:
    hold_id: str | None
    reject: bool


@dataclass(frozen=True, slots=True)
class OfHold:
    hold_id: str


@dataclass(frozen=True, slots=True)
class Pause:
    until_ms: int | None


@dataclass(frozen=True, slots=True)
class Latest:
    limit: int


@dataclass(frozen=True, slots=True)
class ResolveConflict:
    path: str
    keep: Keep


@dataclass(frozen=True, slots=True)
class OnPath:
    path: str


@dataclass(frozen=True, slots=True)
class OnPaths:
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restore:
    path: str
    version: int | None


@dataclass(frozen=True, slots=True)
class AddIgnore:
    pattern: str


@dataclass(frozen=True, slots=True)
class RestoreFromTrash:
    item_id: str


@dataclass(frozen=True, slots=True)
class VerifyProgress:
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class StreamingCall(Generic[ProgressT, AnswerT]):
    """A call that takes long and reports `progress` on the way. It has no request fields."""

    name: str
    progress: type[ProgressT]
    answer: type[AnswerT]
    perform: Callable[[Commands, Callable[[ProgressT], None]], AnswerT]


def _verify(commands: Commands, report: Callable[[VerifyProgress], None]) -> VerifyReport:
    return commands.verify(on_progress=lambda done, total: report(VerifyProgress(done, total)))


QUOTA: Call[Nothing, Quota] = Call("quota", Nothing, Quota, lambda c, _: c.quota())
CONFIRM: Call[Confirm, Sequence[Hold]] = Call(
    "confirm", Confirm, tuple[Hold, ...], lambda c, r: c.confirm(r.hold_id, reject=r.reject)
)
HELD: Call[OfHold, Sequence[str]] = Call(
    "held", OfHold, tuple[str, ...], lambda c, r: c.held(r.hold_id)
)
PAUSE: Call[Pause, None] = Call("pause", Pause, None, lambda c, r: c.pause(until_ms=r.until_ms))
RESUME: Call[Nothing, None] = Call("resume", Nothing, None, lambda c, _: c.resume())
ACTIVITY: Call[Latest, Sequence[Activity]] = Call(
    "activity", Latest, tuple[Activity, ...], lambda c, r: c.activity(limit=r.limit)
)
CONFLICTS: Call[Nothing, Sequence[ConflictCopy]] = Call(
    "conflicts", Nothing, tuple[ConflictCopy, ...], lambda c, _: c.conflicts()
)
RESOLVE_CONFLICT: Call[ResolveConflict, None] = Call(
    "resolve-conflict", ResolveConflict, None, lambda c, r: c.resolve_conflict(r.path, r.keep)
)
HISTORY: Call[OnPath, Sequence[KeptVersion]] = Call(
    "history", OnPath, tuple[KeptVersion, ...], lambda c, r: c.history(r.path)
)
RESTORE: Call[Restore, None] = Call(
    "restore", Restore, None, lambda c, r: c.restore(r.path, version=r.version)
)
LIST_ITEMS: Call[OnPath, Sequence[ListedItem]] = Call(
    "list-items", OnPath, tuple[ListedItem, ...], lambda c, r: c.list_items(r.path)
)
ITEM_STATES: Call[OnPaths, Sequence[ItemState]] = Call(
    "item-states", OnPaths, tuple[ItemState, ...], lambda c, r: c.item_states(r.paths)
)
EXPLAIN_IGNORE: Call[OnPath, str | None] = Call(
    "explain-ignore", OnPath, str | None, lambda c, r: c.explain_ignore(r.path)
)
ADD_IGNORE: Call[AddIgnore, None] = Call(
    "add-ignore", AddIgnore, None, lambda c, r: c.add_ignore(r.pattern)
)
TRASH: Call[Nothing, Sequence[TrashItem]] = Call(
    "trash", Nothing, tuple[TrashItem, ...], lambda c, _: c.trash()
)
RESTORE_FROM_TRASH: Call[RestoreFromTrash, str] = Call(
    "restore-from-trash", RestoreFromTrash, str, lambda c, r: c.restore_from_trash(r.item_id)
)
RELOAD: Call[Nothing, None] = Call(
    "reload-configuration", Nothing, None, lambda c, _: c.reload_configuration()
)
STOP: Call[Nothing, None] = Call("stop", Nothing, None, lambda c, _: c.stop())

SYNC: StreamingCall[Status, SyncSummary] = StreamingCall(
    "sync", Status, SyncSummary, lambda c, report: c.sync(on_progress=report)
)
VERIFY: StreamingCall[VerifyProgress, VerifyReport] = StreamingCall(
    "verify", VerifyProgress, VerifyReport, _verify
)

CALLS: Mapping[str, Call[Any, Any]] = {
    call.name: call
    for call in (
        STATUS, WAIT_FOR_STATUS, WAIT_FOR_REVISION, QUOTA, CONFIRM, HELD, PAUSE, RESUME, ACTIVITY,
        CONFLICTS, RESOLVE_CONFLICT, HISTORY, RESTORE, LIST_ITEMS, ITEM_STATES, EXPLAIN_IGNORE,
        ADD_IGNORE, TRASH, RESTORE_FROM_TRASH, RELOAD, STOP,
    )
}  # fmt: skip

STREAMING_CALLS: Mapping[str, StreamingCall[Any, Any]] = {
    call.name: call for call in (SYNC, VERIFY)
}
