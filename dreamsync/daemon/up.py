"""Everything a newcomer needs, in one go: server, account, sign-in, folder, daemon.

Each step looks whether it was done already, so that a second run, or one after a failure half-way,
does what is missing and nothing else.
"""

import getpass
import os
import re
from dataclasses import dataclass, replace

from dreamsync.config.file import load_config, save_config
from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import Config, SecretsKind, ServerSettings
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.daemon import in_file_manager
from dreamsync.daemon.account import NewSignIn, default_device_name, sign_in
from dreamsync.daemon.autostart import follow_executable
from dreamsync.daemon.background import ensure_started, ensure_stopped, ensure_tray
from dreamsync.daemon.connection import token_store_of
from dreamsync.daemon.embedded_server import ServerAddress, ensure_server, fingerprint
from dreamsync.daemon.join_code import JoinCode
from dreamsync.desktop.secrets import open_token_store
from dreamsync.desktop.secrets_errors import SecretsLocked, SecretsUnavailable
from dreamsync.message import N_
from dreamsync.server import admin
from dreamsync.server.accounts.errors import AccountExists
from dreamsync.server.certificate import lan_address


@dataclass(frozen=True, slots=True)
class UpWish:
    """What was asked for; None: not said."""

    folder: str | None = None
    lan: bool = False
    port: int | None = None
    secrets: SecretsKind | None = None


@dataclass(frozen=True, slots=True)
class UpResult:
    """What is where now. `password` and `join_code` only where they were made just now;
    `no_keyring` is why the sign-in is kept in a file; `tray`: whether there is a tray icon;
    `at_login`: whether it starts at login; `in_file_manager`: whether it was put there."""

    config: Config
    password: str | None = None
    no_keyring: str | None = None
    join_code: str | None = None
    tray: bool = False
    at_login: bool = False
    in_file_manager: bool = False


def bring_up(paths: InstancePaths, wish: UpWish) -> UpResult:
    """Raises `CommandError` and the errors of server and remote."""
    config = load_config(paths.config_file)
    _refuse_other_folder(config, wish)
    result = UpResult(config)
    if config.server.embedded or not config.is_set_up:
        result = _with_server(paths, config, wish)
    ensure_started(paths)
    return replace(
        result,
        tray=ensure_tray(paths),
        at_login=follow_executable(paths),
        in_file_manager=in_file_manager.is_installed(paths, config),
    )


def _with_server(paths: InstancePaths, config: Config, wish: UpWish) -> UpResult:
    lan = wish.lan or config.server.lan
    known_port = config.server.port if config.server.embedded else None
    server = ensure_server(paths, port=wish.port or known_port, lan=lan)
    config = _point_to(paths, config, server)
    secrets, no_keyring = _choose_secrets(paths, config, wish)
    password = None
    if not config.is_set_up or token_store_of(paths, config).load() is None:
        wanted = NewSignIn(
            server=server.url,
            folder=wish.folder or config.folder.path or paths.default_folder,
            secrets=secrets,
            fingerprint=fingerprint(paths) if server.lan else "",
        )
        email = config.account.email or default_email()
        password = _make_account(paths, email)
        config = sign_in(paths, wanted, email=email, password=password)
    code = _join_code(paths, config, server) if wish.lan else None
    return UpResult(config, password, no_keyring, code)


def _refuse_other_folder(config: Config, wish: UpWish) -> None:
    if wish.folder is not None and config.is_set_up and not _same(wish.folder, config.folder.path):
        raise CommandError(
            ErrorCode.USAGE,
            N_("The synced folder is {folder} already.", folder=config.folder.path),
            wish.folder,
            N_("Move it with: dreamsync move-folder DIR"),
        )


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _point_to(paths: InstancePaths, config: Config, server: ServerAddress) -> Config:
    """Remember the server's port; a sign-in that went to its old address, or trusted its old
    certificate, goes to the new one: the server is this computer's own."""
    pinned = fingerprint(paths) if server.lan else ""
    trusted = (config.account.server, config.network.fingerprint)
    moved = config.is_set_up and trusted != (server.url, pinned)
    new = replace(
        config,
        server=ServerSettings(embedded=True, port=server.port, lan=server.lan),
        account=replace(config.account, server=server.url) if moved else config.account,
        network=replace(config.network, fingerprint=pinned) if moved else config.network,
    )
    if new != config:
        if moved:
            ensure_stopped(paths)
        save_config(new, paths.config_file)
    return new


def _choose_secrets(
    paths: InstancePaths, config: Config, wish: UpWish
) -> tuple[SecretsKind, str | None]:
    """The keyring if there is one; else the file, and why. What was chosen before stays. A locked
    one is there: to go round it is the person's choice."""
    if wish.secrets is not None:
        return wish.secrets, None
    if config.is_set_up:
        return config.desktop.secrets, None
    try:
        open_token_store(paths, SecretsKind.KEYRING).load()
    except SecretsLocked:
        raise
    except SecretsUnavailable as error:
        return SecretsKind.FILE, error.message
    return SecretsKind.KEYRING, None


def _make_account(paths: InstancePaths, email: str) -> str:
    """An account with a new password; one that a broken-off run left behind gets a new password,
    since nobody has seen the old one."""
    password = admin.generate_password()
    try:
        admin.add_user(paths.server_data, email, password)
    except AccountExists:
        admin.set_password(paths.server_data, email, password)
    return password


def default_email() -> str:
    """Only a name to sign in by on a server of one's own; no mail is ever sent to it."""
    user = re.sub(r"[^\w.-]", "", getpass.getuser()) or "me"
    host = re.sub(r"[^\w.-]", "", default_device_name()) or "home"
    return f"{user}@{host}"


def _join_code(paths: InstancePaths, config: Config, server: ServerAddress) -> str:
    made = admin.create_join_code(paths.server_data, config.account.email)
    address = f"{lan_address()}:{server.port}"
    return JoinCode(address, made.token, fingerprint(paths)).to_text()
