"""Reading request bodies within limits of size and time, and writing JSON."""

import asyncio
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

BODY_PATIENCE_S = 60.0
SLOWEST_BYTES_PER_S = 1024
"""A body may keep the server waiting for `BODY_PATIENCE_S`; what it comes faster than this makes up
for time that it has lost."""


async def limited_stream(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    """The body in the pieces it comes in; raise 413 once it is longer than `limit` bytes, 408 where
    it comes too slowly.

    Some of what is too long is read and dropped first: closing a connection that is still being
    written to resets it, and the client would never see why.
    """
    declared = _declared_length(request)
    if declared > limit + _DROPPED_BYTES or (declared > limit and "expect" in request.headers):
        raise _over(limit)
    received, over = 0, declared > limit
    async for piece in _arriving(request):
        received += len(piece)
        over = over or received > limit
        if received > limit + _DROPPED_BYTES:
            break
        if piece and not over:
            yield piece
    if over:
        raise _over(limit)


async def _arriving(request: Request) -> AsyncGenerator[bytes, None]:
    """Only the time spent waiting for the client counts, and none of what the server takes."""
    loop, stream = asyncio.get_running_loop(), request.stream()
    left_s = BODY_PATIENCE_S
    while True:
        asked_at = loop.time()
        try:
            async with asyncio.timeout(left_s):
                piece = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            raise _too_slow() from error
        earned_s = len(piece) / SLOWEST_BYTES_PER_S - (loop.time() - asked_at)
        left_s = min(left_s + earned_s, BODY_PATIENCE_S)
        yield piece


def _declared_length(request: Request) -> int:
    declared = request.headers.get("content-length", "")
    return int(declared) if declared.isascii() and declared.isdigit() else 0


def _over(limit: int) -> RequestRefused:
    """The connection ends with it: what may still come is not worth reading."""
    detail = f"A body may have {limit} bytes here."
    return RequestRefused(413, ProblemCode.TOO_LARGE, detail, {"Connection": "close"})


def _too_slow() -> RequestRefused:
    detail = "The body did not come in time. Send it again over a better connection."
    return RequestRefused(408, "requestTimeout", detail, {"Connection": "close"})


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
