"""What systemd hears, over a real socket."""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dreamsync.daemon.service_manager import ServiceManager

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")


@pytest.fixture(params=["file", "abstract"])
def ear(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    """A manager's socket, and its address as the environment names it."""
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bound:
        bound.settimeout(10)
        bound.bind(path if request.param == "file" else "\0" + path)
        yield bound, path if request.param == "file" else "@" + path


def test_it_hears_of_the_beginning_and_the_end(ear: tuple[socket.socket, str]) -> None:
    bound, address = ear
    environment = {"NOTIFY_SOCKET": address, "PATH": "/bin"}
    manager = ServiceManager.from_environment(environment)

    manager.ready()
    manager.stopping()

    assert [bound.recv(99), bound.recv(99)] == [b"READY=1", b"STOPPING=1"]
    assert environment == {"PATH": "/bin"}, "what we start must not speak for us"


def test_it_hears_that_we_are_alive_while_we_are(ear: tuple[socket.socket, str]) -> None:
    bound, address = ear
    environment = {
        "NOTIFY_SOCKET": address, "WATCHDOG_USEC": "30000", "WATCHDOG_PID": str(os.getpid()),
    }  # fmt: skip
    answers = iter([True, True, False, False, False])
    asked = []

    def is_alive() -> bool:
        asked.append(next(answers, True))
        return asked[-1]

    with ServiceManager.from_environment(environment).told_alive(is_alive):
        heard = [bound.recv(99) for _ in range(3)]

    assert heard == [b"WATCHDOG=1"] * 3
    assert asked[:6] == [True, True, False, False, False, True], "the third came after a silence"


@pytest.mark.parametrize(
    "watched", [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "30000", "WATCHDOG_PID": "1"}]
)
def test_who_is_not_watched_says_nothing(
    ear: tuple[socket.socket, str], watched: dict[str, str]
) -> None:
    bound, address = ear
    manager = ServiceManager.from_environment({"NOTIFY_SOCKET": address, **watched})

    with manager.told_alive(lambda: True):
        manager.ready()

    assert bound.recv(99) == b"READY=1"
    bound.setblocking(False)
    with pytest.raises(BlockingIOError):
        bound.recv(99)


@pytest.mark.parametrize("address", ["", "/nowhere/at/all"])
def test_without_a_manager_nothing_fails(address: str) -> None:
    environment = {"NOTIFY_SOCKET": address} if address else {}
    manager = ServiceManager.from_environment(environment)
    manager.ready()
    with manager.told_alive(lambda: True):
        manager.stopping()
