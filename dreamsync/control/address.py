"""Where the daemon of an instance listens.

A Unix socket in a folder that only its owner may enter. Windows has none for Python: there it is a
port on loopback, with a token in a file that only its owner may read; a web page that guesses the
port has no token, and its `Origin` gives it away.
"""

import contextlib
import json
import os
import socket
import sys
from dataclasses import dataclass
from typing import Protocol

from dreamsync.config.paths import InstancePaths
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.message import N_

HAS_UNIX_SOCKETS = sys.platform != "win32"

if sys.platform == "win32":
    UNIX_FAMILY = socket.AF_INET  # never used there
else:
    UNIX_FAMILY = socket.AF_UNIX


class Address(Protocol):
    """How to reach a daemon; `token` is sent with each request where there is one."""

    @property
    def token(self) -> str | None: ...

    def connect(self, seconds: float) -> socket.socket:
        """A connected socket with that timeout. Raise `OSError`."""


@dataclass(frozen=True, slots=True)
class UnixAddress:
    path: str
    token: str | None = None

    def connect(self, seconds: float) -> socket.socket:
        connection = socket.socket(UNIX_FAMILY, socket.SOCK_STREAM)
        try:
            connection.settimeout(seconds)
            connection.connect(self.path)
        except BaseException:
            connection.close()
            raise
        return connection


@dataclass(frozen=True, slots=True)
class LoopbackAddress:
    port: int
    token: str | None

    def connect(self, seconds: float) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)


def find_address(paths: InstancePaths) -> Address:
    """Where the instance's daemon would be. Raise `CommandError` (`NOT_RUNNING`) if nowhere."""
    if HAS_UNIX_SOCKETS:
        return UnixAddress(paths.socket)
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        with open(paths.control_port_file, encoding="utf-8") as file:
            written = json.load(file)
        return LoopbackAddress(int(written["port"]), str(written["token"]))
    raise not_running()


def not_running() -> CommandError:
    """What a command says that needs a daemon and finds none."""
    return CommandError(
        ErrorCode.NOT_RUNNING,
        N_("dreamsync is not running."),
        hint=N_("Start it with: dreamsync start"),
    )


def remove_socket(path: str) -> None:
    """A socket file stays behind a killed daemon; whoever holds the lock may remove it."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
