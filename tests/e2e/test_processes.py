"""What happens to processes: stopped and resumed, killed with their numbers used again, run by
somebody with no rights, short of room for the journal, behind a network that loses things."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dreamsync.core.status import Reason
from dreamsync.server.data_dir import exclusive
from tests.support.e2e import DREAMSYNC, Instance, Workbench, wait_until
from tests.support.known_work import known_work, signed_in
from tests.support.lossy_proxy import LOSSES, lossy_proxy
from tests.support.ordinary_user import AS_ORDINARY_USER
from tests.support.small_disk import small_disk

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

QUEUED_EVENTS = Path("/proc/sys/fs/inotify/max_queued_events")


@pytest.mark.fault("suspended")
@pytest.mark.fault("overflow")
@pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")
def test_a_daemon_that_slept_through_too_many_changes_finds_them_all(
    workbench: Workbench,
) -> None:
    server = workbench.server()
    a, b = workbench.device("a", server), workbench.device("b", server)
    (a.folder / "kept.txt").write_text("kept")
    (a.folder / "gone.txt").write_text("gone")
    (a.folder / "edited.txt").write_text("one")
    wait_until(lambda: b.wait_idle(seconds=1).files == 3, "the files in b")

    os.kill(a.process.pid, signal.SIGSTOP)
    _overflow(a.folder)
    (a.folder / "gone.txt").unlink()
    (a.folder / "edited.txt").write_text("another")
    (a.folder / "late").mkdir()
    (a.folder / "late/new.txt").write_text("new")
    (b.folder / "of b.txt").write_text("b")
    b.wait_idle()
    os.kill(a.process.pid, signal.SIGCONT)

    wait_until(lambda: "more changed at once" in _log(a), "the overflow")
    everything = {"kept.txt": "kept", "edited.txt": "another", "late/new.txt": "new"}
    everything["of b.txt"] = "b"
    wait_until(lambda: texts(a.folder) == texts(b.folder) == everything, "all of it on both")
    (a.folder / "late/afterwards.txt").write_text("watched again")
    wait_until((b.folder / "late/afterwards.txt").exists, "a to be watching still", seconds=20)


def _overflow(folder: Path) -> None:
    """More events than the queue holds, each another than the one before."""
    for number in range(int(QUEUED_EVENTS.read_text()) // 2 + 1000):
        path = folder / f"burst {number % 2}"
        path.touch()
        path.unlink()


def _log(device: Instance) -> str:
    return Path(device.paths.log_file).read_text()


def texts(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and ".dreamsync" not in path.parts
    }


@pytest.fixture
def bystander() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that has nothing to do with dreamsync."""
    with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=-1) as one:
        yield one
        one.kill()


@pytest.mark.fault("two daemons")
def test_a_killed_one_s_number_given_to_somebody_else_stops_nobody(
    workbench: Workbench, bystander: "subprocess.Popen[bytes]"
) -> None:
    """The server is killed, and the number that it wrote down is a stranger's now: who is neither
    taken for the server nor ended in its place."""
    a = workbench.instance("a")
    a.up()
    (a.folder / "note.txt").write_text("one")
    a.sync()
    address = Path(a.paths.server_data) / "address.json"
    told = json.loads(address.read_text())
    os.kill(told["pid"], signal.SIGKILL)
    wait_until(lambda: _is_free(a.paths.server_data), "the server to be gone")
    address.write_text(json.dumps({**told, "pid": bystander.pid}))

    a.command("stop", "--server", codes=None)
    assert bystander.poll() is None
    a.up()
    assert json.loads(address.read_text())["pid"] != bystander.pid
    assert a.sync().document["state"] == "idle"
    a.command("stop", "--server")
    assert bystander.poll() is None


def _is_free(data_dir: str) -> bool:
    with contextlib.suppress(Exception), exclusive(data_dir):
        return True
    return False


@pytest.mark.fault("no network")
@pytest.mark.fault("answer lost")
@pytest.mark.fault("duplicate")
@pytest.mark.fault("server trouble")
@pytest.mark.timeout(600)
def test_behind_a_network_that_loses_and_doubles_everything_nothing_is_lost_or_doubled(
    tmp_path: Path, seed: int, full: bool
) -> None:
    with known_work(tmp_path, seed) as work, lossy_proxy(work.server.port, seed) as (url, losses):
        losses.on = False
        work.here.instance.command("logout")
        signed_in(url, work.here.instance)
        work.here.instance.start()
        work.syncs(work.here)
        losses.on = True
        for rounds in range(100):
            if rounds >= (20 if full else 3) and losses.counts.keys() == set(LOSSES):
                break
            work.goes_on(work.here, large=_SIZES[rounds % len(_SIZES)])
            work.others_work()
            work.nursery.wait(work.sync(work.here))
        losses.on = False
        for late in losses.late:
            late.join()
        print(f"in {rounds} rounds: {dict(losses.counts)}")
        assert losses.counts.keys() == set(LOSSES)

        work.here.instance.sync()
        work.syncs(work.there)
        work.here.instance.sync()
        work.check(work.here, work.there)


_SIZES = (0, 300 * 1024, 9 * 1024 * 1024, 0)


@pytest.mark.fault("not permitted")
def test_a_daemon_that_may_not_read_or_write_some_things_syncs_the_others(
    workbench: Workbench,
) -> None:
    server = workbench.server()
    witness = workbench.device("witness", server)
    (witness.folder / "closed").mkdir()
    (witness.folder / "closed/first.txt").write_text("first")
    witness.wait_idle()
    a = workbench.device("a", server, run=False)
    a.sync()
    (a.folder / "secret.txt").write_text("secret")
    (a.folder / "secret.txt").chmod(0)
    (a.folder / "closed").chmod(0o555)

    with daemon_of_an_ordinary_user(a):
        (witness.folder / "closed/second.txt").write_text("second")
        (witness.folder / "open.txt").write_text("open")
        wait_until((a.folder / "open.txt").exists, "what may be written")
        (a.folder / "mine.txt").write_text("mine")
        wait_until((witness.folder / "mine.txt").exists, "what may be read")
        both = {"secret.txt", "closed/second.txt"}
        wait_until(lambda: {one.path for one in a.status().problems} == both, "both problems")
        assert not (a.folder / "closed/second.txt").exists()

        (a.folder / "closed").chmod(0o755)
        (a.folder / "secret.txt").chmod(0o600)
        a.sync()
        assert a.status().problems == ()
        wait_until(lambda: texts(a.folder) == texts(witness.folder), "all of it")
    assert texts(witness.folder).keys() == {*both, "closed/first.txt", "open.txt", "mine.txt"}


@contextlib.contextmanager
def daemon_of_an_ordinary_user(device: Instance) -> Iterator[None]:
    command = [*AS_ORDINARY_USER, *DREAMSYNC, "run"]
    with subprocess.Popen(command, env=dict(device.environment)) as daemon:
        try:
            wait_until(device.try_status, "the daemon")
            yield
        finally:
            daemon.terminate()


@pytest.mark.fault("journal")
@pytest.mark.fault("disk full")
@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_journal_without_room_is_told_and_goes_on_where_it_was(workbench: Workbench) -> None:
    server = workbench.server()
    witness = workbench.device("witness", server, run=False)
    a = workbench.instance("a")
    with small_disk(Path(a.paths.state), mib=1):
        a.login(server)
        (a.folder / "kept.txt").write_text("kept")
        a.sync()
        fill(Path(a.paths.state))
        refused = a.command("sync", codes=None)
        assert (refused.code, "See whether its disk is full" in refused.err) == (1, True), refused
        (Path(a.paths.state) / "filling").unlink()

        a.start()
        fill(Path(a.paths.state))
        for number in range(100):
            (a.folder / f"many {number}.txt").write_text(f"{number}")

        wait_until(lambda: reasons(a) == {Reason.NO_SPACE}, "status to say so")
        assert a.sync(codes=None).code == 3

        (Path(a.paths.state) / "filling").unlink()
        wait_until(lambda: reasons(a) == set(), "room to be noticed")
        a.sync()
        witness.sync()
        a.stop()
        assert texts(witness.folder) == texts(a.folder)
        assert len(texts(a.folder)) == 101


def reasons(device: Instance) -> set[Reason]:
    return {problem.reason for problem in device.answer().problems}


def fill(folder: Path) -> None:
    """To the last byte."""
    with (folder / "filling").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        for size in (65536, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"x" * size)
