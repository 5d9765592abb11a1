"""Accounts by email. Emails are compared in NFC without regard to case."""

import re
import unicodedata
import uuid
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.exc import IntegrityError

from dreamsync.message import N_
from dreamsync.server.accounts.errors import AccountExists, AccountUnknown, InvalidAccount
from dreamsync.server.accounts.schema import accounts

_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]{1,189}\Z")


@dataclass(frozen=True, slots=True)
class Account:
    """One person or company; `email` is as they write it."""

    id: str
    email: str
    created_at_ms: int


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """An account with its password hash, for sign-in only."""

    account: Account
    password_hash: str


def email_key(email: str) -> str:
    """What makes two emails the same account's."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", email).casefold())


def add_account(connection: Connection, *, email: str, password_hash: str, now_ms: int) -> Account:
    """Raise `InvalidAccount` for what is no email, `AccountExists` where it is taken."""
    if not _EMAIL.match(email):
        raise InvalidAccount(N_("{email} is not an email address.", email=repr(email)))
    account = Account(str(uuid.uuid4()), email, now_ms)
    try:
        connection.execute(
            accounts.insert().values(
                id=account.id,
                email=email,
                email_key=email_key(email),
                password_hash=password_hash,
                created_at_ms=now_ms,
            )
        )
    except IntegrityError as error:
        raise AccountExists(email) from error
    return account


def list_accounts(connection: Connection) -> list[Account]:
    """All accounts, by email."""
    rows = connection.execute(select(accounts).order_by(accounts.c.email_key))
    return [Account(row.id, row.email, row.created_at_ms) for row in rows]


def find_account(connection: Connection, email: str) -> StoredAccount | None:
    row = connection.execute(
        select(accounts).where(accounts.c.email_key == email_key(email))
    ).first()
    if row is None:
        return None
    return StoredAccount(Account(row.id, row.email, row.created_at_ms), row.password_hash)


def require_account(connection: Connection, email: str) -> Account:
    """Raise `AccountUnknown`."""
    found = find_account(connection, email)
    if found is None:
        raise AccountUnknown(email)
    return found.account


def email_of(connection: Connection, account_id: str) -> str | None:
    return connection.execute(
        select(accounts.c.email).where(accounts.c.id == account_id)
    ).scalar_one_or_none()


def set_password_hash(connection: Connection, *, account_id: str, password_hash: str) -> None:
    connection.execute(
        update(accounts).where(accounts.c.id == account_id).values(password_hash=password_hash)
    )


def remove_account(connection: Connection, account_id: str) -> None:
    """The account's devices, tokens and join codes go with it."""
    connection.execute(delete(accounts).where(accounts.c.id == account_id))
