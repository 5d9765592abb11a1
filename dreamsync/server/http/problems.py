"""Every refusal as a problem document (RFC 9457); what the server does not expect is a bare 500.

RequestRefused      the request cannot be taken: status, code, detail, headers
"""

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ExceptionHandler

from dreamsync.server.accounts.errors import (
    AccountError,
    DeviceRevoked,
    DeviceUnknown,
    InvalidCredentials,
    RateLimited,
    TokenExpired,
    TokenInvalid,
)
from dreamsync.server.service.errors import NotFound, ServiceError
from dreamsync.wire.fields import WireError
from dreamsync.wire.problems import PROBLEM_TYPE, Problem, ProblemCode

ANSWER_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

_log = logging.getLogger("dreamsync.server")


class RequestRefused(Exception):
    """A request that the HTTP face itself refuses."""

    def __init__(
        self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.problem = Problem(status, code, HTTPStatus(status).phrase, detail)
        self.headers = headers or {}


def invalid_request(detail: str) -> RequestRefused:
    return RequestRefused(400, ProblemCode.INVALID_REQUEST, detail)


def too_large(detail: str) -> RequestRefused:
    return RequestRefused(413, ProblemCode.TOO_LARGE, detail)


def problem_of(error: ServiceError) -> Problem:
    """The problem of one refused item or call; `extra` is added by the caller."""
    missing = error.extra.get("missing", ())
    indexes = missing if isinstance(missing, list | tuple) else ()
    return Problem(
        error.status, error.code, error.title, error.detail, error.current, tuple(indexes)
    )


def problem_response(
    problem: Problem,
    *,
    extra: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    document = {**problem.to_json(), **(extra or {})}
    return Response(
        json.dumps(document, ensure_ascii=False).encode(),
        problem.status,
        {**ANSWER_HEADERS, **(headers or {})},
        PROBLEM_TYPE,
    )


async def _service_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceError)  # noqa: S101 - registered for this type only
    return problem_response(problem_of(error), extra=error.extra)


_ACCOUNT_PROBLEMS: Mapping[type[AccountError], tuple[int, ProblemCode]] = {
    InvalidCredentials: (401, ProblemCode.INVALID_CREDENTIALS),
    RateLimited: (429, ProblemCode.RATE_LIMITED),
    TokenInvalid: (401, ProblemCode.TOKEN_INVALID),
    TokenExpired: (401, ProblemCode.TOKEN_EXPIRED),
    DeviceRevoked: (401, ProblemCode.DEVICE_REVOKED),
}


async def _account_error(request: Request, error: Exception) -> Response:
    if isinstance(error, DeviceUnknown):
        return await _service_error(request, NotFound())
    assert isinstance(error, AccountError)  # noqa: S101
    status, code = _ACCOUNT_PROBLEMS.get(type(error), (400, ProblemCode.INVALID_REQUEST))
    headers = {"WWW-Authenticate": 'Bearer realm="dreamsync"'} if status == 401 else {}
    if isinstance(error, RateLimited):
        headers["Retry-After"] = str(error.retry_after_s)
    problem = Problem(status, code, HTTPStatus(status).phrase, str(error))
    return problem_response(problem, headers=headers)


async def _wire_error(_request: Request, error: Exception) -> Response:
    return problem_response(invalid_request(str(error)).problem)


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestRefused)  # noqa: S101
    return problem_response(error.problem, headers=error.headers)


async def _http_exception(request: Request, error: Exception) -> Response:
    """Starlette's own: an unknown path, a method that a path does not have."""
    assert isinstance(error, HTTPException)  # noqa: S101
    if error.status_code == 404:
        return await _service_error(request, NotFound())
    code = "methodNotAllowed" if error.status_code == 405 else ProblemCode.INVALID_REQUEST
    phrase = HTTPStatus(error.status_code).phrase
    problem = Problem(error.status_code, code, phrase, "This path does not take that method.")
    return problem_response(problem, headers=error.headers)


async def _disconnected(_request: Request, _error: Exception) -> Response:
    """Nobody is there to read the answer."""
    return Response(status_code=400)


async def _unexpected(_request: Request, error: Exception) -> Response:
    _log.debug("answered 500 for %s", type(error).__name__)
    problem = Problem(500, "internalError", "The server failed", "The request was not carried out.")
    return problem_response(problem)


EXCEPTION_HANDLERS: Mapping[int | type[Exception], ExceptionHandler] = {
    ServiceError: _service_error,
    AccountError: _account_error,
    WireError: _wire_error,
    RequestRefused: _refused,
    HTTPException: _http_exception,
    ClientDisconnect: _disconnected,
    Exception: _unexpected,
}
