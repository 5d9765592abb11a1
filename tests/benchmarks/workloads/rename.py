"""A folder with many files is renamed: how long until the other side has it, and bytes sent."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.benchmarks.contender import DREAMSYNC, Contender
from tests.benchmarks.contenders.dreamsync import listen
from tests.benchmarks.contenders.through_proxy import ProxiedPair, proxied_pair
from tests.benchmarks.inputs import many_files
from tests.benchmarks.workloads.workload import Figures, Measure, Trial, at_most
from tests.support.changes import until
from tests.support.processes import Stopwatch, rest_of

KIB = 1024
_FILES_A_FOLDER = 100
_LONGEST_S = 600.0


@dataclass(frozen=True, slots=True)
class FolderRename:
    files: int

    name = "folder-rename"
    measures = (
        Measure("seconds", "time until it is in B", "s", at_most(2.0)),
        Measure("sent", "sent up by A, requests included", "KiB", at_most(8)),
    )  # fmt: skip

    @property
    def title(self) -> str:
        return f"a folder with {self.files:,} files is renamed"

    def prepare(self, contender: Contender, folder: Path) -> AbstractContextManager[Trial] | None:
        return self._trial(folder) if contender.name == DREAMSYNC else None

    @contextmanager
    def _trial(self, folder: Path) -> Iterator[Trial]:
        with proxied_pair(folder) as pair:
            made = folder / "made"
            made.mkdir()
            many_files(made, files=self.files, folders=max(1, self.files // _FILES_A_FOLDER))
            made.rename(pair.a.folder / "name 0")
            pids = [pair.server.process.pid, pair.a.process.pid, pair.b.process.pid]
            rest_of(pids, quiet_s=3.0, at_most_s=_LONGEST_S)
            numbers = count()
            yield lambda: _rename(pair, next(numbers))


def _rename(pair: ProxiedPair, number: int) -> Figures:
    for device in (pair.a, pair.b):
        listen(device)
    old, new = f"name {number}", f"name {number + 1}"
    pair.proxy_a.up = 0
    watch = Stopwatch()
    (pair.a.folder / old).rename(pair.a.folder / new)
    until(lambda: (pair.b.folder / new).exists() and not (pair.b.folder / old).exists())
    seconds = watch.seconds
    pair.a.wait_idle()
    return {"seconds": seconds, "sent": pair.proxy_a.up / KIB}
