"""The daemon's `Commands`, as seen from another process.

Imports the standard library only, and little of it: `dreamsync status` runs through here.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from dreamsync.control import calls
from dreamsync.control.address import Address, not_running
from dreamsync.control.calls import Call, Nothing, StreamingCall
from dreamsync.control.codec import Malformed, decode, encode
from dreamsync.control.commands import CommandError, ErrorCode, Keep
from dreamsync.control.http import Answer, BrokenAnswer, post
from dreamsync.core.status import (
    Activity,
    ConflictCopy,
    Hold,
    ListedItem,
    Status,
    SyncSummary,
    VerifyReport,
)
from dreamsync.i18n import _
from dreamsync.local.protocol import TrashItem
from dreamsync.remotes.protocol import KeptVersion

RequestT = TypeVar("RequestT")
AnswerT = TypeVar("AnswerT")
ProgressT = TypeVar("ProgressT")

SHORT_SECONDS = 10.0
"""The most that a question about the state may take: the daemon answers it from memory."""

LONG_SECONDS = 300.0
"""The most for what asks the server or touches many files."""


class ControlClient:
    """`Commands` over the control channel; one connection for each call.

    Every method raises `CommandError`; `NOT_RUNNING` where nobody listens.
    """

    def __init__(self, address: Address) -> None:
        self._address = address

    def status(self) -> Status:
        return self._ask(calls.STATUS, Nothing(), seconds=SHORT_SECONDS)

    def wait_for_status(self, *, after_revision: int, seconds: float) -> Status:
        request = calls.WaitForStatus(after_revision, seconds)
        return self._ask(calls.WAIT_FOR_STATUS, request, seconds=seconds + SHORT_SECONDS)

    def sync(self, *, on_progress: Callable[[Status], None] | None = None) -> SyncSummary:
        return self._follow(calls.SYNC, on_progress)

    def verify(self, *, on_progress: Callable[[int, int], None] | None = None) -> VerifyReport:
        if on_progress is None:
            return self._follow(calls.VERIFY, None)
        return self._follow(calls.VERIFY, lambda seen: on_progress(seen.done, seen.total))

    def confirm(self, hold_id: str | None, *, reject: bool) -> Sequence[Hold]:
        return self._ask(calls.CONFIRM, calls.Confirm(hold_id, reject))

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
        self._ask(calls.STOP, Nothing())

    def _ask(
        self, call: Call[RequestT, AnswerT], request: RequestT, *, seconds: float = LONG_SECONDS
    ) -> AnswerT:
        answer = self._send(call.name, request, seconds)
        try:
            message = _read_message(b"".join(answer.lines()))
        except OSError as error:
            raise _broken_off() from error
        finally:
            answer.close()
        result: AnswerT = _result(call.answer, message)
        return result

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
                message = _read_message(line)
                if "progress" not in message:
                    result: AnswerT = _result(call.answer, message)
                    return result
                if on_progress is not None:
                    on_progress(_decode(call.progress, message["progress"]))
        except OSError as error:
            raise _broken_off() from error
        finally:
            answer.close()
        raise _broken_off()

    def _send(self, name: str, request: object, seconds: float) -> Answer:
        body = json.dumps(encode(request)).encode()
        try:
            return post(self._address, calls.PREFIX + name, body, seconds=seconds)
        except TimeoutError as error:
            raise CommandError(
                ErrorCode.FAILED,
                _("The daemon does not answer."),
                hint=_("Look into its log with: dreamsync logs"),
            ) from error
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise not_running() from error
        except (BrokenAnswer, OSError) as error:
            raise _broken_off() from error


def _read_message(line: bytes) -> Mapping[str, object]:
    try:
        message = json.loads(line)
    except ValueError as error:
        raise _broken_off() from error
    if not isinstance(message, dict):
        raise _broken_off()
    return message


def _result(kind: object, message: Mapping[str, object]) -> AnswerT:  # type: ignore[type-var]
    if "error" in message:
        raise _decode(CommandError, message["error"])
    return _decode(kind, message.get("result"))  # type: ignore[no-any-return]


def _decode(kind: object, value: object):  # type: ignore[no-untyped-def]
    if kind is None:
        return None
    try:
        return decode(kind, value, strict=False)
    except Malformed as error:
        raise CommandError(
            ErrorCode.FAILED,
            _("The daemon is of another version: {reason}.").format(reason=error),
            hint=_("Restart it with: dreamsync stop, then dreamsync start"),
        ) from error


def _broken_off() -> CommandError:
    return CommandError(
        ErrorCode.FAILED,
        _("The daemon broke off its answer; it may have been stopped."),
        hint=_("Look into its log with: dreamsync logs"),
    )
