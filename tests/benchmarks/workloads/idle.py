"""At rest with many files: memory and processor time of a device, and what taking them in cost."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.contender import DREAMSYNC, Contender
from tests.benchmarks.inputs import many_files
from tests.benchmarks.workloads.workload import Against, Figures, Measure, Trial, at_most
from tests.support.processes import cpu_seconds, resident_with_children, rest_of

MIB = 1024 * 1024
_DAEMONS = (DREAMSYNC, "syncthing")
_TIDYING_S = 25.0
"""After work a daemon may take so long to give memory back."""


@dataclass(frozen=True, slots=True)
class Idle:
    """Of A, the device that had the files first. They are put there before it is watched."""

    files: int
    folders: int
    seconds: float
    longest_s: float = 900.0

    name = "idle"
    measures = (
        Measure("memory", "resident memory at rest", "MiB", at_most(65)),
        Measure("cpu", "processor time a minute at rest", "s", at_most(0.1)),
        Measure("index", "processor time to take them in", "s", at_most(0.25, Against.PEER)),
    )  # fmt: skip

    @property
    def title(self) -> str:
        return f"idle with {self.files:,} files in {self.folders:,} folders"

    def prepare(self, contender: Contender, folder: Path) -> AbstractContextManager[Trial] | None:
        return self._trial(contender, folder) if contender.name in _DAEMONS else None

    @contextmanager
    def _trial(self, contender: Contender, folder: Path) -> Iterator[Trial]:
        made = folder.with_name(f"{contender.name}-files")
        made.mkdir(parents=True)
        many_files(made, files=self.files, folders=self.folders)
        with contender.pair(folder) as pair:
            pids = pair.pids()
            before = cpu_seconds(pids["a"])
            made.rename(pair.a / "files")
            rest_of(pids.values(), quiet_s=5.0, at_most_s=self.longest_s)
            index = cpu_seconds(pids["a"]) - before
            time.sleep(_TIDYING_S)
            yield lambda: self._at_rest(pids["a"], index)

    def _at_rest(self, pid: int, index: float) -> Figures:
        before = cpu_seconds(pid)
        time.sleep(self.seconds)
        cpu = (cpu_seconds(pid) - before) * 60 / self.seconds
        return {"memory": resident_with_children(pid) / MIB, "cpu": cpu, "index": index}
