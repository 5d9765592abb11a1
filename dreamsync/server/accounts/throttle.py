"""Sign-in limits: failed attempts are counted per email and per address, across restarts.

An attempt is charged before the password is looked at and given back when it was right, so that
many attempts at once cannot slip through. Emails and addresses are stored as keyed hashes only.
"""

import hashlib
import hmac
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from dreamsync.server.accounts.errors import RateLimited
from dreamsync.server.accounts.schema import login_failures

EMAIL_ALLOWANCE = 10
"""Wrong passwords for one email before the wait begins."""
ADDRESS_ALLOWANCE = 100
"""An address may be a whole office or household."""
_FORGOTTEN_AFTER_MS = 15 * 60 * 1000
_SHORTEST_WAIT_S = 30
_LONGEST_WAIT_S = 15 * 60


@dataclass(frozen=True, slots=True)
class Failures:
    """How often in a row, and when last."""

    count: int
    last_ms: int


NO_FAILURES = Failures(0, 0)


def seconds_to_wait(failures: Failures, *, allowance: int, now_ms: int) -> int:
    """0 where an attempt may be made, else the wait: 30 s at first, doubling up to 15 min."""
    excess = failures.count - allowance
    if excess < 0:
        return 0
    wait_s = min(_SHORTEST_WAIT_S * 2 ** min(excess, 10), _LONGEST_WAIT_S)
    left_ms = failures.last_ms + wait_s * 1000 - now_ms
    return min(wait_s, -(-left_ms // 1000)) if left_ms > 0 else 0


def after_one_more(failures: Failures, *, now_ms: int) -> Failures:
    """Failures older than 15 minutes are forgotten."""
    forgotten = now_ms - failures.last_ms >= _FORGOTTEN_AFTER_MS
    return Failures(1 if forgotten else failures.count + 1, now_ms)


class LoginThrottle:
    """Counts in the caller's transaction, so that a charge is kept or undone with it."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def charge(
        self, connection: Connection, *, email_key: str | None, address: str, now_ms: int
    ) -> None:
        """Note an attempt, or raise `RateLimited` (then nothing is noted)."""
        purses = [(self._hash("address", address), ADDRESS_ALLOWANCE)]
        if email_key is not None:
            purses.append((self._hash("email", email_key), EMAIL_ALLOWANCE))
        read = {key: _read(connection, key) for key, _ in purses}
        wait_s = max(
            seconds_to_wait(read[key], allowance=allowance, now_ms=now_ms)
            for key, allowance in purses
        )
        if wait_s:
            raise RateLimited(wait_s)
        for key, _ in purses:
            _write(connection, key, after_one_more(read[key], now_ms=now_ms))

    def give_back(self, connection: Connection, *, email_key: str | None, address: str) -> None:
        """The attempt was right: the email starts afresh, the address has one failure less."""
        if email_key is not None:
            key = self._hash("email", email_key)
            connection.execute(delete(login_failures).where(login_failures.c.key == key))
        connection.execute(
            update(login_failures)
            .where(login_failures.c.key == self._hash("address", address))
            .where(login_failures.c.failures > 0)
            .values(failures=login_failures.c.failures - 1)
        )

    def forget(self, connection: Connection, *, now_ms: int) -> None:
        """Drop counts that no longer matter."""
        connection.execute(
            delete(login_failures).where(
                login_failures.c.last_failure_at_ms < now_ms - _FORGOTTEN_AFTER_MS
            )
        )

    def _hash(self, kind: str, value: str) -> str:
        return hmac.new(self._key, f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()


def _read(connection: Connection, key: str) -> Failures:
    row = connection.execute(
        select(login_failures.c.failures, login_failures.c.last_failure_at_ms).where(
            login_failures.c.key == key
        )
    ).first()
    return NO_FAILURES if row is None else Failures(row.failures, row.last_failure_at_ms)


def _write(connection: Connection, key: str, failures: Failures) -> None:
    values = {"failures": failures.count, "last_failure_at_ms": failures.last_ms}
    changed = connection.execute(
        update(login_failures).where(login_failures.c.key == key).values(values)
    )
    if changed.rowcount == 0:
        connection.execute(login_failures.insert().values(key=key, **values))
