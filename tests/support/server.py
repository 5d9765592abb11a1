"""A real dreamsync server for tests: its own process, or a thread of this one.

`running_server(tmp_path)` starts a process on a free loopback port, which may be killed and
restarted; `running_application(app)` runs any ASGI application in a thread of this process.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.types import ASGIApp

from dreamsync.server import admin
from dreamsync.server.certificate import ServerCertificate
from dreamsync.server.http.connections import PatientProtocol

_START_WITHIN_S = 30
_STOP_WITHIN_S = 10
_PROGRAM = """
import json, sys
from dreamsync.server.serve import ServeOptions, serve

options = ServeOptions(**json.loads(sys.argv[1]))
serve(options, on_ready=lambda url: print(url, flush=True))
"""


@dataclass(slots=True)
class RunningServer:
    """A server process; `url` stays the same over restarts."""

    data_dir: str
    port: int
    heartbeat_s: float = 20.0
    url: str = ""
    _process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Raise `RuntimeError` where it is not ready within 30 s."""
        options = {
            "data_dir": self.data_dir,
            "port": self.port,
            "heartbeat_s": self.heartbeat_s,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, json.dumps(options)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        watchdog = threading.Timer(_START_WITHIN_S, self._process.kill)
        watchdog.start()
        self.url = self._process.stdout.readline().strip()
        watchdog.cancel()
        if not self.url:
            self.kill()
            raise RuntimeError("the server did not start")

    def add_user(
        self,
        email: str = "anna@example.org",
        password: str = "correct horse",
        *,
        quota_limit: int | None = None,
    ) -> admin.UserRow:
        """An account, made beside the running server."""
        return admin.add_user(self.data_dir, email, password, quota_limit=quota_limit)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL: nothing is finished or flushed."""
        if self._process is not None:
            self._process.kill()
            self._reap()

    def stop(self) -> int:
        """SIGTERM; the exit code. Raise `subprocess.TimeoutExpired` where it does not end."""
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        return self._reap()

    def restart(self) -> None:
        """Stop if it runs, and start again on the same folder and port."""
        self.stop()
        self.start()

    def _reap(self) -> int:
        assert self._process is not None
        process, self._process = self._process, None
        try:
            return process.wait(_STOP_WITHIN_S)
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


@contextmanager
def running_server(
    tmp_path: str | os.PathLike[str], *, heartbeat_s: float = 20.0
) -> Iterator[RunningServer]:
    """A server process with its data in `tmp_path`/server; killed at the end."""
    data_dir = os.path.join(tmp_path, "server")
    server = RunningServer(data_dir, _free_port(), heartbeat_s)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def running_application(
    application: ASGIApp,
    *,
    before_exit: Callable[[], None] = lambda: None,
    tls: ServerCertificate | None = None,
    keep_alive_s: int = 5,
) -> Iterator[str]:
    """An ASGI application served by a thread of this process; its URL.

    `before_exit` is called on its event loop, to end what would not end by itself.
    """
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        application,
        http=PatientProtocol,
        ssl_certfile=tls.certificate_path if tls else None,
        ssl_keyfile=tls.key_path if tls else None,
        timeout_keep_alive=keep_alive_s,
        log_config=None,
        access_log=False,
        ws="none",
        timeout_graceful_shutdown=3,
    )
    runner = _ThreadedServer(config, before_exit)
    thread = threading.Thread(target=runner.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    if not runner.ready.wait(_START_WITHIN_S):
        raise RuntimeError("the application did not start")
    try:
        scheme = "https" if tls else "http"
        yield f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        runner.should_exit = True
        thread.join(_STOP_WITHIN_S)
        listener.close()


class _ThreadedServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, before_exit: Callable[[], None]) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._before_exit = before_exit

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._before_exit()
        await super().shutdown(sockets)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
