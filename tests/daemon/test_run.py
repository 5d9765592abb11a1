"""The daemon's life, around an instance of canned answers: channel, signals, end, second one."""

import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import Config
from dreamsync.control.address import find_address
from dreamsync.control.client import ControlClient
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.core.status import State
from dreamsync.daemon.background import daemon_status, start_daemon, stop_daemon
from dreamsync.daemon.locks import is_locked
from dreamsync.daemon.run import run_daemon

DAEMON = """
import sys, threading
sys.path.insert(0, sys.argv[2])
from dreamsync.config.paths import InstancePaths
from dreamsync.daemon.run import run_daemon
from tests.support.fake_commands import FakeCommands

class Canned(FakeCommands):
    def run(self, stop_event):
        self.stopped = stop_event.set
        if {crash!r}:
            raise ZeroDivisionError("token=canary")
        stop_event.wait()
    def is_alive(self):
        return True
    def close(self):
        print("closed", file=sys.stderr)

from dreamsync.cli.app import run
import dreamsync.daemon.run as module
module._open_instance = lambda paths, config: Canned()
sys.exit(run(["run"]))
"""


def command(*, crash: bool = False) -> list[str]:
    root = str(pathlib.Path(__file__).parents[2])
    return [sys.executable, "-c", DAEMON.format(crash=crash), "run", root]


@pytest.fixture
def running(
    paths: InstancePaths, config: Config, monkeypatch: pytest.MonkeyPatch
) -> Iterator[InstancePaths]:
    """A daemon in the background, ended whatever happens."""
    monkeypatch.setenv("DREAMSYNC_HOME", os.path.dirname(paths.config_file))
    start_daemon(paths, command=command())
    yield paths
    if daemon_status(paths) is not None:
        stop_daemon(paths)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_started_daemon_answers_and_holds_its_lock(running: InstancePaths) -> None:
    status = daemon_status(running)
    assert status is not None
    assert status.state is State.IDLE
    assert is_locked(running)


def test_stop_ends_it_cleanly(running: InstancePaths) -> None:
    stop_daemon(running)
    assert daemon_status(running) is None
    assert not is_locked(running)
    assert not os.path.exists(running.socket)
    assert pathlib.Path(running.start_report).read_text() == "closed\n"
    assert "daemon ends" in pathlib.Path(running.log_file).read_text()


def test_a_second_start_is_refused(running: InstancePaths) -> None:
    with pytest.raises(CommandError) as caught:
        start_daemon(running, command=command())
    assert caught.value.code is ErrorCode.ALREADY_RUNNING


def test_a_second_daemon_in_front_exits_1_in_time(running: InstancePaths) -> None:
    started = time.monotonic()
    second = subprocess.run(command(), capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert time.monotonic() - started < 5
    assert second.stderr.startswith("Error: dreamsync is already running")


def test_stopping_what_does_not_run_is_told(paths: InstancePaths, config: Config) -> None:
    with pytest.raises(CommandError) as caught:
        stop_daemon(paths)
    assert caught.value.code is ErrorCode.NOT_RUNNING


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(
    paths: InstancePaths, config: Config, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    monkeypatch.setenv("DREAMSYNC_HOME", os.path.dirname(paths.config_file))
    with subprocess.Popen(command(), stderr=subprocess.PIPE, text=True) as daemon:
        wait_for(lambda: daemon_status(paths) is not None)
        daemon.send_signal(number)
        _out, told = daemon.communicate(timeout=10)
    assert (daemon.returncode, told) == (0, "closed\n")
    assert not is_locked(paths)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGHUP")
def test_hanging_up_reads_the_configuration_again(
    paths: InstancePaths, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DREAMSYNC_HOME", os.path.dirname(paths.config_file))
    log = pathlib.Path(paths.log_file)
    with subprocess.Popen(command(), stderr=subprocess.DEVNULL) as daemon:
        wait_for(lambda: daemon_status(paths) is not None)
        daemon.send_signal(signal.SIGHUP)
        wait_for(lambda: "configuration read again" in log.read_text())
        pathlib.Path(paths.config_file).write_text("[nonsense]\n")
        daemon.send_signal(signal.SIGHUP)
        wait_for(lambda: "stays as it was" in log.read_text())
        ControlClient(find_address(paths)).stop()
        assert daemon.wait(10) == 0


def test_a_crash_is_one_line_and_a_log(
    paths: InstancePaths, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DREAMSYNC_HOME", os.path.dirname(paths.config_file))
    crashed = subprocess.run(command(crash=True), capture_output=True, text=True, check=False)
    assert crashed.returncode == 1
    assert "Traceback" not in crashed.stderr
    assert "Something unexpected went wrong" in crashed.stderr
    log = pathlib.Path(paths.log_file).read_text()
    assert "ZeroDivisionError" in log
    assert "canary" not in log


def test_a_daemon_that_ends_at_once_tells_why(
    paths: InstancePaths, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DREAMSYNC_HOME", os.path.dirname(paths.config_file))
    pathlib.Path(paths.config_file).write_text("[nonsense]\n")
    with pytest.raises(CommandError, match="nonsense is not a setting") as caught:
        start_daemon(paths, command=command())
    assert caught.value.code is ErrorCode.CONFIGURATION


def test_without_an_account_nothing_starts(paths: InstancePaths) -> None:
    with pytest.raises(CommandError) as caught:
        run_daemon(paths)
    assert caught.value.code is ErrorCode.SIGNED_OUT
