"""Real processes for end-to-end stories: servers and devices driven through the command line.

A `Workbench` owns a folder, an isolated environment and every process started in it; leaving it
kills what still runs. `Instance` is one `DREAMSYNC_HOME`, `ServerProcess` a `dreamsync serve`.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from dreamsync.config.paths import InstancePaths
from dreamsync.control.address import find_address
from dreamsync.control.commands import CommandError
from dreamsync.control.status_client import StatusClient
from dreamsync.core.status import State, Status
from dreamsync.server import admin
from tests.support.schema import spare_migrations

EMAIL = "mina@example.com"
PASSWORD = "correct horse battery"
DREAMSYNC = (sys.executable, "-m", "dreamsync")
_POLL_S = 0.02

T = TypeVar("T")


def wait_until(condition: Callable[[], T | None], what: str, *, seconds: float = 60.0) -> T:
    """Poll until `condition` gives something true, and give that; `AssertionError` after `seconds`.

    An `AssertionError` of the condition itself counts as "not yet", and is shown at the end.
    """
    deadline = time.monotonic() + seconds
    last: AssertionError | None = None
    while time.monotonic() < deadline:
        try:
            found = condition()
        except AssertionError as error:
            last, found = error, None
        if found:
            return found
        time.sleep(_POLL_S)
    raise AssertionError(f"waited {seconds:.0f} s in vain for: {what}") from last


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command ended with."""

    arguments: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, object]:
        """stdout as the one JSON document that `--json` promises."""
        document: dict[str, object] = json.loads(self.out)
        return document


def run_dreamsync(
    arguments: tuple[str, ...],
    environment: Mapping[str, str],
    *,
    stdin: str = "",
    codes: Collection[int] | None = (0,),
    seconds: float = 120.0,
) -> Answer:
    """Run one command to its end. `codes` are the exit codes that are no failure; None: all."""
    done = subprocess.run(
        [*DREAMSYNC, *arguments],
        env=dict(environment),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    answer = Answer(arguments, done.returncode, done.stdout, done.stderr)
    assert codes is None or answer.code in codes, answer
    return answer


@dataclass
class OwnedProcess:
    """A process in a session of its own, with its output in `log`."""

    log: Path
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def pid(self) -> int:
        assert self._process is not None, "it was never started"
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def spawn(self, arguments: tuple[str, ...], environment: Mapping[str, str]) -> None:
        assert not self.running
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [*DREAMSYNC, *arguments],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def terminate(self, *, seconds: float = 30.0) -> int:
        """SIGTERM, and its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(seconds)

    def kill(self) -> None:
        """SIGKILL for it and its children; nothing if it has ended."""
        if self._process is None:
            return
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def wait(self, *, seconds: float = 30.0) -> int:
        assert self._process is not None
        return self._process.wait(seconds)

    def words(self) -> str:
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""


@dataclass
class ServerProcess:
    """`dreamsync serve` on loopback. It keeps its port when it is started again."""

    data: Path
    environment: Mapping[str, str]
    url: str = ""
    extra: tuple[str, ...] = ()
    process: OwnedProcess = field(init=False)

    def __post_init__(self) -> None:
        self.process = OwnedProcess(self.data.with_suffix(".log"))

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2]) if self.url else 0

    def start(self) -> "ServerProcess":
        address = self.data / "address.json"
        address.unlink(missing_ok=True)
        self.launch()
        self.url = wait_until(lambda: self._written_url(address), f"server in {self.data}")
        return self

    def launch(self) -> None:
        """Without waiting until it answers."""
        spare_migrations(str(self.data))
        arguments = ("serve", "--data", str(self.data), "--port", str(self.port), *self.extra)
        self.process.spawn(arguments, self.environment)

    def stop(self) -> None:
        assert self.process.terminate() == 0, self.process.words()

    def kill(self) -> None:
        self.process.kill()

    def end(self) -> None:
        self.kill()

    def admin(self, *arguments: str, stdin: str = "") -> Answer:
        """A `serve-user` or `serve-admin` command on this server's data."""
        return run_dreamsync((*arguments, "--data", str(self.data)), self.environment, stdin=stdin)

    def add_user(self, email: str = EMAIL, password: str = PASSWORD) -> None:
        """What `serve-user add` does, without the cost of starting it."""
        admin.add_user(str(self.data), email, password)

    def _written_url(self, address: Path) -> str | None:
        if not self.process.running:
            raise RuntimeError(f"the server ended at once: {self.process.words()}")
        try:
            return str(json.loads(address.read_text())["url"])
        except (OSError, ValueError):
            return None


@dataclass
class Instance:
    """One computer: a `DREAMSYNC_HOME` with its folder and, while it runs, its daemon."""

    name: str
    home: Path
    environment: Mapping[str, str]
    process: OwnedProcess = field(init=False)
    _detached: bool = False

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.environment = {**self.environment, "DREAMSYNC_HOME": str(self.home)}
        self.paths = InstancePaths.under(str(self.home))
        self.folder = Path(self.paths.default_folder)
        self.process = OwnedProcess(self.home / "daemon.log")

    def command(
        self,
        *arguments: str,
        stdin: str = "",
        codes: Collection[int] | None = (0,),
        seconds: float = 300.0,
    ) -> Answer:
        return run_dreamsync(arguments, self.environment, stdin=stdin, codes=codes, seconds=seconds)

    def login(
        self,
        server: str | ServerProcess,
        *,
        email: str = EMAIL,
        password: str = PASSWORD,
        codes: Collection[int] | None = (0,),
    ) -> Answer:
        """Sign in as a device of this instance's name, tokens in a file."""
        url = server if isinstance(server, str) else server.url
        where = ("--folder", str(self.folder), "--device", self.name, "--secrets", "file")
        arguments = ("login", url, "--email", email, "--password-stdin", *where)
        return self.command(*arguments, stdin=password + "\n", codes=codes)

    def up(self, *options: str) -> Answer:
        """`dreamsync up`, whose server and daemon are nobody's children; the bench ends them."""
        self._detached = True
        return self.command("up", "--secrets", "file", *options)

    def join(self, code: str, *, codes: Collection[int] | None = (0,)) -> Answer:
        """`dreamsync join`, which starts a daemon as `up` does."""
        self._detached = True
        where = ("--folder", str(self.folder), "--device", self.name, "--secrets", "file")
        return self.command("join", code, *where, codes=codes)

    def start(self) -> "Instance":
        """`dreamsync run` as a child of the test, once it answers."""
        self.launch()
        wait_until(self._answers, f"the daemon of {self.name}")
        return self

    def launch(self) -> None:
        """Without waiting until it answers."""
        self.process.spawn(("run",), self.environment)

    def stop(self) -> None:
        self.command("stop")
        self.process.wait()

    def kill(self) -> None:
        self.process.kill()

    def end(self) -> None:
        """Leave no process and no folder outside `home` behind, whatever the state."""
        self.kill()
        if self._detached:
            self.command("stop", "--server", codes=None)
        shutil.rmtree(self.paths.control_folder, ignore_errors=True)

    def status(self) -> Status:
        """The daemon's answer, asked without the cost of a process: for waiting."""
        return StatusClient(find_address(self.paths)).status()

    def try_status(self) -> Status | None:
        try:
            return self.status()
        except (CommandError, OSError):
            return None

    def sync(self, *, codes: Collection[int] | None = (0,), seconds: float = 300.0) -> Answer:
        return self.command("sync", "--json", codes=codes, seconds=seconds)

    def wait_idle(self, *, seconds: float = 60.0) -> Status:
        """Until the daemon says `idle` with nothing pending."""
        return wait_until(self._idle, f"{self.name} to be idle", seconds=seconds)

    def confirm_holds(self) -> int:
        """Answer what is on hold as a person would who meant it; how many holds there were."""
        found = self.try_status()
        for hold in found.holds if found else ():
            self.command("confirm", hold.id, codes=None)
        return len(found.holds) if found else 0

    def _answers(self) -> bool:
        if not self.process.running:
            raise RuntimeError(f"the daemon ended at once: {self.process.words()}")
        return self.try_status() is not None

    def answer(self) -> Status:
        """The status; `AssertionError` while there is none, `RuntimeError` where it has ended."""
        status = self.try_status()
        if status is None and not self.process.running:
            raise RuntimeError(f"the daemon of {self.name} has ended: {self.process.words()}")
        assert status is not None, f"{self.name} does not answer"
        return status

    def _idle(self) -> Status | None:
        status = self.answer()
        assert status.state is State.IDLE, status
        assert status.pending == 0, status
        return status


class Workbench:
    """Everything that one story starts. Use as a context manager.

    The environment has only what programs need: no variable of the person who runs the tests.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = isolated_environment(folder)
        self.processes: list[ServerProcess | Instance] = []

    def __enter__(self) -> "Workbench":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for one in reversed(self.processes):
            one.end()

    def server(self, name: str = "server", *extra: str) -> ServerProcess:
        """A running server with the account `EMAIL`; `extra` are options of `serve`."""
        server = ServerProcess(self.folder / name, self.environment, extra=extra)
        self.processes.append(server)
        server.start()
        server.add_user()
        return server

    def instance(self, name: str) -> Instance:
        """A computer on which nothing is set up yet."""
        instance = Instance(name, self.folder / name, self.environment)
        self.processes.append(instance)
        return instance

    def device(self, name: str, server: ServerProcess, *, run: bool = True) -> Instance:
        """A computer that is signed in, its daemon running if wanted."""
        instance = self.instance(name)
        instance.login(server)
        return instance.start() if run else instance


def isolated_environment(folder: Path) -> dict[str, str]:
    """HOME and the XDG folders under `folder`, PATH and language as they are needed."""
    home = folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local" / "share"),
        "XDG_STATE_HOME": str(home / ".local" / "state"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
    }
