"""Asking the daemon for its state, and the way every call travels.

Imports the standard library only, and little of it: `dreamsync status` runs through here.
"""

import json
from collections.abc import Mapping
from typing import TypeVar

from dreamsync.control.address import Address, not_running
from dreamsync.control.codec import Malformed, decode, encode
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.control.http import Answer, BrokenAnswer, post
from dreamsync.control.status_calls import (
    PREFIX,
    STATUS,
    WAIT_FOR_STATUS,
    Call,
    Nothing,
    WaitForStatus,
)
from dreamsync.core.status import Status
from dreamsync.message import N_

RequestT = TypeVar("RequestT")
AnswerT = TypeVar("AnswerT")

SHORT_SECONDS = 10.0
"""The most that a question about the state may take: the daemon answers it from memory."""

LONG_SECONDS = 300.0
"""The most for what asks the server or touches many files."""


class StatusClient:
    """The state of the daemon at `address`. Methods raise `CommandError`; `NOT_RUNNING` where
    nobody listens."""

    def __init__(self, address: Address) -> None:
        self._address = address

    def status(self) -> Status:
        return self._ask(STATUS, Nothing(), seconds=SHORT_SECONDS)

    def wait_for_status(self, *, after_revision: int, seconds: float) -> Status:
        request = WaitForStatus(after_revision, seconds)
        return self._ask(WAIT_FOR_STATUS, request, seconds=seconds + SHORT_SECONDS)

    def _ask(
        self, call: Call[RequestT, AnswerT], request: RequestT, *, seconds: float = LONG_SECONDS
    ) -> AnswerT:
        answer = self._send(call.name, request, seconds)
        try:
            message = read_message(b"".join(answer.lines()))
        except OSError as error:
            raise broken_off() from error
        finally:
            answer.close()
        result: AnswerT = result_of(call.answer, message)
        return result

    def _send(self, name: str, request: object, seconds: float) -> Answer:
        body = json.dumps(encode(request)).encode()
        try:
            return post(self._address, PREFIX + name, body, seconds=seconds)
        except TimeoutError as error:
            raise CommandError(
                ErrorCode.FAILED,
                N_("The daemon does not answer."),
                hint=N_("Look into its log with: dreamsync logs"),
            ) from error
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise not_running() from error
        except (BrokenAnswer, OSError) as error:
            raise broken_off() from error


def read_message(line: bytes) -> Mapping[str, object]:
    try:
        message = json.loads(line)
    except ValueError as error:
        raise broken_off() from error
    if not isinstance(message, dict):
        raise broken_off()
    return message


def result_of(kind: object, message: Mapping[str, object]) -> AnswerT:  # type: ignore[type-var]
    if "error" in message:
        raise decoded(CommandError, message["error"])
    return decoded(kind, message.get("result"))  # type: ignore[no-any-return]


def decoded(kind: object, value: object):  # type: ignore[no-untyped-def]
    if kind is None:
        return None
    try:
        return decode(kind, value, strict=False)
    except Malformed as error:
        raise CommandError(
            ErrorCode.FAILED,
            N_("The daemon is of another version: {reason}.", reason=error),
            hint=N_("Restart it with: dreamsync stop, then dreamsync start"),
        ) from error


class BrokenOff(CommandError):
    """The daemon ended before it had answered."""


def broken_off() -> BrokenOff:
    return BrokenOff(
        ErrorCode.FAILED,
        N_("The daemon broke off its answer; it may have been stopped."),
        hint=N_("Look into its log with: dreamsync logs"),
    )
