"""Checks of what dreamsync keeps for itself, and of the server."""

import os
import sqlite3
import stat
import sys
import time
from collections.abc import Sequence
from contextlib import closing

from dreamsync.control.commands import CommandError
from dreamsync.daemon.background import daemon_status
from dreamsync.daemon.connection import connection_of, token_store_of
from dreamsync.daemon.doctor.finding import Finding, Level, Patient
from dreamsync.daemon.locks import is_locked
from dreamsync.desktop.secrets_errors import SecretsUnavailable
from dreamsync.journal.database import check_integrity
from dreamsync.message import N_, message_of
from dreamsync.remotes.errors import RemoteError, SignedOut
from dreamsync.remotes.rest import RestRemote

_MOST_SKEW_SECONDS = 300


def permissions(patient: Patient) -> Finding:
    """Settings, journal and secrets are their owner's only."""
    open_to_others = [path for path in _private_paths(patient) if _is_open(path)]
    if not open_to_others:
        return Finding("permissions", Level.FINE, N_("private"))
    message = N_("Others may read: {paths}", paths=", ".join(open_to_others))
    if not patient.fix:
        hint = N_("Mend it with: dreamsync doctor --fix")
        return Finding("permissions", Level.ERROR, message, hint)
    for path in open_to_others:
        os.chmod(path, stat.S_IMODE(os.stat(path).st_mode) & 0o700)
    return Finding("permissions", Level.ERROR, message, fixed=True)


def journal(patient: Patient) -> Finding:
    """SQLite's own check. A damaged journal is put aside at the next start, without any loss."""
    path = patient.paths.journal
    if not os.path.exists(path):
        return Finding("journal", Level.FINE, N_("none yet"))
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            damage = check_integrity(database)
    except sqlite3.DatabaseError as error:
        damage = message_of(error)
    if damage is None:
        return Finding("journal", Level.FINE, path)
    return Finding(
        "journal",
        Level.ERROR,
        N_("The journal is damaged: {reason}", reason=damage),
        N_("Restart with: dreamsync stop, then dreamsync start. It is made anew; nothing is lost."),
    )


def secrets(patient: Patient) -> Finding:
    """The place of the sign-in can be reached, and the sign-in is there."""
    kind = patient.config.desktop.secrets.value
    try:
        tokens = token_store_of(patient.paths, patient.config).load()
    except SecretsUnavailable as error:
        return Finding("secrets", Level.ERROR, error.message, error.hint)
    if tokens is None:
        hint = N_("Sign in with: dreamsync login")
        return Finding("secrets", Level.ERROR, N_("This computer is signed out."), hint)
    return Finding("secrets", Level.FINE, kind)


def server(patient: Patient) -> Finding:
    """It answers, accepts our sign-in, and its clock agrees with ours."""
    address = patient.config.account.server
    try:
        store = token_store_of(patient.paths, patient.config)
        with closing(
            RestRemote(
                connection_of(patient.config), store, device_id=patient.config.account.device_id
            )
        ) as remote:
            remote.status()
            skew = remote.clock_skew
    except SecretsUnavailable as error:
        return Finding("server", Level.ERROR, error.message, error.hint)
    except SignedOut as error:
        return Finding(
            "server", Level.ERROR, message_of(error), N_("Sign in with: dreamsync login")
        )
    except RemoteError as error:
        hint = N_("Check the network. An embedded server is started with: dreamsync up")
        return Finding(
            "server",
            Level.ERROR,
            N_("{address}: {reason}", address=address, reason=message_of(error)),
            hint,
        )
    ahead = 0 if skew is None else round(skew.total_seconds())
    if abs(ahead) <= _MOST_SKEW_SECONDS:
        return Finding("server", Level.FINE, address)
    return Finding(
        "server",
        Level.WARNING,
        N_("The clocks of server and computer differ by {n} seconds.", n=abs(ahead)),
        N_("Set this computer's clock ({time}) by the network.", time=time.strftime("%c")),
    )


def daemon(patient: Patient) -> Finding:
    """Whoever holds the lock also answers; a socket left by a killed daemon is removed."""
    try:
        status = daemon_status(patient.paths)
    except CommandError as error:
        return Finding("daemon", Level.ERROR, error.message, error.hint)
    if status is not None:
        return Finding("daemon", Level.FINE, status.state.value)
    if is_locked(patient.paths):
        hint = N_("A command such as `dreamsync sync` may be at work. Look again in a moment.")
        return Finding("daemon", Level.WARNING, N_("It is locked but does not answer."), hint)
    hint = N_("Start it with: dreamsync start")
    if patient.fix and os.path.exists(patient.paths.socket):
        os.unlink(patient.paths.socket)
        return Finding("daemon", Level.WARNING, N_("not running"), hint, fixed=True)
    return Finding("daemon", Level.WARNING, N_("not running"), hint)


def _private_paths(patient: Patient) -> Sequence[str]:
    paths = patient.paths
    wanted = (
        paths.state, paths.journal, paths.secrets_file, paths.config_file, paths.logs,
        paths.control_folder, paths.server_data,
    )  # fmt: skip
    return [path for path in wanted if os.path.exists(path)]


def _is_open(path: str) -> bool:
    """The journal lies in a folder that only its owner may enter; its own mode says little."""
    if sys.platform == "win32":
        return False
    mode = os.stat(path).st_mode
    if not stat.S_ISDIR(mode) and not _is_open(os.path.dirname(path)):
        return False
    return bool(mode & 0o077)
