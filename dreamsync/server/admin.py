"""What `serve-user` and `serve-admin` do: plain functions over a data folder.

They work beside a running server; it notices ended sessions within five seconds. Only `restore`
needs the folder for itself. Refusals are `AccountError`, `BackupError` or `DataDirInUse`, with
texts for people.
"""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from dreamsync.server.accounts.devices import end_tokens, list_devices
from dreamsync.server.accounts.directory import (
    Account,
    add_account,
    list_accounts,
    remove_account,
    require_account,
    set_password_hash,
)
from dreamsync.server.accounts.join_codes import end_join_tokens
from dreamsync.server.accounts.passwords import hash_password
from dreamsync.server.accounts.refresh import end_family
from dreamsync.server.accounts.secrets import FILE_NAME as SECRET_FILE
from dreamsync.server.accounts.secrets import ServerSecret
from dreamsync.server.accounts.sessions import JoinCode, Sessions
from dreamsync.server.data_dir import exclusive, prepare_data_dir
from dreamsync.server.service import SyncService, open_service
from dreamsync.server.service import backup as backup_stores
from dreamsync.server.service import restore_backup as restore_stores
from dreamsync.server.service.care import DAY_MS, RETENTION_MS
from dreamsync.server.service.clock import SystemClock, moment
from dreamsync.server.service.layout import blobs_folder, database_file

RETENTION_DAYS = RETENTION_MS // DAY_MS


@dataclass(frozen=True, slots=True)
class UserRow:
    """One account as `serve-user list` tells it; bytes, `quota_limit` None: none."""

    account_id: str
    email: str
    created_at: datetime
    quota_used: int
    quota_limit: int | None


def generate_password() -> str:
    """A password for a person to copy once: 120 random bits."""
    return secrets.token_urlsafe(15)


def add_user(
    data_dir: str, email: str, password: str, *, quota_limit: int | None = None
) -> UserRow:
    """A new account with its own space; raise `AccountExists` or `InvalidAccount`."""
    with _opened(data_dir) as service:
        return create_account(service, email, password, quota_limit=quota_limit)


def create_account(
    service: SyncService, email: str, password: str, *, quota_limit: int | None = None
) -> UserRow:
    """As `add_user`, on stores that are open already."""
    password_hash = hash_password(password)
    now_ms = SystemClock().now_ms()
    with service.database.write() as connection:
        account = add_account(connection, email=email, password_hash=password_hash, now_ms=now_ms)
    service.spaces.create(account.id, email, quota_limit=quota_limit)
    return _row(service, account)


def list_users(data_dir: str) -> list[UserRow]:
    """All accounts, by email."""
    with _opened(data_dir) as service:
        with service.database.read() as connection:
            accounts = list_accounts(connection)
        return [_row(service, account) for account in accounts]


def set_password(data_dir: str, email: str, password: str) -> None:
    """Every device of the account must sign in again; raise `AccountUnknown`."""
    password_hash = hash_password(password)
    with _opened(data_dir) as service, service.database.write() as connection:
        account = require_account(connection, email)
        set_password_hash(connection, account_id=account.id, password_hash=password_hash)
        _end_all_tokens(connection, account.id)
        end_join_tokens(connection, account.id)


def remove_user(data_dir: str, email: str) -> None:
    """The account, its space and all that is in it; raise `AccountUnknown`."""
    with _opened(data_dir) as service:
        with service.database.read() as connection:
            account = require_account(connection, email)
        service.spaces.remove(service.spaces.resolve(account.id, None).space_id)
        with service.database.write() as connection:
            remove_account(connection, account.id)


def set_quota(data_dir: str, email: str, limit: int | None) -> UserRow:
    """At most `limit` bytes from now on, None: no limit; raise `AccountUnknown`."""
    with _opened(data_dir) as service:
        with service.database.read() as connection:
            account = require_account(connection, email)
        service.spaces.set_quota(service.spaces.resolve(account.id, None).space_id, limit)
        return _row(service, account)


def create_join_code(data_dir: str, email: str) -> JoinCode:
    """A token that signs one more device in within 15 minutes; raise `AccountUnknown`."""
    with _opened(data_dir) as service:
        with service.database.read() as connection:
            account = require_account(connection, email)
        secret = ServerSecret.load_or_create(data_dir)
        sessions = Sessions(service.database, secret, SystemClock())
        return sessions.create_join_code(account.id)


def purge(data_dir: str, *, older_than_days: int = RETENTION_DAYS) -> None:
    """Drop trash and versions older than this, and answers and uploads past their time."""
    with _opened(data_dir) as service:
        service.care.purge(older_than_ms=older_than_days * DAY_MS)
        service.care.collect_garbage()


def expire_cursors(data_dir: str) -> None:
    """Make every cursor given out so far `cursorExpired`, so that every device lists anew."""
    with _opened(data_dir) as service:
        service.care.expire_cursors()


def backup(data_dir: str, target_dir: str) -> None:
    """A copy that `restore` takes; beside a running server too.

    It holds the server's secret, without which every device would have to sign in again.
    """
    prepare_data_dir(target_dir)
    backup_stores(data_dir, target_dir)
    _copy_secret(data_dir, target_dir)


def restore(backup_dir: str, data_dir: str) -> str | None:
    """Put the folder back to a backup; raise `DataDirInUse` while a server runs on it.

    What the folder held is set aside whole, in a folder whose path is returned (None: it held
    nothing): a restore of the wrong backup can be undone.
    """
    prepare_data_dir(data_dir)
    with exclusive(data_dir):
        incoming = os.path.join(data_dir, "restoring")
        shutil.rmtree(incoming, ignore_errors=True)
        restore_stores(backup_dir, incoming)
        _copy_secret(backup_dir, incoming)
        aside = os.path.join(data_dir, f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
        replaced = _move_entries(data_dir, aside)
        _move_entries(incoming, data_dir)
        os.rmdir(incoming)
    return aside if replaced else None


def _move_entries(source_dir: str, target_dir: str) -> bool:
    """Move what makes a server, the database last: where it is missing there is no server."""
    database = database_file("")
    names = [blobs_folder(""), SECRET_FILE, f"{database}-wal", f"{database}-shm", database]
    present = [name for name in names if os.path.exists(os.path.join(source_dir, name))]
    if present:
        prepare_data_dir(target_dir)
    for name in present:
        os.replace(os.path.join(source_dir, name), os.path.join(target_dir, name))
    return bool(present)


def _copy_secret(source_dir: str, target_dir: str) -> None:
    source, target = (os.path.join(folder, SECRET_FILE) for folder in (source_dir, target_dir))
    if os.path.exists(source):
        draft = f"{target}.new"
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600))
        shutil.copyfile(source, draft)
        os.replace(draft, target)


@contextmanager
def _opened(data_dir: str) -> Iterator[SyncService]:
    prepare_data_dir(data_dir)
    with closing(open_service(data_dir)) as service:
        yield service


def _row(service: SyncService, account: Account) -> UserRow:
    head = service.spaces.resolve(account.id, None)
    return UserRow(
        account_id=account.id,
        email=account.email,
        created_at=moment(account.created_at_ms),
        quota_used=head.used_bytes,
        quota_limit=head.quota_limit,
    )


def _end_all_tokens(connection: Connection, account_id: str) -> None:
    for device in list_devices(connection, account_id):
        end_family(connection, account_id=account_id, device_id=device.id)
        end_tokens(connection, account_id=account_id, device_id=device.id)
