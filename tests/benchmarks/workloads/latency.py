"""A small save: how long until the other side has it whole; and a burst of saves."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median, quantiles

from tests.benchmarks.contender import DREAMSYNC, Contender, Pair
from tests.benchmarks.inputs import many_files
from tests.benchmarks.workloads.workload import Figures, Measure, Trial, at_most
from tests.support.changes import KINDS, Sides, each_kind, until
from tests.support.processes import Stopwatch, rest_of

_DAEMONS = (DREAMSYNC, "syncthing")
_OTHER_FILES = 2000
"""So many that moving a hundred out, one after the other, does not make the guard ask."""
_LONGEST_S = 120.0
_BURST_S = 10.0
_BETWEEN_S = 0.05
"""A person's next change does not come at once."""

_MEDIAN = at_most(100)
_P95 = at_most(250)


@dataclass(frozen=True, slots=True)
class Latency:
    """`tries` of each kind of change in one trial; `burst` saves evenly over ten seconds."""

    tries: int
    burst: int

    name = "latency"
    measures = (
        *(Measure(kind, f"{kind}, median", "ms", _MEDIAN) for kind in KINDS),
        *(Measure(f"{kind} p95", f"{kind}, 95th percentile", "ms", _P95) for kind in KINDS),
        Measure("burst", "after the last of a burst", "s", at_most(1.0)),
    )

    @property
    def title(self) -> str:
        return f"a small save seen on the other side; a burst of {self.burst:,} saves in 10 s"

    def prepare(self, contender: Contender, folder: Path) -> AbstractContextManager[Trial] | None:
        return self._trial(contender, folder) if contender.name in _DAEMONS else None

    @contextmanager
    def _trial(self, contender: Contender, folder: Path) -> Iterator[Trial]:
        with contender.pair(folder) as pair:
            outside, made = folder / "outside", folder / "made"
            for one in (outside, made):
                one.mkdir()
            many_files(made, files=_OTHER_FILES, folders=10)
            made.rename(pair.a / "others")
            rest_of(pair.pids().values(), quiet_s=3.0, at_most_s=_LONGEST_S)
            sides = Sides(pair.a, pair.b, outside)
            numbers = count()
            yield lambda: self._changes(pair, sides, next(numbers))

    def _changes(self, pair: Pair, sides: Sides, trial: int) -> Figures:
        figures: dict[str, float] = {}
        numbers = range(trial * self.tries, (trial + 1) * self.tries)
        for kind, seconds in each_kind(sides, numbers, pause=_BETWEEN_S).items():
            tries = [one * 1000 for one in seconds]
            figures[kind] = median(tries)
            figures[f"{kind} p95"] = quantiles(tries, n=20, method="inclusive")[-1]
        return {**figures, "burst": self._burst(pair, trial)}

    def _burst(self, pair: Pair, trial: int) -> float:
        """Seconds from the last save until all are there."""
        source, target = pair.a / f"burst {trial}", pair.b / f"burst {trial}"
        source.mkdir()
        began = time.monotonic()
        for number in range(self.burst):
            (source / f"{number}.txt").write_text(f"saved {number}")
            ahead = began + (number + 1) * _BURST_S / self.burst - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
        watch = Stopwatch()
        until(lambda: target.is_dir() and _whole(target, self.burst))
        return watch.seconds


def _whole(folder: Path, files: int) -> bool:
    names = [path for path in folder.iterdir() if path.suffix == ".txt"]
    return len(names) == files and all(path.stat().st_size for path in names)
