"""Join tokens: one use, 15 minutes; they sign a second device in without the password."""

import hashlib
import secrets

from sqlalchemy import Connection, delete, select

from dreamsync.server.accounts.schema import join_codes

LIFETIME_MS = 15 * 60 * 1000


def create_join_token(connection: Connection, *, account_id: str, now_ms: int) -> str:
    """A new token; expired ones are dropped on the way."""
    connection.execute(delete(join_codes).where(join_codes.c.expires_at_ms <= now_ms))
    token = secrets.token_urlsafe(24)
    connection.execute(
        join_codes.insert().values(
            token_hash=_hash(token),
            account_id=account_id,
            expires_at_ms=now_ms + LIFETIME_MS,
        )
    )
    return token


def use_join_token(connection: Connection, token: str, *, now_ms: int) -> str | None:
    """The account it opens, or None; of two uses at once only the one that deletes it wins."""
    row = connection.execute(
        select(join_codes).where(join_codes.c.token_hash == _hash(token))
    ).first()
    if row is None:
        return None
    deleted = connection.execute(
        delete(join_codes).where(join_codes.c.token_hash == row.token_hash)
    )
    if deleted.rowcount != 1 or row.expires_at_ms <= now_ms:
        return None
    account_id: str = row.account_id
    return account_id


def end_join_tokens(connection: Connection, account_id: str) -> None:
    """A device that is not trusted any more may have made some, as its way back in."""
    connection.execute(delete(join_codes).where(join_codes.c.account_id == account_id))


def _hash(token: str) -> str:
    """What is stored of a random token; it needs no salt."""
    return hashlib.sha256(token.encode()).hexdigest()
