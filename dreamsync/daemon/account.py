"""Signing an instance in and out, and the account's devices.

Order matters in signing in: what can fail without an effect comes first (address, keyring, folder),
then the server is asked, then the folder is marked, and only then is anything written here.
"""

import os
import platform
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from dreamsync.config.file import load_config, save_config
from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import Config, FolderSettings, SecretsKind
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.daemon.background import ensure_stopped, start_daemon
from dreamsync.daemon.connection import connection_of, token_store_of
from dreamsync.daemon.locks import instance_locked
from dreamsync.daemon.run import ready_config
from dreamsync.local.marker import RootMarker
from dreamsync.local.protocol import DiskError, NameTaken
from dreamsync.local.root import Root
from dreamsync.message import N_, message_of
from dreamsync.remotes.errors import SignedOut
from dreamsync.remotes.rest import session
from dreamsync.remotes.rest.connection import Connection
from dreamsync.remotes.rest.session import SignedIn
from dreamsync.remotes.rest.tokens import Tokens


@dataclass(frozen=True, slots=True)
class NewSignIn:
    """What the person asked for. `fingerprint` is the one certificate to trust, if any."""

    server: str
    folder: str
    secrets: SecretsKind
    device_name: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class DeviceRow:
    id: str
    name: str
    last_seen_ms: int | None
    current: bool
    revoked: bool


def sign_in(paths: InstancePaths, wanted: NewSignIn, *, email: str, password: str) -> Config:
    """Sign this computer in; the configuration as saved. A running daemon is started anew.

    Raises `CommandError`, `RemoteError`, `SecretsUnavailable`, `ConfigError`.
    """

    def ask(connection: Connection, device_id: str, device_name: str) -> SignedIn:
        try:
            return session.login(
                connection,
                email=email,
                password=password,
                device_id=device_id,
                device_name=device_name,
            )
        except SignedOut as error:
            message = N_("The email or the password is wrong.")
            raise CommandError(ErrorCode.SIGNED_OUT, message) from error

    return _sign_in(paths, wanted, ask)


def join(paths: InstancePaths, wanted: NewSignIn, *, token: str) -> Config:
    """Sign this computer in with the one-time token of a join code. Raises as `sign_in`."""

    def ask(connection: Connection, device_id: str, device_name: str) -> SignedIn:
        try:
            return session.join(
                connection, token=token, device_id=device_id, device_name=device_name
            )
        except SignedOut as error:
            raise CommandError(
                ErrorCode.SIGNED_OUT,
                N_("The join code was used already, or its 15 minutes are over."),
                hint=N_("Get a new one on the first computer with: dreamsync up --lan"),
            ) from error

    return _sign_in(paths, wanted, ask)


def sign_out(paths: InstancePaths) -> bool:
    """End this device's tokens and the daemon; files, journal and settings stay.

    Whether there was anybody to sign out. The server is told if it can be reached.
    """
    config = load_config(paths.config_file)
    if not config.is_set_up:
        return False
    ensure_stopped(paths)
    store = token_store_of(paths, config)
    signed_in = store.load() is not None
    session.logout(connection_of(config), store)
    return signed_in


def list_devices(paths: InstancePaths) -> Sequence[DeviceRow]:
    """The account's devices as the server has them."""
    config = ready_config(paths)
    devices = session.devices(connection_of(config), token_store_of(paths, config))
    return [
        DeviceRow(
            id=one.id,
            name=one.name,
            last_seen_ms=_milliseconds(one.last_seen_at),
            current=one.current,
            revoked=one.revoked,
        )
        for one in devices
    ]


def revoke_device(paths: InstancePaths, device_id: str) -> None:
    config = ready_config(paths)
    session.revoke(connection_of(config), token_store_of(paths, config), device_id)


def default_device_name() -> str:
    return platform.node().partition(".")[0] or "computer"


def _sign_in(
    paths: InstancePaths, wanted: NewSignIn, ask: Callable[[Connection, str, str], SignedIn]
) -> Config:
    old = load_config(paths.config_file)
    config = _planned(old, wanted)
    _refuse_folder(paths, config.folder.path)
    connection = connection_of(config)
    store = token_store_of(paths, config)
    held = store.load()  # a keyring that does not answer is told of before the server is asked
    _refuse_second_account(old, config, signed_in=held is not None)
    was_running = ensure_stopped(paths)
    try:
        with instance_locked(paths, config.folder.path):
            signed = ask(connection, config.account.device_id, config.account.device_name)
            config = _with_account(config, signed)
            _take_folder(config, connection, signed)
            if _other_tree(old, config):
                _set_journal_aside(paths)
            store.save(signed.tokens)
            save_config(config, paths.config_file)
    finally:
        if was_running:
            start_daemon(paths)
    return config


def _planned(old: Config, wanted: NewSignIn) -> Config:
    """The settings as they will be, but for what only the server knows."""
    server = wanted.server.rstrip("/")
    same_server = old.account.server == server
    account = replace(
        old.account,
        server=server,
        device_id=(same_server and old.account.device_id) or str(uuid.uuid4()),
        device_name=wanted.device_name or old.account.device_name or default_device_name(),
    )
    pinned = old.network.fingerprint if same_server else ""
    return replace(
        old,
        account=account,
        folder=FolderSettings(os.path.abspath(wanted.folder), old.folder.ignore_builtins),
        network=replace(old.network, fingerprint=wanted.fingerprint or pinned),
        desktop=replace(old.desktop, secrets=wanted.secrets),
    )


def _with_account(config: Config, signed: SignedIn) -> Config:
    return replace(
        config,
        account=replace(
            config.account,
            id=signed.account_id,
            email=signed.email,
            device_name=signed.device_name,
        ),
    )


def _refuse_folder(paths: InstancePaths, folder: str) -> None:
    """A folder that holds our own state would sync its journal; the home or a whole disk is never
    what was meant."""
    real = os.path.realpath(folder)
    ours = [os.path.realpath(one) for one in (paths.state, paths.logs, paths.server_data)]
    holds_ours = any(one == real or one.startswith(real + os.sep) for one in ours)
    inside_ours = any(real.startswith(one + os.sep) for one in ours)
    whole = real in (os.path.realpath(os.path.expanduser("~")), os.path.dirname(real))
    if holds_ours or inside_ours or whole:
        raise CommandError(
            ErrorCode.USAGE,
            N_("{folder} cannot be the synced folder.", folder=folder),
            folder,
            N_("Choose a folder of its own, such as {folder}", folder=paths.default_folder),
        )


def _refuse_second_account(old: Config, config: Config, *, signed_in: bool) -> None:
    if old.is_set_up and old.account.server != config.account.server and signed_in:
        raise CommandError(
            ErrorCode.FAILED,
            N_("This computer is signed in to {server} already.", server=old.account.server),
            hint=N_("Sign out there first with: dreamsync logout"),
        )


def _take_folder(config: Config, connection: Connection, signed: SignedIn) -> None:
    """Make the folder and its marker. One that is another account's is refused, and the tokens
    just given are ended again."""
    marker = RootMarker(
        id=str(uuid.uuid4()),
        account=signed.account_id,
        device=config.account.device_id,
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    try:
        Root(config.folder.path, expected=None).establish(marker)
    except DiskError as error:
        session.logout(connection, _InHand(signed))
        taken = isinstance(error, NameTaken)
        raise CommandError(
            ErrorCode.FAILED,
            message_of(error),
            config.folder.path,
            N_("Choose another one with --folder, or sign in to the account it belongs to.")
            if taken
            else None,
        ) from error


def _other_tree(old: Config, config: Config) -> bool:
    """Whether the journal tells of another account or folder than the one signed in to now."""
    was = (old.account.id, old.account.server, old.folder.path)
    return old.is_set_up and was != (
        config.account.id,
        config.account.server,
        config.folder.path,
    )


def _set_journal_aside(paths: InstancePaths) -> None:
    """Another account's base would read as deletions. Without a journal the start is a union."""
    aside = os.path.join(paths.state, f"journal-before-{time.strftime('%Y%m%d-%H%M%S')}.sqlite")
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(paths.journal + suffix):
            os.replace(paths.journal + suffix, aside + suffix)


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)


class _InHand:
    """Tokens that were never stored, to be ended at once."""

    def __init__(self, signed: SignedIn) -> None:
        self._signed = signed

    def load(self) -> Tokens:
        return self._signed.tokens

    def save(self, tokens: Tokens | None) -> None:
        """Nothing was stored."""
