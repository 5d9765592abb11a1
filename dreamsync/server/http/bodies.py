"""Reading request bodies within limits, and writing JSON."""

import json
from collections.abc import AsyncGenerator, Mapping

from starlette.requests import Request
from starlette.responses import Response

from dreamsync.server.http.problems import (
    ANSWER_HEADERS,
    RequestRefused,
    invalid_request,
)
from dreamsync.wire.fields import Fields
from dreamsync.wire.problems import ProblemCode

MOST_JSON_BYTES = 4 * 1024 * 1024
"""Ten thousand announced blocks, or what a device misses, fit several times over."""
MOST_ACCOUNT_BYTES = 64 * 1024
"""Sign-in bodies come from anybody."""
_DROPPED_BYTES = 16 * 1024 * 1024


async def limited_stream(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    """The body in the pieces it comes in; raise 413 once it is longer than `limit` bytes.

    Some of what is too long is read and dropped first: closing a connection that is still being
    written to resets it, and the client would never see why.
    """
    declared = _declared_length(request)
    if declared > limit + _DROPPED_BYTES or (declared > limit and "expect" in request.headers):
        raise _over(limit)
    received, over = 0, declared > limit
    async for piece in request.stream():
        received += len(piece)
        over = over or received > limit
        if received > limit + _DROPPED_BYTES:
            break
        if piece and not over:
            yield piece
    if over:
        raise _over(limit)


def _declared_length(request: Request) -> int:
    declared = request.headers.get("content-length", "")
    return int(declared) if declared.isascii() and declared.isdigit() else 0


def _over(limit: int) -> RequestRefused:
    """The connection ends with it: what may still come is not worth reading."""
    detail = f"A body may have {limit} bytes here."
    return RequestRefused(413, ProblemCode.TOO_LARGE, detail, {"Connection": "close"})


async def read_json(request: Request, limit: int = MOST_JSON_BYTES) -> object:
    """The body's JSON value; an empty body is an empty object."""
    body = b"".join([piece async for piece in limited_stream(request, limit)])
    return parse_json(body) if body else {}


async def read_fields(request: Request, limit: int = MOST_JSON_BYTES) -> Fields:
    return Fields.of(await read_json(request, limit), "body")


def parse_json(body: bytes) -> object:
    """Strict UTF-8 JSON without lone surrogates, which no store could hold; else 400."""
    try:
        text = body.decode()
        value: object = json.loads(text, parse_constant=_refuse_constant)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise invalid_request("The body is not JSON in UTF-8.") from error
    return value


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def json_response(value: Mapping[str, object], status: int = 200) -> Response:
    """Compact JSON that no cache may keep."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, status, ANSWER_HEADERS, "application/json")


def no_content() -> Response:
    return Response(status_code=204)
