"""Refresh tokens: each is used once and answered with its successor.

A *family* is one sign-in of a device; its tokens are counted by *position*. A token is the random
family id, the position and an HMAC of both under the server's key, so the database holds nothing
that could be used as a token, and only the family's newest position needs a row.

An answer may be lost, so the family's previous token works once more for 60 s and then gives the
same successor again: a repeated answer makes no second branch, and both answers may be used. Any
other use of a replaced token means that two parties hold it, and ends the device's tokens
(RFC 9700, 4.14.2). A genuine token that is *ahead* of its family's row was issued before the
server was put back from a backup; it is taken, so that a restored server signs nobody out.
"""

import hashlib
import hmac
import re
import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import Connection, delete, select, update

from dreamsync.server.accounts.schema import refresh_families

REPEAT_WITHIN_MS = 60 * 1000
LIFETIME_MS = 90 * 24 * 60 * 60 * 1000
_TOKEN = re.compile(r"([0-9a-f]{32})\.(\d{1,9})\.([A-Za-z0-9_-]{43})\Z", re.ASCII)


class Use(Enum):
    """What presenting a refresh token means."""

    ROTATE = "rotate"
    REPEAT = "repeat"
    REUSE = "reuse"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Family:
    """One sign-in; `position` is its newest token's, issued at `rotated_at_ms`."""

    id: str
    account_id: str
    device_id: str
    position: int
    rotated_at_ms: int
    repeated_at_ms: int | None


@dataclass(frozen=True, slots=True)
class PresentedToken:
    """A genuine token: the family it belongs to, and its own position."""

    family: Family
    position: int


def judge(presented: PresentedToken, *, now_ms: int) -> Use:
    """What this use of the token is."""
    family = presented.family
    if presented.position >= family.position:
        in_time = now_ms < family.rotated_at_ms + LIFETIME_MS
        return Use.ROTATE if in_time else Use.EXPIRED
    is_previous = presented.position == family.position - 1
    in_time = now_ms < family.rotated_at_ms + REPEAT_WITHIN_MS
    first_repeat = family.repeated_at_ms is None
    return Use.REPEAT if is_previous and in_time and first_repeat else Use.REUSE


class RefreshTokens:
    """Reads and writes in the caller's transaction; `key` is 32 bytes and has no other use."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def start_family(
        self, connection: Connection, *, account_id: str, device_id: str, now_ms: int
    ) -> str:
        """A new sign-in's first token; the device's earlier family ends."""
        end_family(connection, account_id=account_id, device_id=device_id)
        family_id = uuid.uuid4().hex
        connection.execute(
            refresh_families.insert().values(
                id=family_id,
                account_id=account_id,
                device_id=device_id,
                position=0,
                rotated_at_ms=now_ms,
            )
        )
        return self._token(family_id, 0)

    def find(self, connection: Connection, token: str) -> PresentedToken | None:
        """None for what is no token of ours or of a family that has ended."""
        match = _TOKEN.match(token)
        if match is None:
            return None
        family_id, position = match[1], int(match[2])
        if not hmac.compare_digest(self._token(family_id, position), token):
            return None
        row = connection.execute(
            select(refresh_families).where(refresh_families.c.id == family_id)
        ).first()
        if row is None:
            return None
        family = Family(
            row.id,
            row.account_id,
            row.device_id,
            row.position,
            row.rotated_at_ms,
            row.repeated_at_ms,
        )
        return PresentedToken(family, position)

    def rotate(self, connection: Connection, presented: PresentedToken, *, now_ms: int) -> str:
        """The successor, from now on the family's newest."""
        position = presented.position + 1
        connection.execute(
            update(refresh_families)
            .where(refresh_families.c.id == presented.family.id)
            .values(position=position, rotated_at_ms=now_ms, repeated_at_ms=None)
        )
        return self._token(presented.family.id, position)

    def repeat(self, connection: Connection, presented: PresentedToken, *, now_ms: int) -> str:
        """The successor that was answered before."""
        connection.execute(
            update(refresh_families)
            .where(refresh_families.c.id == presented.family.id)
            .values(repeated_at_ms=now_ms)
        )
        return self._token(presented.family.id, presented.family.position)

    def _token(self, family_id: str, position: int) -> str:
        named = f"{family_id}.{position}"
        mac = hmac.new(self._key, named.encode(), hashlib.sha256).digest()
        return f"{named}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def end_family(connection: Connection, *, account_id: str, device_id: str) -> None:
    """The device's refresh tokens are unknown from now on."""
    connection.execute(
        delete(refresh_families).where(
            refresh_families.c.account_id == account_id,
            refresh_families.c.device_id == device_id,
        )
    )
