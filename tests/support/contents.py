"""File contents that tell by themselves whether they are whole, and which of all they are.

The first line is `TOKEN LENGTH HASH`: 16 hexadecimal digits that no other content has, the length
of what follows in bytes, and the first 16 digits of its SHA-256.
"""

import hashlib
from random import Random

_HEADER = 16 + 1 + 10 + 1 + 16 + 1


class NotWhole(AssertionError):
    """Bytes that are no content ever composed: part of one, or a mixture."""


def compose(token: str, body: bytes) -> bytes:
    return f"{token} {len(body):010d} {_hash(body)}\n".encode() + body


def new_token(random: Random) -> str:
    return f"{random.getrandbits(64):016x}"


def new_body(random: Random, size: int) -> bytes:
    """Text that does not compress away, a line of 64 bytes each."""
    return (random.randbytes(48).hex().encode()[:63] + b"\n") * (size // 64 + 1)


def split(data: bytes) -> tuple[str, bytes]:
    """Token and body; raise `NotWhole`."""
    header, body = data[:_HEADER], data[_HEADER:]
    try:
        token, length, digest = header.decode("ascii").split(" ")
        whole = int(length) == len(body) and digest.strip() == _hash(body)
    except ValueError:
        whole = False
    if not whole:
        raise NotWhole(f"{len(data)} bytes beginning with {header!r}")
    return token, body


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]
