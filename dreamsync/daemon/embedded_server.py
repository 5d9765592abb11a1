"""The server that `up` starts beside an instance: a process of its own that outlives us.

It runs when its folder's kernel lock is held; where it listens, it writes into its folder when it
is ready.
"""

import contextlib
import json
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass

from dreamsync.config.file import load_config, write_private
from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import ServerSettings
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.daemon.autostart import start_by_manager
from dreamsync.daemon.background import own_command, spawn, wait_until
from dreamsync.desktop.autostart.entry import Part
from dreamsync.message import N_, message_of
from dreamsync.server.certificate import ensure_certificate, lan_address
from dreamsync.server.data_dir import DataDirInUse, exclusive
from dreamsync.server.serve import DEFAULT_PORT, ServeError, ServeOptions, bind

_ADDRESS_FILE = "address.json"
_START_SECONDS = 30.0
_STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a running server listens, as it wrote itself."""

    url: str
    pid: int

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def lan(self) -> bool:
        return self.url.startswith("https:")


def write_address(data_dir: str, url: str) -> None:
    """Called by the server itself once it accepts connections."""
    content = json.dumps({"url": url, "pid": os.getpid()})
    write_private(os.path.join(data_dir, _ADDRESS_FILE), content.encode())


def running_server(data_dir: str) -> ServerAddress | None:
    """The server of that folder, None where none runs (or is not ready yet)."""
    if not os.path.isdir(data_dir):
        return None
    try:
        with exclusive(data_dir):
            return None
    except DataDirInUse:
        return _read_address(data_dir)


def ensure_server(paths: InstancePaths, *, port: int | None, lan: bool) -> ServerAddress:
    """The embedded server, started if it does not run, or does not listen as wanted.

    `port` None: the usual one, or the next free.
    """
    running = running_server(paths.server_data)
    if running is not None and running.lan == lan and port in (None, running.port):
        return running
    if running is not None:
        port = port or running.port
        stop_server(paths.server_data, running)
    host = _host(lan=lan)
    if port is None:
        listen = ["--port", str(DEFAULT_PORT), "--or-next"]
    else:
        listen = ["--port", str(_free(host, port))]
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(paths.server_data, _ADDRESS_FILE))
    return _started_as_at_login(paths, port=port, lan=lan) or _start(
        paths, ["--host", host, *listen], lan=lan
    )


def _started_as_at_login(
    paths: InstancePaths, *, port: int | None, lan: bool
) -> ServerAddress | None:
    """By the service manager, which watches it, where its unit starts it as it is wanted now."""
    settings = load_config(paths.config_file).server
    if settings != ServerSettings(embedded=True, port=port or 0, lan=lan):
        return None
    if not start_by_manager(paths, Part.SERVER):
        return None
    return _read_address(paths.server_data)


def own_server(paths: InstancePaths, server: ServerSettings) -> ServeOptions:
    """The server of this instance as its settings have it, to be run in the foreground."""
    certificate = None
    if server.lan:
        certificate = ensure_certificate(paths.server_data, hosts=[lan_address()])
    return ServeOptions(
        paths.server_data,
        host=_host(lan=server.lan),
        port=server.port,
        tls_certificate=certificate.certificate_path if certificate else None,
        tls_key=certificate.key_path if certificate else None,
    )


def fingerprint(paths: InstancePaths) -> str:
    """Of the server's own certificate, made where there is none yet."""
    return ensure_certificate(paths.server_data, hosts=[lan_address()]).fingerprint


def stop_server(data_dir: str, running: ServerAddress) -> None:
    """End it and wait until its folder is free. Raise `CommandError` where it stays."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(running.pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while not _is_free(data_dir):
        if time.monotonic() > deadline:
            raise CommandError(
                ErrorCode.FAILED,
                N_("The server (process {pid}) does not end.", pid=running.pid),
            )
        time.sleep(0.05)


def _start(paths: InstancePaths, listen: Sequence[str], *, lan: bool) -> ServerAddress:
    options = ["--data", paths.server_data, *listen, *_tls_options(paths, lan=lan)]
    command = own_command("serve", *options)
    started = spawn(command, report=paths.server_log_file, paths=paths)
    wait_until(
        lambda: _read_address(paths.server_data) is not None,
        started,
        seconds=_START_SECONDS,
        what=N_("The server"),
    )
    address = _read_address(paths.server_data)
    if address is None:
        raise CommandError(ErrorCode.FAILED, N_("The server ended at once."))
    return address


def _host(*, lan: bool) -> str:
    return "0.0.0.0" if lan else "127.0.0.1"  # noqa: S104 - the person asked for --lan


def _tls_options(paths: InstancePaths, *, lan: bool) -> Sequence[str]:
    if not lan:
        return []
    certificate = ensure_certificate(paths.server_data, hosts=[lan_address()])
    return ["--tls-cert", certificate.certificate_path, "--tls-key", certificate.key_path]


def _free(host: str, port: int) -> int:
    """The port this instance's clients know; somebody else on it must not get their tokens."""
    try:
        bind(host, port).close()
    except ServeError as error:
        raise CommandError(
            ErrorCode.FAILED,
            message_of(error),
            hint=N_("Another program uses this port. End it, or choose one with --port"),
        ) from error
    return port


def _is_free(data_dir: str) -> bool:
    try:
        with exclusive(data_dir):
            return True
    except DataDirInUse:
        return False


def _read_address(data_dir: str) -> ServerAddress | None:
    try:
        with open(os.path.join(data_dir, _ADDRESS_FILE), encoding="utf-8") as file:
            written = json.load(file)
        return ServerAddress(str(written["url"]), int(written["pid"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
