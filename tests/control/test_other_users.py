"""Other users of this computer do not reach the daemon, and the network has nothing to reach."""

import os
import pathlib
import stat
import subprocess
import sys
from collections.abc import Iterator

import pytest

from dreamsync.config.paths import InstancePaths
from dreamsync.control.address import UnixAddress, find_address
from dreamsync.control.client import ControlClient
from dreamsync.control.server import ControlServer
from tests.support.fake_commands import IDLE, FakeCommands

pytestmark = [
    pytest.mark.security(6),
    pytest.mark.skipif(sys.platform == "win32", reason="no Unix sockets"),
]

NOBODY = 65534
STRANGER = """
import os, socket, sys
os.setgid({nobody}); os.setuid({nobody})
try:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(10)
    connection.connect("control.sock")
    connection.sendall(b"POST /v1/resume HTTP/1.0\\r\\nHost: localhost\\r\\n"
                       b"Content-Length: 2\\r\\n\\r\\n{{}}")
    print(len(connection.recv(1000)))
except OSError as error:
    print(type(error).__name__)
"""


@pytest.fixture
def paths(tmp_path: pathlib.Path) -> InstancePaths:
    return InstancePaths.under(str(tmp_path))


@pytest.fixture
def commands(paths: InstancePaths) -> Iterator[FakeCommands]:
    """As the umask of a careless system would have it."""
    before = os.umask(0)
    server = ControlServer(commands := FakeCommands(), paths)
    server.start()
    os.umask(before)
    yield commands
    server.stop()


def asked_by_nobody(paths: InstancePaths) -> str:
    """What somebody else is told, who has come as far as the socket's folder."""
    run = subprocess.run(
        [sys.executable, "-c", STRANGER.format(nobody=NOBODY)],
        cwd=paths.control_folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.strip()


def test_the_socket_is_closed_to_others_whatever_the_umask(
    commands: FakeCommands, paths: InstancePaths
) -> None:
    assert stat.S_IMODE(os.stat(paths.control_folder).st_mode) == 0o700
    assert stat.S_IMODE(os.stat(paths.socket).st_mode) == 0o600


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who asks")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
def test_another_user_is_refused_even_where_the_modes_would_let_him_in(
    commands: FakeCommands, paths: InstancePaths
) -> None:
    assert asked_by_nobody(paths) == "PermissionError"

    os.chmod(paths.control_folder, 0o711)
    os.chmod(paths.socket, 0o666)

    assert asked_by_nobody(paths) in ("0", "BrokenPipeError", "ConnectionResetError")
    assert commands.asked == []
    assert ControlClient(find_address(paths)).status() == IDLE


def test_nothing_listens_on_a_port(commands: FakeCommands, paths: InstancePaths) -> None:
    assert isinstance(find_address(paths), UnixAddress)
    assert not os.path.exists(paths.control_port_file)
    assert ControlClient(find_address(paths)).status() == IDLE
    assert commands.asked == []
