"""One request to the server and its answer: tokens, limits, strict parsing, errors."""

import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import quote

import httpx

from dreamsync.message import N_
from dreamsync.remotes.errors import NotTheContract, SignedOut, Unreachable, Untrusted
from dreamsync.remotes.rest.connection import Connection
from dreamsync.remotes.rest.pinning import WrongCertificate
from dreamsync.remotes.rest.refusals import error_of
from dreamsync.remotes.rest.tokens import Credentials, Tokens, TokenStore
from dreamsync.system_errors import system_reason
from dreamsync.wire.fields import WireError
from dreamsync.wire.messages import TokensMessage

_Message = TypeVar("_Message")

MOST_ANSWER_BYTES = 64 * 1024 * 1024
"""A longer answer is not read to its end; the longest page of the feed is far below."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to send. `path` is below the server's URL, its variable parts quoted by `path_of`.

    `content` may be an iterator, which cannot be sent a second time: after a refused token such a
    request ends as `Unreachable`, to be made again by whoever has the bytes.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | Iterator[bytes] = b""

    @classmethod
    def of_json(
        cls,
        method: str,
        path: str,
        body: Mapping[str, object],
        *,
        headers: Mapping[str, str] | None = None,
    ) -> "Request":
        return cls(
            method,
            path,
            headers={"Content-Type": "application/json", **(headers or {})},
            content=json.dumps(body, ensure_ascii=False).encode(),
        )


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def path_of(*parts: str) -> str:
    """A path of quoted components. An id that would climb is no id of the contract."""
    if any(part in ("", ".", "..") for part in parts):
        raise NotTheContract(N_("the server gave a file an impossible id"))
    return "/".join(quote(part, safe="") for part in parts)


class Api:
    """The server's API as one device. Shared by threads.

    `store` None: signed out, for the calls that sign in. `now` is seconds since the epoch.
    """

    def __init__(
        self,
        connection: Connection,
        store: TokenStore | None,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.connection = connection
        self.client = connection.server_client()
        self.clock_skew: timedelta | None = None
        self.server_time: datetime | None = None
        self._now = now
        self._credentials = (
            Credentials(store, self._renew_tokens, now=now) if store is not None else None
        )

    def close(self) -> None:
        self.client.close()

    def ask(self, request: Request, parse: Callable[[object], _Message]) -> _Message:
        """Send with this device's token; the answer's JSON, parsed. Raises `RemoteError`."""
        return parsed(self.send(request).body, parse)

    def ask_unsigned(self, request: Request, parse: Callable[[object], _Message]) -> _Message:
        """Send without a token."""
        return parsed(self._answered(request, None).body, parse)

    def send(self, request: Request) -> Answer:
        with self.signed(request) as response:
            return Answer(response.status_code, response.headers, _body(response))

    @contextmanager
    def signed(self, request: Request, *, timeout: float | None = None) -> Iterator[httpx.Response]:
        """An open answer below 300, to be read as a stream."""
        token = self._access_token()
        with self._open(request, token, timeout) as response:
            if response.status_code != 401:
                self._raise_for_error(response)
                yield response
                return
            _ensure_renewable(response)
        token = self._renew(token)
        if not isinstance(request.content, bytes):
            raise Unreachable(N_("the sign-in ended while a file was sent; it will be sent again"))
        with self._open(request, token, timeout) as response:
            self._raise_for_error(response)
            yield response

    def tokens_of(self, message: TokensMessage) -> Tokens:
        """Renewed a little before they end, so that no long upload begins with a dying token."""
        good_for_s = message.expires_in - min(30.0, message.expires_in / 10)
        return Tokens(message.access_token, message.refresh_token, self._now() + good_for_s)

    def _renew_tokens(self, refresh: str) -> Tokens:
        request = Request.of_json("POST", "auth/refresh", {"refreshToken": refresh})
        return self.tokens_of(self.ask_unsigned(request, TokensMessage.parse))

    def _access_token(self) -> str:
        if self._credentials is None:
            raise SignedOut(N_("this device is not signed in"))
        return self._credentials.access_token()

    def _renew(self, token: str) -> str:
        if self._credentials is None:
            raise SignedOut(N_("this device is not signed in"))
        return self._credentials.renew(token)

    def _answered(self, request: Request, token: str | None) -> Answer:
        with self._open(request, token, None) as response:
            self._raise_for_error(response)
            return Answer(response.status_code, response.headers, _body(response))

    @contextmanager
    def _open(
        self, request: Request, token: str | None, timeout: float | None
    ) -> Iterator[httpx.Response]:
        if self.client.is_closed:
            raise Unreachable(N_("the connection to the server was closed"))
        headers = {"Accept": "application/json", **request.headers}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        with (
            transport_errors_translated(),
            self.client.stream(
                request.method,
                f"{self.connection.url.rstrip('/')}/{request.path}",
                params=dict(request.params) or None,
                headers=headers,
                content=request.content or None,
                timeout=httpx.USE_CLIENT_DEFAULT if timeout is None else timeout,
            ) as response,
        ):
            self._note_time(response)
            yield response

    def _raise_for_error(self, response: httpx.Response) -> None:
        if response.status_code >= 300:
            raise error_of(response.status_code, response.headers, _body(response))

    def _note_time(self, response: httpx.Response) -> None:
        try:
            moment = parsedate_to_datetime(response.headers.get("date", ""))
        except ValueError:
            return
        if moment.tzinfo is not None:
            self.server_time = moment.astimezone(UTC)
            self.clock_skew = self.server_time - datetime.fromtimestamp(self._now(), UTC)


def parsed(body: bytes, parse: Callable[[object], _Message]) -> _Message:
    """The message in a JSON body; whatever else it is, is `NotTheContract`."""
    try:
        return parse(json.loads(body))
    except (WireError, ValueError, RecursionError) as error:
        raise NotTheContract(
            N_("the answer is not a sync server's; is this a login page?")
        ) from error


@contextmanager
def transport_errors_translated() -> Iterator[None]:
    """httpx's errors as ours. Their texts never hold a URL; what a body's source raises passes."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise Unreachable(N_("the server did not answer in time")) from error
    except (httpx.DecodingError, httpx.InvalidURL) as error:
        raise NotTheContract(N_("the answer cannot be read")) from error
    except httpx.ConnectError as error:
        raise _why_not_connected(error) from error
    except httpx.TransportError as error:
        raise Unreachable(N_("the connection to the server broke")) from error
    except httpx.StreamError as error:
        raise Unreachable(N_("the connection was closed")) from error


def _why_not_connected(error: httpx.ConnectError) -> Unreachable:
    """A certificate that is refused is no matter of waiting, unlike all the rest."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, WrongCertificate):
            return Untrusted(N_("the server's certificate is not the one trusted at sign-in"))
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Untrusted(
                N_(
                    "the server's certificate is not trusted: {verify_message}",
                    verify_message=cause.verify_message,
                )
            )
        if isinstance(cause, ssl.SSLError) and cause.reason == "WRONG_VERSION_NUMBER":
            return Unreachable(N_("what answers there does not speak https"))
        if isinstance(cause, OSError) and cause.strerror:
            return Unreachable(
                N_("the server cannot be reached: {reason}", reason=system_reason(cause))
            )
        cause = cause.__cause__ or cause.__context__
    return Unreachable(N_("the server cannot be reached: {reason}", reason=error))


def _ensure_renewable(response: httpx.Response) -> None:
    """A 401 that is not the server's own (a proxy's, a portal's) is no reason to renew tokens."""
    error = error_of(response.status_code, response.headers, _body(response))
    if not isinstance(error, SignedOut):
        raise error


def _body(response: httpx.Response) -> bytes:
    pieces, size = [], 0
    for piece in response.iter_bytes():
        size += len(piece)
        if size > MOST_ANSWER_BYTES:
            raise NotTheContract(N_("the answer is longer than any of a sync server"))
        pieces.append(piece)
    return b"".join(pieces)
