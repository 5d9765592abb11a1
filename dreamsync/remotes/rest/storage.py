"""Presigned URLs: bytes straight from and to storage.

No token goes there, no redirect is followed, and no host is contacted that `addresses.py` refuses.
A URL is a bearer's secret: it appears in no error and no log.
"""

import re
import threading
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager

import httpx

from dreamsync.message import N_
from dreamsync.remotes.errors import (
    ContentMismatch,
    NotFound,
    NotTheContract,
    RemoteError,
    ServerTrouble,
    Unreachable,
    UrlExpired,
)
from dreamsync.remotes.protocol import Block, BlockTicket, Pace, unpaced
from dreamsync.remotes.rest.addresses import ensure_storage_allowed
from dreamsync.remotes.rest.api import transport_errors_translated
from dreamsync.remotes.rest.connection import Connection

_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)\Z", re.ASCII)
_SIGNED_HEADERS = re.compile(
    r"(content-type|content-md5|content-digest|if-none-match|x-[a-z0-9-]{1,60})\Z", re.ASCII
)
"""What a ticket may ask to be sent: never a host, a token, a cookie or a length."""
_PARTIAL = 206
_PIECE = 256 * 1024
"""A block goes out in pieces: given whole, the HTTP client copies what is left after each send."""


class Storage:
    """`server_client` serves the server's own host and port; other hosts get a client of their own.

    `hosts` (host:port) is what the server's capabilities name; the connection's are added.
    """

    def __init__(self, connection: Connection, server_client: httpx.Client) -> None:
        self._connection = connection
        self._server_client = server_client
        self._lock = threading.Lock()
        self._other_client: httpx.Client | None = None
        self.hosts: AbstractSet[str] = frozenset()

    def close(self) -> None:
        if self._other_client is not None:
            self._other_client.close()

    def read(self, url: str, *, size: int, offset: int, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `offset` to `end`, or to the last, of content of `size` bytes.

        A server that ignores the range sends everything, and what was not asked for is dropped:
        the URL names one version, so that no validator (If-Range) is needed to know that the
        parts belong together. Raises `UrlExpired`, `Unreachable` for a short body.
        """
        stop = size if end is None else min(end, size)
        if 0 < stop <= offset:
            return
        headers = _range_header(offset, stop, size)
        with self._open("GET", url, headers, None) as response:
            skip = _bytes_to_skip(response, size=size, start=offset)
            last = skip + stop - offset
            everything = response.status_code != _PARTIAL and stop < size
            seen = 0
            for piece in response.iter_raw():
                wanted = piece[max(0, skip - seen) : max(0, last - seen)]
                seen += len(piece)
                if seen > last and not everything:
                    raise NotTheContract(N_("storage sent more bytes than the file has"))
                if wanted:
                    yield wanted
                if everything and seen >= last:
                    return
        if seen < last:
            raise Unreachable(N_("the connection broke before the whole file had come"))

    def write(
        self, ticket: BlockTicket, block: Block, content: bytes, pace: Pace = unpaced
    ) -> None:
        """Send one block. Raises `UrlExpired`, `ContentMismatch`."""
        if len(content) != block.size:
            raise ContentMismatch(N_("the file changed while it was sent"))
        if any(_SIGNED_HEADERS.match(name.lower()) is None for name, _ in ticket.headers):
            raise NotTheContract(N_("the server asked for a header that storage does not need"))
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(len(content)),
            **dict(ticket.headers),
        }
        with self._open("PUT", ticket.url or "", headers, pace(_pieces(content))):
            pass

    @contextmanager
    def _open(
        self, method: str, url: str, headers: Mapping[str, str], body: Iterator[bytes] | None
    ) -> Iterator[httpx.Response]:
        client = self._client_for(url)
        headers = {"Accept-Encoding": "identity", **headers}
        with (
            transport_errors_translated(),
            client.stream(method, url, headers=headers, content=body) as response,
        ):
            if response.status_code >= 300:
                raise _storage_error(response.status_code)
            yield response

    def _client_for(self, url: str) -> httpx.Client:
        server = self._connection.origin
        hosts = self.hosts | self._connection.storage_hosts
        if ensure_storage_allowed(url, server=server, hosts=hosts) == server:
            return self._server_client
        with self._lock:
            self._other_client = self._other_client or self._connection.storage_client()
            return self._other_client


def _pieces(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), _PIECE):
        yield content[start : start + _PIECE]


def _storage_error(status: int) -> RemoteError:
    """Storage has its own error bodies (XML on S3), so only the status is believed."""
    if status == 403:
        return UrlExpired(N_("the address for these bytes has expired"))
    if status == 404:
        return NotFound(N_("storage does not have these bytes any more"))
    if status in (400, 412, 422):
        return ContentMismatch(N_("storage refused the bytes: they are not what was announced"))
    if status in (429, 503) or status >= 500:
        return ServerTrouble(N_("storage is in trouble (status {status})", status=status))
    return NotTheContract(N_("storage gave an answer {status} that cannot be used", status=status))


def _range_header(start: int, stop: int, size: int) -> dict[str, str]:
    if stop < size:
        return {"Range": f"bytes={start}-{stop - 1}"}
    return {"Range": f"bytes={start}-"} if start else {}


def _bytes_to_skip(response: httpx.Response, *, size: int, start: int) -> int:
    """How many bytes of the body come before `start`; its headers must fit `size`."""
    length = response.headers.get("content-length", "")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise NotTheContract(N_("storage sent the bytes in another encoding"))
    if response.status_code == _PARTIAL:
        _ensure_range(response.headers.get("content-range", ""), size=size, start=start)
        return 0
    if response.status_code != 200 or (length.isdigit() and int(length) != size):
        raise NotTheContract(N_("storage sent something else than the file"))
    return start


def _ensure_range(content_range: str, *, size: int, start: int) -> None:
    match = _CONTENT_RANGE.match(content_range)
    if match is None or int(match[1]) != start or match[3] not in ("*", str(size)):
        raise NotTheContract(N_("storage sent another part of the file than was asked for"))
