"""Client and server over a real socket: every call arrives, every answer comes back."""

import pathlib
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from dreamsync.config.paths import InstancePaths
from dreamsync.control.address import LoopbackAddress, find_address
from dreamsync.control.client import ControlClient
from dreamsync.control.commands import CommandError, ErrorCode, Keep
from dreamsync.control.handler import RequestHandler
from dreamsync.control.server import ControlServer, peer_uid
from dreamsync.core.status import State, Status
from dreamsync.daemon.known_errors import command_error
from dreamsync.remotes.errors import Unreachable
from tests.support.fake_commands import HOLD, IDLE, FakeCommands


@pytest.fixture
def paths(tmp_path: pathlib.Path) -> InstancePaths:
    return InstancePaths.under(str(tmp_path))


@pytest.fixture(params=["unix", "loopback"])
def commands(request: pytest.FixtureRequest, paths: InstancePaths) -> Iterator[FakeCommands]:
    """Commands behind a running server of either kind; `client` reaches them."""
    if request.param == "unix" and sys.platform == "win32":
        pytest.skip("no Unix sockets")
    fake = FakeCommands()
    server = ControlServer(fake, paths, explain=command_error, loopback=request.param == "loopback")
    server.start()
    request.node.address = server.address
    yield fake
    server.stop()


@pytest.fixture
def client(request: pytest.FixtureRequest, commands: FakeCommands) -> ControlClient:
    return ControlClient(request.node.address)


def test_status_is_the_same_on_both_sides(client: ControlClient, commands: FakeCommands) -> None:
    commands.state = replace(IDLE, holds=(HOLD,))
    assert client.status() == commands.state


def test_what_is_asked_arrives(client: ControlClient, commands: FakeCommands) -> None:
    commands.state = replace(IDLE, holds=(HOLD,))
    assert client.confirm("h1", reject=True) == (HOLD,)
    client.pause(until_ms=5)
    client.resume()
    client.resolve_conflict("노트.txt", Keep.THEIRS)
    client.restore("a.txt", version=None)
    client.add_ignore("*.tmp")
    assert client.restore_from_trash("t1") == "old.txt"
    client.reload_configuration()
    client.stop()
    assert commands.asked == [
        ("confirm", "h1", True),
        ("pause", 5),
        ("resume",),
        ("resolve", "노트.txt", Keep.THEIRS),
        ("restore", "a.txt", None),
        ("ignore", "*.tmp"),
        ("untrash", "t1"),
        ("reload",),
        ("stop",),
    ]


def test_what_is_read_comes_back(client: ControlClient, commands: FakeCommands) -> None:
    assert client.activity(limit=1) == tuple(commands.activity(limit=1))
    assert client.conflicts() == tuple(commands.conflicts())
    assert client.history("a.txt") == commands.kept
    assert client.list_items("") == tuple(commands.list_items(""))
    assert client.quota() == commands.used
    assert client.trash() == tuple(commands.trash())
    commands.state = replace(IDLE, holds=(HOLD,))
    assert client.held("h1") == HOLD.sample
    assert client.explain_ignore("x.part") == "*.part"
    assert client.explain_ignore("x") is None


def test_progress_streams_before_the_answer(client: ControlClient, commands: FakeCommands) -> None:
    seen: list[Status] = []
    assert client.sync(on_progress=seen.append) == commands.summary
    assert [(one.state, one.pending) for one in seen] == [(State.SYNCING, 2), (State.SYNCING, 1)]
    files: list[tuple[int, int]] = []
    assert client.verify(on_progress=lambda *step: files.append(step)) == commands.report
    assert files == [(1, 3)]


def test_an_error_keeps_code_path_and_hint(client: ControlClient, commands: FakeCommands) -> None:
    commands.failure = CommandError(ErrorCode.UNREACHABLE, "No answer.", "a.txt", "Wait.")
    for ask in (client.status, client.sync):
        with pytest.raises(CommandError) as caught:
            ask()
        assert caught.value == commands.failure


def test_what_a_server_out_of_reach_means_is_told(
    client: ControlClient, commands: FakeCommands
) -> None:
    commands.failure = Unreachable("the server does not answer")
    with pytest.raises(CommandError) as caught:
        client.status()
    assert caught.value.code is ErrorCode.UNREACHABLE
    assert "the server does not answer" in str(caught.value.message)
    assert caught.value.hint


def test_an_unexpected_failure_tells_no_inner_detail(
    client: ControlClient, commands: FakeCommands, caplog: pytest.LogCaptureFixture
) -> None:
    commands.failure = ZeroDivisionError("canary")
    with pytest.raises(CommandError) as caught:
        client.status()
    assert caught.value.code is ErrorCode.FAILED
    assert "canary" not in str(caught.value)
    assert "canary" in caplog.text


def test_a_long_poll_is_bounded(client: ControlClient, commands: FakeCommands) -> None:
    client.wait_for_status(after_revision=7, seconds=1e9)
    assert commands.asked == [("wait", 7, 60.0)]


def test_a_blocked_call_does_not_block_the_others(
    client: ControlClient, commands: FakeCommands, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    monkeypatch.setattr(commands, "resume", lambda: release.wait(10))
    blocked = threading.Thread(target=client.resume)
    blocked.start()
    assert client.status() == IDLE
    release.set()
    blocked.join()


def test_nobody_there_is_not_running(paths: InstancePaths) -> None:
    with pytest.raises(CommandError) as caught:
        ControlClient(find_address(paths)).status()
    assert caught.value.code is ErrorCode.NOT_RUNNING


def test_a_stopped_server_is_not_running(paths: InstancePaths) -> None:
    server = ControlServer(FakeCommands(), paths)
    server.start()
    server.stop()
    with pytest.raises(CommandError) as caught:
        ControlClient(find_address(paths)).status()
    assert caught.value.code is ErrorCode.NOT_RUNNING


def test_a_daemon_that_is_gone_before_its_answer_has_been_stopped(
    paths: InstancePaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process may end before the thread that was to answer has its turn."""
    fake = FakeCommands()
    server = ControlServer(fake, paths)
    server.start()
    monkeypatch.setattr(RequestHandler, "_answer", lambda *_: None)

    ControlClient(find_address(paths)).stop()
    assert ("stop",) in fake.asked
    with pytest.raises(CommandError, match="broke off"):
        ControlClient(find_address(paths)).status()
    server.stop()


@pytest.mark.skipif(sys.platform == "win32", reason="no Unix sockets")
def test_a_socket_left_by_a_killed_daemon_is_taken_over(paths: InstancePaths) -> None:
    pathlib.Path(paths.control_folder).mkdir(parents=True)
    pathlib.Path(paths.socket).write_text("stale")
    server = ControlServer(FakeCommands(), paths)
    server.start()
    assert ControlClient(find_address(paths)).status() == IDLE
    server.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="no SO_PEERCRED")
def test_the_peer_is_known_by_its_uid(
    paths: InstancePaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = ControlServer(FakeCommands(), paths)
    server.start()
    monkeypatch.setattr("dreamsync.control.server.peer_uid", lambda connection: 4242)
    with pytest.raises(CommandError, match="broke off"):
        ControlClient(find_address(paths)).status()
    monkeypatch.setattr("dreamsync.control.server.peer_uid", peer_uid)
    assert ControlClient(find_address(paths)).status() == IDLE
    server.stop()


@pytest.mark.security(6)
def test_another_token_is_refused(paths: InstancePaths) -> None:
    server = ControlServer(FakeCommands(), paths, loopback=True)
    server.start()
    address = server.address
    assert isinstance(address, LoopbackAddress)
    for token in (None, "", "guess"):
        with pytest.raises(CommandError, match="forbidden"):
            ControlClient(LoopbackAddress(address.port, token)).status()
    server.stop()
