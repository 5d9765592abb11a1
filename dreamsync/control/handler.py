"""One request of the control channel: check it, decode it, ask `Commands`, answer.

Whatever is not exactly a known call is refused before `Commands` sees anything of it.
"""

import hmac
import json
import logging
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol, cast

from dreamsync.control.calls import CALLS, STREAMING_CALLS, StreamingCall
from dreamsync.control.codec import Malformed, decode, encode
from dreamsync.control.commands import CommandError, Commands, ErrorCode
from dreamsync.control.status_calls import PREFIX, Call, Nothing
from dreamsync.message import N_

_log = logging.getLogger(__name__)

MOST_BODY = 64 * 1024
_LOOPBACK_HOSTS = ("localhost", "127.0.0.1")


Explain = Callable[[Exception], CommandError | None]


class Owner(Protocol):
    """What a handler needs of the server it belongs to."""

    commands: Commands
    token: str | None
    explain: Explain


class RequestHandler(BaseHTTPRequestHandler):
    """`timeout` bounds each read and write: who sends nothing holds a thread no longer."""

    timeout = 15.0
    server_version = "dreamsync"
    sys_version = ""

    def do_POST(self) -> None:
        """Answer one call; see `calls.py` for the shape."""
        try:
            self._check_asker()
            name = self._call_name()
            request = self._read_body()
            if name in STREAMING_CALLS:
                self._stream(STREAMING_CALLS[name], request)
            else:
                self._answer_call(CALLS[name], request)
        except Malformed as error:
            told = N_("The daemon does not know this request: {reason}.", reason=error)
            self._answer(400, _error(CommandError(ErrorCode.USAGE, told)))
        except _Forbidden:
            self._answer(403, _error(CommandError(ErrorCode.FAILED, "forbidden")))

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - base class
        """Silent: a status polled by tray and page would fill the log."""

    def address_string(self) -> str:
        return "control"

    def _check_asker(self) -> None:
        """A web page in the person's browser must not reach us: it cannot leave out `Origin`, and
        under another name that resolves to loopback its `Host` is not ours."""
        token = cast("Owner", self.server).token
        given = self.headers.get("Authorization", "")
        if token is not None and not hmac.compare_digest(
            given.encode("utf-8", "replace"), f"Bearer {token}".encode()
        ):
            raise _Forbidden
        host = self.headers.get("Host", "").partition(":")[0]
        if "Origin" in self.headers or host not in _LOOPBACK_HOSTS:
            raise _Forbidden

    def _call_name(self) -> str:
        name = self.path.removeprefix(PREFIX)
        if not self.path.startswith(PREFIX) or name not in CALLS.keys() | STREAMING_CALLS.keys():
            raise Malformed("no such call")
        return name

    def _read_body(self) -> object:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()) or int(length) > MOST_BODY:
            raise Malformed(f"a body of at most {MOST_BODY} bytes is needed")
        body = self.rfile.read(int(length))
        if len(body) != int(length):
            raise Malformed("the body is shorter than announced")
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Malformed("the body is not JSON") from error

    def _answer_call(self, call: Call[Any, Any], body: object) -> None:
        request = decode(call.request, body, strict=True)
        owner = cast("Owner", self.server)
        message = _outcome(lambda: call.perform(owner.commands, request), owner.explain)
        self._answer(200 if "result" in message else 409, message)

    def _stream(self, call: StreamingCall[Any, Any], body: object) -> None:
        decode(Nothing, body, strict=True)
        self._send_head(200, "application/x-ndjson")
        lines = _Lines(self.wfile.write)
        owner = cast("Owner", self.server)
        message = _outcome(
            lambda: call.perform(
                owner.commands, lambda seen: lines.send({"progress": encode(seen)})
            ),
            owner.explain,
        )
        lines.send(message)

    def _answer(self, status: int, message: dict[str, object]) -> None:
        self._send_head(status, "application/json")
        self.wfile.write(json.dumps(message).encode())

    def _send_head(self, status: int, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Cache-Control", "no-store")
        self.end_headers()


class _Forbidden(Exception):
    """The asker is not the person's own program."""


class _Lines:
    """Progress lines from whichever thread reports; once the asker is gone they go nowhere, and
    what it had asked for goes on: progress must never break a cycle."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._lock = threading.Lock()
        self._gone = False

    def send(self, message: dict[str, object]) -> None:
        with self._lock:
            if self._gone:
                return
            try:
                self._write(json.dumps(message).encode() + b"\n")
            except OSError:
                self._gone = True


def _outcome(perform: Callable[[], object], explain: Explain) -> dict[str, object]:
    try:
        return {"result": encode(perform())}
    except CommandError as error:
        return _error(error)
    except Exception as error:
        told = explain(error)
        if told is not None:
            return _error(told)
        _log.exception("a control call failed")
        return _error(
            CommandError(
                ErrorCode.FAILED,
                N_("Something unexpected went wrong in the daemon."),
                hint=N_("The details are in its log: dreamsync logs"),
            )
        )


def _error(error: CommandError) -> dict[str, object]:
    return {"error": encode(error)}
