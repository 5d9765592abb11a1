"""One HTTP request to the daemon, in as few imports as possible.

`http.client` alone costs 30 ms (it brings email and ssl), a fifth of what `dreamsync status` may
take in all. The daemon's answers need little: a status line, headers, a body up to the end of the
connection.
"""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from dreamsync.control.address import Address

MOST_LINE = 64 * 1024 * 1024
"""A line of an answer is one JSON document; `ls` of a large tree is the largest."""

_MOST_HEADERS = 100


class BrokenAnswer(Exception):
    """What came is no HTTP answer, or only a part of one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer whose body is still to come; `lines` ends where the connection does."""

    status: int
    connection: socket.socket
    stream: BinaryIO

    def lines(self) -> Iterator[bytes]:
        while line := self.stream.readline(MOST_LINE):
            yield line

    def close(self) -> None:
        self.stream.close()
        self.connection.close()


def post(address: Address, target: str, body: bytes, *, seconds: float) -> Answer:
    """Send one request. Raise `OSError` where nobody listens, `BrokenAnswer`.

    `seconds` is the most for connecting and for each wait until the headers have come.
    """
    connection = address.connect(seconds)
    stream = connection.makefile("rb")
    try:
        connection.sendall(_request(address, target, body))
        return Answer(_read_head(stream), connection, stream)
    except BaseException:
        stream.close()
        connection.close()
        raise


def _request(address: Address, target: str, body: bytes) -> bytes:
    token = "" if address.token is None else f"Authorization: Bearer {address.token}\r\n"
    head = (
        f"POST {target} HTTP/1.0\r\nHost: localhost\r\n{token}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body


def _read_head(stream: BinaryIO) -> int:
    parts = stream.readline(1024).split(None, 2)
    if len(parts) < 2 or not parts[0].startswith(b"HTTP/1.") or not parts[1].isdigit():
        raise BrokenAnswer("no HTTP answer")
    for _index in range(_MOST_HEADERS):
        line = stream.readline(8192)
        if line in (b"\r\n", b"\n"):
            return int(parts[1])
        if not line:
            break
    raise BrokenAnswer("the answer ends in its headers")
