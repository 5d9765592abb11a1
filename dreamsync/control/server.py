"""The control channel's server: runs inside the daemon, in a few threads of its own.

A Unix socket admits only this user (folder mode and, where the system tells, the peer's uid); on
loopback each request needs the token, a loopback `Host` and no `Origin`. One request for each
connection; one thread for each request, at most `MOST_THREADS`; more are told to come back later.
"""

import contextlib
import json
import os
import secrets
import socket
import socketserver
import struct
import sys
import threading
from typing import cast

from dreamsync.config.file import write_private
from dreamsync.config.paths import InstancePaths, make_private_folder
from dreamsync.control.address import (
    HAS_UNIX_SOCKETS,
    UNIX_FAMILY,
    Address,
    LoopbackAddress,
    UnixAddress,
    remove_socket,
)
from dreamsync.control.commands import Commands
from dreamsync.control.handler import Explain, RequestHandler

MOST_THREADS = 16

_BUSY = (
    b"HTTP/1.0 503 Service Unavailable\r\n\r\n"
    + json.dumps(
        {"error": {"code": "failed", "message": "The daemon is busy. Try again in a moment."}}
    ).encode()
)


class ControlServer:
    """Serves `commands` from `start` to `stop`. The caller holds the instance's lock.

    `explain` says what other rooms' errors mean for a person; None of one that nobody expected.
    """

    def __init__(
        self,
        commands: Commands,
        paths: InstancePaths,
        *,
        explain: Explain = lambda _: None,
        loopback: bool = not HAS_UNIX_SOCKETS,
    ) -> None:
        make_private_folder(paths.control_folder)
        self._paths = paths
        self._server = _LoopbackServer(commands) if loopback else _unix_server(commands, paths)
        self._server.explain = explain
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._accept, name="control")

    @property
    def address(self) -> Address:
        return self._server.address

    def start(self) -> None:
        address = self.address
        if isinstance(address, LoopbackAddress):
            written = json.dumps({"port": address.port, "token": address.token})
            write_private(self._paths.control_port_file, written.encode())
        self._thread.start()

    def stop(self) -> None:
        """No new requests; those under way are left to end with the process."""
        self._stopping.set()
        if self._thread.is_alive():
            with contextlib.suppress(OSError):
                self.address.connect(1.0).close()
            self._thread.join()
        self._server.server_close()
        remove_socket(self._paths.socket)
        remove_socket(self._paths.control_port_file)

    def _accept(self) -> None:
        """Sleeps until somebody asks; `serve_forever` would wake up for nothing all day."""
        while not self._stopping.is_set():
            self._server.handle_request()


class _BoundedServer(socketserver.TCPServer):
    """A thread for each request, never more than `MOST_THREADS`."""

    request_queue_size = 64
    token: str | None = None
    explain: Explain

    def __init__(self, commands: Commands, place: tuple[str, int] | str) -> None:
        self.commands = commands
        self._free = threading.BoundedSemaphore(MOST_THREADS)
        # A Unix socket's address is a path; typeshed knows TCPServer with host and port only.
        super().__init__(cast("tuple[str, int]", place), RequestHandler)

    @property
    def address(self) -> Address:
        raise NotImplementedError

    def process_request(self, request: object, client_address: object) -> None:
        connection = cast("socket.socket", request)
        if not self._free.acquire(blocking=False):
            self._refuse(connection)
            return
        threading.Thread(
            target=self._serve, args=(connection, client_address), name="control-call", daemon=True
        ).start()

    def _serve(self, connection: socket.socket, client_address: object) -> None:
        try:
            self.finish_request(connection, cast("tuple[str, int]", client_address))
        except OSError:
            pass  # the asker is gone; nobody is left to tell
        finally:
            self.shutdown_request(connection)
            self._free.release()

    def _refuse(self, connection: socket.socket) -> None:
        connection.settimeout(1.0)
        try:
            connection.sendall(_BUSY)
        except OSError:
            pass  # the asker is gone
        finally:
            self.shutdown_request(connection)


class _LoopbackServer(_BoundedServer):
    def __init__(self, commands: Commands) -> None:
        self.token = secrets.token_urlsafe(32)
        super().__init__(commands, ("127.0.0.1", 0))

    @property
    def address(self) -> Address:
        return LoopbackAddress(self.server_address[1], self.token)


class _UnixServer(_BoundedServer):
    address_family = UNIX_FAMILY
    allow_reuse_address = False

    @property
    def address(self) -> Address:
        return UnixAddress(str(self.server_address))

    def verify_request(self, request: object, client_address: object) -> bool:
        if sys.platform == "win32":
            return True
        uid = peer_uid(cast("socket.socket", request))
        return uid is None or uid == os.geteuid()


def _unix_server(commands: Commands, paths: InstancePaths) -> _UnixServer:
    remove_socket(paths.socket)
    server = _UnixServer(commands, paths.socket)
    os.chmod(paths.socket, 0o600)
    return server


def peer_uid(connection: socket.socket) -> int | None:
    """Whose process is at the other end; None where the system does not tell."""
    if sys.platform != "linux":
        return None
    credentials = connection.getsockopt(
        socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")
    )
    uid: int = struct.unpack("3i", credentials)[1]
    return uid
