"""Configuration to the parts of an instance: journal, disk, remote, settings."""

import random
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

from dreamsync.config.paths import InstancePaths, make_private_folder
from dreamsync.config.settings import Config
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.daemon.connection import connection_of, token_store_of
from dreamsync.daemon.limits import Limits
from dreamsync.daemon.system import SystemClock, SystemRandom
from dreamsync.desktop.secrets_errors import SecretsUnavailable
from dreamsync.engine.context import Context, EngineSettings
from dreamsync.journal.database import JournalNewer, JournalUnavailable
from dreamsync.journal.journal import Journal, open_journal
from dreamsync.local.disk import FolderDisk
from dreamsync.local.marker import RootMarker
from dreamsync.local.protocol import DiskError, NameTaken, RootGone
from dreamsync.message import N_, message_of
from dreamsync.remotes.errors import TokensOutOfReach
from dreamsync.remotes.protocol import Remote
from dreamsync.remotes.rest import RestRemote
from dreamsync.remotes.rest.tokens import Tokens, TokenStore
from dreamsync.remotes.retry import RetryingRemote
from dreamsync.remotes.throttle import ThrottledRemote

_BESIDE = 10
"""Threads for the hashes, blocks and flushes of the two large transfers that run at a time."""


def compose(paths: InstancePaths, config: Config, limits: Limits) -> tuple[Context, str | None]:
    """The context of an engine, and where a damaged journal was put aside, if there was one.

    Raises `CommandError`: a newer journal, a folder that is another account's.
    """
    clock = SystemClock()
    make_private_folder(paths.state)
    journal, aside = _journal(paths, clock.now_ms())
    try:
        _same_account(journal, config)
        disk = _disk(journal, config, clock)
    except BaseException:
        journal.close()
        raise
    context = Context(
        journal=journal,
        disk=disk,
        remote=make_remote(paths, config, limits),
        clock=clock,
        random=SystemRandom(),
        beside=ThreadPoolExecutor(_BESIDE, thread_name_prefix="beside"),
        settings=engine_settings(config),
    )
    return context, aside


def engine_settings(config: Config) -> EngineSettings:
    return EngineSettings(
        device_id=config.account.device_id,
        device_name=config.account.device_name,
        builtin_ignores=config.folder.ignore_builtins,
        poll=float(config.sync.poll_seconds),
        full_scan=config.sync.full_scan_minutes * 60.0,
        trash_days=config.sync.trash_days,
        reread=config.sync.reread_days * 24 * 3600.0,
    )


def make_remote(paths: InstancePaths, config: Config, limits: Limits) -> Remote:
    store = remote_store(token_store_of(paths, config))
    rest = RestRemote(connection_of(config), store, device_id=config.account.device_id)
    limited = ThrottledRemote(rest, up=limits.up, down=limits.down)
    return RetryingRemote(limited, sleep=time.sleep, random=random.random)


def _journal(paths: InstancePaths, now_ms: int) -> tuple[Journal, str | None]:
    try:
        return open_journal(paths.journal, now_ms=now_ms)
    except JournalNewer as error:
        raise CommandError(
            ErrorCode.JOURNAL_NEWER,
            message_of(error),
            paths.journal,
            N_("Install the newer dreamsync again; nothing was changed."),
        ) from error
    except JournalUnavailable as error:
        raise _unavailable(paths.journal, error) from error


def _unavailable(path: str, error: JournalUnavailable) -> CommandError:
    return CommandError(
        ErrorCode.FAILED,
        message_of(error),
        path,
        N_("Nothing was changed. See whether its disk is full, or the file is another user's."),
    )


def _same_account(journal: Journal, config: Config) -> None:
    """A journal speaks of one account on one server: with another it begins anew."""
    mark = f"{config.account.server} {config.account.id}"
    known = journal.settings.get("account")
    if known is None:
        with journal.transaction():
            journal.settings.set("account", mark)
    elif known.rpartition(" ")[2] != config.account.id:
        raise CommandError(
            ErrorCode.CONFIGURATION,
            N_("This instance's journal belongs to another account."),
            hint=N_("Sign in as before, or use another DREAMSYNC_HOME for the other account."),
        )


def _disk(journal: Journal, config: Config, clock: SystemClock) -> FolderDisk:
    """A folder that is not there now is no error: the engine says so and waits for it."""
    marker = RootMarker(
        id=str(uuid.uuid4()),
        account=config.account.id,
        device=config.account.device_id,
        created=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    )
    root_id = journal.settings.get("root_id")
    disk = FolderDisk(config.folder.path, root_id=root_id, new_marker=marker, clock_ms=clock.now_ms)
    try:
        if root_id is None:
            disk.establish_root()
            with journal.transaction():
                journal.settings.set("root_id", disk.root_id)
    except NameTaken as error:
        raise CommandError(
            ErrorCode.CONFIGURATION,
            N_("The folder {folder} belongs to another account.", folder=config.folder.path),
            config.folder.path,
            N_("Choose another folder, or sign in with the account it belongs to."),
        ) from error
    except RootGone:
        pass
    except DiskError as error:
        raise CommandError(
            ErrorCode.FAILED,
            N_(
                "The folder {folder} cannot be used: {reason}",
                folder=config.folder.path,
                reason=message_of(error),
            ),
            config.folder.path,
            N_("Make it writable for you, or choose another one."),
        ) from error
    return disk


def remote_store(store: TokenStore) -> TokenStore:
    """The same for a remote: a keyring that is locked or silent is no sign-out, and what needs a
    token waits and says why."""
    return _RemoteStore(store)


class _RemoteStore:
    def __init__(self, store: TokenStore) -> None:
        self._store = store

    def load(self) -> Tokens | None:
        with _out_of_reach_told():
            return self._store.load()

    def save(self, tokens: Tokens | None) -> None:
        with _out_of_reach_told():
            self._store.save(tokens)


@contextmanager
def _out_of_reach_told() -> Iterator[None]:
    try:
        yield
    except SecretsUnavailable as error:
        raise TokensOutOfReach(error.message, error.hint) from error
