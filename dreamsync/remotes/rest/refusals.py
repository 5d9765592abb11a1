"""From HTTP answers to errors: the one place where a status becomes a `RemoteError`."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from dreamsync.message import N_
from dreamsync.remotes.errors import (
    Conflict,
    ConflictCode,
    ContentMismatch,
    CursorExpired,
    HistoryReplaced,
    Incomplete,
    InvalidRequest,
    NotFound,
    NotTheContract,
    QuotaExceeded,
    Refused,
    RemoteError,
    ServerTrouble,
    SignedOut,
    Throttled,
    TooLarge,
)
from dreamsync.wire.fields import WireError
from dreamsync.wire.problems import Problem, ProblemCode

MOST_RETRY_AFTER_S = 3600.0
"""No server may silence a client for longer."""

_MISMATCHES = {
    ProblemCode.CHECKSUM_MISMATCH,
    ProblemCode.DIGEST_MISMATCH,
    ProblemCode.SIZE_MISMATCH,
}
_FROM_ANYONE = {408, 413, 425, 429, 507}
"""Statuses that proxies answer in the server's stead, with whatever body they like."""


def error_of(status: int, headers: Mapping[str, str], body: bytes) -> RemoteError:
    """The error that an answer of 300 and above stands for.

    Redirects, and refusals without a JSON object, come from a captive portal or a proxy and say
    nothing about the file that was asked for.
    """
    problem = _problem(status, body)
    if status >= 500 or status in _FROM_ANYONE:
        return error_of_problem(problem or Problem(status, ""), retry_after=_retry_after(headers))
    if status < 400 or problem is None:
        return NotTheContract(
            N_("an answer {status} that no sync server gives; is this a login page?", status=status)
        )
    return error_of_problem(problem)


def error_of_problem(problem: Problem, *, retry_after: float | None = None) -> RemoteError:
    """As `error_of`, for one item of a batch too."""
    told = problem.detail or problem.title or problem.code or f"status {problem.status}"
    match problem.status:
        case 401 if problem.code == ProblemCode.DEVICE_REVOKED:
            return SignedOut(N_("this device was revoked; sign in again"))
        case 401:
            return SignedOut(N_("this device is signed out; sign in again"))
        case 404:
            return NotFound(N_("the server has no such file"))
        case 409 | 412:
            return _conflict(problem)
        case 410:
            return _gone(problem)
        case 413:
            return TooLarge(N_("the server does not take that much at once ({told})", told=told))
        case 422 if problem.code in _MISMATCHES:
            return ContentMismatch(N_("the bytes that arrived are not those that were announced"))
        case 429:
            return Throttled(N_("the server asks to wait ({told})", told=told), retry_after)
        case 507:
            return QuotaExceeded(N_("the account's space on the server is full"))
        case status if status >= 500 or status in _FROM_ANYONE:
            return ServerTrouble(N_("the server is in trouble ({told})", told=told), retry_after)
        case _:
            return InvalidRequest(N_("the server refuses it ({told})", told=told))


def refusal_of(problem: Problem) -> Refused:
    """One item's refusal in a batch; trouble that is not the item's own is raised for them all."""
    error = error_of_problem(problem)
    if isinstance(error, Refused):
        return error
    raise error


def _conflict(problem: Problem) -> Refused:
    if problem.code == ProblemCode.INCOMPLETE:
        return Incomplete(problem.missing)
    known = {code.value: code for code in ConflictCode}
    return Conflict(known.get(problem.code, ConflictCode.STALE), problem.current)


def _gone(problem: Problem) -> RemoteError:
    if problem.code == ProblemCode.CURSOR_EXPIRED:
        return CursorExpired(N_("the server keeps no changes from so long ago"))
    if problem.code == ProblemCode.HISTORY_REPLACED:
        return HistoryReplaced(N_("the server was restored from a backup"))
    return NotTheContract(N_("an answer 410 that does not say what is gone"))


def _problem(status: int, body: bytes) -> Problem | None:
    """The problem document, or None where the body is no JSON object.

    A plain server's own error objects count too: there the HTTP status alone is believed.
    """
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    try:
        return Problem.parse(value | {"status": status})
    except WireError:
        return Problem(status, "")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from either form of the header (RFC 9110, 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), MOST_RETRY_AFTER_S)
    try:
        moment = parsedate_to_datetime(value)
        base = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return None
    return min(max((_utc(moment) - _utc(base)).total_seconds(), 0.0), MOST_RETRY_AFTER_S)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
