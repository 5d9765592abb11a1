"""dreamsync: a server and two devices with their daemons, push on."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dreamsync.core.status import Push
from tests.benchmarks.contender import DREAMSYNC, Usage
from tests.benchmarks.programs import run
from tests.support.e2e import Instance, ServerProcess, Workbench, wait_until

_FIRST_SYNC_S = 1800.0


@dataclass(frozen=True, slots=True)
class DreamsyncPair:
    server: ServerProcess
    device_a: Instance
    device_b: Instance

    @property
    def a(self) -> Path:
        return self.device_a.folder

    @property
    def b(self) -> Path:
        return self.device_b.folder

    def cross(self) -> None:
        """The daemons do it."""

    def pids(self) -> Mapping[str, int]:
        devices = {"a": self.device_a.process.pid, "b": self.device_b.process.pid}
        return {"server": self.server.process.pid, **devices}


class Dreamsync:
    name = DREAMSYNC

    def missing(self) -> str | None:
        return None

    @contextmanager
    def pair(self, folder: Path) -> Iterator[DreamsyncPair]:
        with Workbench(folder) as bench:
            server = bench.server()
            a, b = bench.device("a", server), bench.device("b", server)
            for device in (a, b):
                listen(device)
            yield DreamsyncPair(server, a, b)

    @contextmanager
    def unchanged(
        self, folder: Path, fill: Callable[[Path], None]
    ) -> Iterator[Callable[[], Usage]]:
        with Workbench(folder) as bench:
            device = bench.device("a", bench.server(), run=False)
            fill(device.folder)
            device.sync(seconds=_FIRST_SYNC_S)
            arguments = [sys.executable, "-m", "dreamsync", "sync", "--json"]
            yield lambda: run(arguments, device.environment)


def listen(device: Instance) -> None:
    """Wait until the daemon is at rest and told of changes by push."""
    wait_until(lambda: device.wait_idle().push is Push.REALTIME, f"push to {device.name}")
