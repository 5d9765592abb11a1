"""One file changes among few and among many: what the daemon's cycle costs."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.benchmarks.contender import DREAMSYNC, Contender
from tests.benchmarks.contenders.dreamsync import DreamsyncPair, listen
from tests.benchmarks.inputs import many_files
from tests.benchmarks.workloads.workload import Figures, Measure, Trial, at_most
from tests.support.changes import has, until
from tests.support.processes import rest_of, running_seconds

_FILES_A_FOLDER = 10
_CHANGES = 20
_LONGEST_S = 900.0


@dataclass(frozen=True, slots=True)
class OneChange:
    """The same device first with few files and then with many."""

    few: int
    many: int

    name = "one-change"
    measures = (
        Measure("few", "processor time of A, among few", "ms"),
        Measure("many", "processor time of A, among many", "ms"),
        Measure("ratio", "many to few", "", at_most(1.2)),
    )

    @property
    def title(self) -> str:
        return f"one file changed among {self.few:,} and among {self.many:,}"

    def prepare(self, contender: Contender, folder: Path) -> AbstractContextManager[Trial] | None:
        return self._trial(contender, folder) if contender.name == DREAMSYNC else None

    @contextmanager
    def _trial(self, contender: Contender, folder: Path) -> Iterator[Trial]:
        with contender.pair(folder / "few") as few, contender.pair(folder / "many") as many:
            assert isinstance(few, DreamsyncPair)
            assert isinstance(many, DreamsyncPair)
            _fill(few, self.few)
            _fill(many, self.many)
            numbers = count(1)

            def trial() -> Figures:
                costs = [_cost(pair, next(numbers)) for pair in (few, many)]
                return {"few": costs[0], "many": costs[1], "ratio": costs[1] / costs[0]}

            trial()
            yield trial


def _fill(pair: DreamsyncPair, files: int) -> None:
    made = pair.a.with_name("made")
    made.mkdir()
    many_files(made, files=files, folders=files // _FILES_A_FOLDER)
    made.rename(pair.a / "files")
    rest_of(pair.pids().values(), quiet_s=3.0, at_most_s=_LONGEST_S)
    listen(pair.device_a)


def _cost(pair: DreamsyncPair, number: int) -> float:
    """Milliseconds a change, each seen on the other side before the next is made."""
    listen(pair.device_a)
    before = running_seconds(pair.device_a.process.pid)
    for change in range(_CHANGES):
        text = f"change {number}.{change}"
        (pair.a / "files" / "folder 0" / "file 0.txt").write_text(text)
        until(has(pair.b / "files" / "folder 0" / "file 0.txt", text))
    return (running_seconds(pair.device_a.process.pid) - before) * 1000 / _CHANGES
