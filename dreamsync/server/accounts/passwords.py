"""Password hashes: argon2id with OWASP's first parameters, some 40 ms on one core."""

from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dreamsync.message import N_
from dreamsync.server.accounts.errors import InvalidAccount

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

_NOBODY = _HASHER.hash("")
"""Verified against for an unknown email, so that the time taken does not tell who has an account.

No account may have the empty password, so nothing ever matches it.
"""

SHORTEST = 8
LONGEST = 1024


@dataclass(frozen=True, slots=True)
class Verdict:
    """`outdated`: the password is right but was hashed under older parameters."""

    correct: bool
    outdated: bool = False


def hash_password(password: str) -> str:
    """Raise `InvalidAccount` where the password is shorter than 8 or longer than 1024 characters.

    Without the upper limit a sign-in could be made to hash megabytes.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidAccount(
            N_(
                "A password has {least} to {most} characters.",
                least=SHORTEST,
                most=LONGEST,
            )
        )
    return _HASHER.hash(password)


def verify_password(password_hash: str | None, password: str) -> Verdict:
    """Compare, taking equally long where there is no account (`password_hash` is None)."""
    known = password_hash is not None and len(password) <= LONGEST
    stored = password_hash if known and password_hash is not None else _NOBODY
    try:
        _HASHER.verify(stored, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return Verdict(correct=False)
    return Verdict(correct=known, outdated=_HASHER.check_needs_rehash(stored))
