"""The daemon's `Commands`, as seen from another process."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from dreamsync.control import calls
from dreamsync.control.calls import StreamingCall
from dreamsync.control.commands import Keep
from dreamsync.control.status_calls import Nothing
from dreamsync.control.status_client import (
    LONG_SECONDS,
    BrokenOff,
    StatusClient,
    broken_off,
    decoded,
    read_message,
    result_of,
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

AnswerT = TypeVar("AnswerT")
ProgressT = TypeVar("ProgressT")


class ControlClient(StatusClient):
    """`Commands` over the control channel; one connection for each call."""

    def quota(self) -> Quota:
        return self._ask(calls.QUOTA, Nothing())

    def sync(self, *, on_progress: Callable[[Status], None] | None = None) -> SyncSummary:
        return self._follow(calls.SYNC, on_progress)

    def verify(self, *, on_progress: Callable[[int, int], None] | None = None) -> VerifyReport:
        if on_progress is None:
            return self._follow(calls.VERIFY, None)
        return self._follow(calls.VERIFY, lambda seen: on_progress(seen.done, seen.total))

    def confirm(self, hold_id: str | None, *, reject: bool) -> Sequence[Hold]:
        return self._ask(calls.CONFIRM, calls.Confirm(hold_id, reject))

    def held(self, hold_id: str) -> Sequence[str]:
        return self._ask(calls.HELD, calls.OfHold(hold_id))

    def pause(self, *, until_ms: int | None) -> None:
        self._ask(calls.PAUSE, calls.Pause(until_ms))

    def resume(self) -> None:
        self._ask(calls.RESUME, Nothing())

    def activity(self, *, limit: int) -> Sequence[Activity]:
        return self._ask(calls.ACTIVITY, calls.Latest(limit))

    def conflicts(self) -> Sequence[ConflictCopy]:
        return self._ask(calls.CONFLICTS, Nothing())

    def resolve_conflict(self, path: str, keep: Keep) -> None:
        self._ask(calls.RESOLVE_CONFLICT, calls.ResolveConflict(path, keep))

    def history(self, path: str) -> Sequence[KeptVersion]:
        return self._ask(calls.HISTORY, calls.OnPath(path))

    def restore(self, path: str, *, version: int | None) -> None:
        self._ask(calls.RESTORE, calls.Restore(path, version))

    def list_items(self, path: str) -> Sequence[ListedItem]:
        return self._ask(calls.LIST_ITEMS, calls.OnPath(path))

    def item_states(self, paths: Sequence[str]) -> Sequence[ItemState]:
        return self._ask(calls.ITEM_STATES, calls.OnPaths(tuple(paths)))

    def explain_ignore(self, path: str) -> str | None:
        return self._ask(calls.EXPLAIN_IGNORE, calls.OnPath(path))

    def add_ignore(self, pattern: str) -> None:
        self._ask(calls.ADD_IGNORE, calls.AddIgnore(pattern))

    def trash(self) -> Sequence[TrashItem]:
        return self._ask(calls.TRASH, Nothing())

    def restore_from_trash(self, item_id: str) -> str:
        return self._ask(calls.RESTORE_FROM_TRASH, calls.RestoreFromTrash(item_id))

    def reload_configuration(self) -> None:
        self._ask(calls.RELOAD, Nothing())

    def stop(self) -> None:
        with suppress(BrokenOff):  # it may be gone before its answer is on its way
            self._ask(calls.STOP, Nothing())

    def _follow(
        self,
        call: StreamingCall[ProgressT, AnswerT],
        on_progress: Callable[[ProgressT], None] | None,
    ) -> AnswerT:
        answer = self._send(call.name, Nothing(), LONG_SECONDS)
        # A cycle may be silent for as long as one large file takes.
        answer.connection.settimeout(None)
        try:
            for line in answer.lines():
                message = read_message(line)
                if "progress" not in message:
                    result: AnswerT = result_of(call.answer, message)
                    return result
                if on_progress is not None:
                    on_progress(decoded(call.progress, message["progress"]))
        except OSError as error:
            raise broken_off() from error
        finally:
            answer.close()
        raise broken_off()
