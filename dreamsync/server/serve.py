"""Running a server in the foreground: uvicorn on one socket, ended by SIGTERM or SIGINT.

ServeError              the server cannot start: what happened, and what to do
"""

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass

import uvicorn

from dreamsync.message import N_, message_of
from dreamsync.server.accounts.secrets import SecretUnusable
from dreamsync.server.app import OpenServer, open_server
from dreamsync.server.data_dir import DataDirInUse, exclusive, prepare_data_dir
from dreamsync.server.http.backend import HttpSettings
from dreamsync.server.http.connections import PatientProtocol
from dreamsync.server.metadata.migrate import DatabaseUnusable
from dreamsync.system_errors import system_reason

DEFAULT_PORT = 8737
_GRACEFUL_S = 3
"""How long running requests may take to end."""
_END_WITHIN_S = 4.5
"""Then the process ends, whatever its threads still do: what was acknowledged is on disk, and the
stores bear being killed at any moment."""

_LOCK_PATIENCE_S = 1


class ServeError(Exception):
    """The text is for a person."""


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """`port` 0: any free one. `or_next_port`: where it is taken, the next that is free.

    `public_url`: where clients reach it, if behind a proxy.

    `trusted_proxies`: addresses whose `X-Forwarded-*` are believed, comma-separated; none: nobody.
    """

    data_dir: str
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    tls_certificate: str | None = None
    tls_key: str | None = None
    or_next_port: bool = False
    public_url: str | None = None
    trusted_proxies: str | None = None
    heartbeat_s: float = 20.0


def serve(options: ServeOptions, *, on_ready: Callable[[str], None] | None = None) -> None:
    """Serve until SIGTERM or SIGINT, then end within 5 s.

    `on_ready` is given the server's URL once it accepts connections. Raises `ServeError`.
    """
    try:
        prepare_data_dir(options.data_dir)
        held = exclusive(options.data_dir, patience_s=_LOCK_PATIENCE_S)
        with held, _listener(options) as listener:
            _serve_on(listener, options, on_ready or (lambda _url: None))
    except (OSError, DataDirInUse, SecretUnusable, DatabaseUnusable) as error:
        raise ServeError(message_of(error)) from error


def bind(host: str, port: int) -> socket.socket:
    """A listening address held for us; raise `ServeError` where it is taken or not ours."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":
            # There it would let a second process take a port that is in use.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # Two sockets may be bound to one port until one of them listens.
        listener.listen()
    except OSError as error:
        listener.close()
        raise ServeError(
            N_(
                "Cannot listen on {host} port {port}: {reason}.",
                host=host,
                port=port,
                reason=system_reason(error),
            )
        ) from error
    return listener


def bind_from(host: str, first: int) -> socket.socket:
    """The first port from `first` on that nobody listens on, held for us."""
    for port in range(first, min(first + 200, 65536)):
        with suppress(ServeError):
            return bind(host, port)
    raise ServeError(N_("No port from {first} on is free on {host}.", first=first, host=host))


def _listener(options: ServeOptions) -> socket.socket:
    return (bind_from if options.or_next_port else bind)(options.host, options.port)


def _serve_on(
    listener: socket.socket, options: ServeOptions, on_ready: Callable[[str], None]
) -> None:
    settings = HttpSettings(public_url=options.public_url, heartbeat_s=options.heartbeat_s)
    with closing(open_server(options.data_dir, settings=settings)) as server:
        runner = GracefulServer(uvicorn_config(server, options), server)
        runner.on_ready = lambda: on_ready(url_of(listener, tls=bool(options.tls_certificate)))
        with _ended_by_signals(runner):
            runner.run(sockets=[listener])
    runner.last_resort.cancel()


class GracefulServer(uvicorn.Server):
    """Ends the push streams first: uvicorn waits for open responses, and these never end."""

    def __init__(self, config: uvicorn.Config, server: OpenServer) -> None:
        super().__init__(config)
        self._server = server
        self.on_ready: Callable[[], None] = lambda: None
        self.last_resort = threading.Timer(_END_WITHIN_S, os._exit, (0,))
        self.last_resort.daemon = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.last_resort.start()
        self._server.end_streams()
        await super().shutdown(sockets)


def uvicorn_config(server: OpenServer, options: ServeOptions) -> uvicorn.Config:
    """uvloop is taken where it is installed."""
    return uvicorn.Config(
        server.application,
        http=PatientProtocol,
        ssl_certfile=options.tls_certificate,
        ssl_keyfile=options.tls_key,
        proxy_headers=options.trusted_proxies is not None,
        forwarded_allow_ips=options.trusted_proxies,
        access_log=False,
        log_config=None,
        log_level=logging.WARNING,
        server_header=False,
        date_header=True,
        lifespan="on",
        ws="none",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=_GRACEFUL_S,
        backlog=2048,
    )


def url_of(listener: socket.socket, *, tls: bool) -> str:
    """Where the socket is reached; a wildcard address is told as loopback."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    host = f"[{host}]" if ":" in host else host
    return f"{'https' if tls else 'http'}://{host}:{port}"


@contextmanager
def _ended_by_signals(runner: uvicorn.Server) -> Iterator[None]:
    """SIGTERM and SIGINT mean a wanted end, also before uvicorn listens to them itself.

    It raises them again after its graceful end, which would make the process look killed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(*_: object) -> None:
        runner.should_exit = True

    previous = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
