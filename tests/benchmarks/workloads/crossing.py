"""A tree appears in A: how long until it is whole in B and `sync` has returned."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.benchmarks.contender import Contender, Pair
from tests.benchmarks.inputs import Arrival, Tree, check_same, large_file, small_files
from tests.benchmarks.workloads.workload import Against, Figures, Measure, Trial, at_most
from tests.support.memory import forget_peak, peak_resident
from tests.support.processes import Stopwatch, family

MIB = 1024 * 1024
_LONGEST_S = 600.0

MakeTree = Callable[[Path, int], Tree]
"""In a folder that does not exist yet, from a seed."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """Each try has its own pair and its own tree, so that none finds work already done."""

    name: str
    title: str
    measures: tuple[Measure, ...]
    make_tree: MakeTree

    def prepare(self, contender: Contender, folder: Path) -> AbstractContextManager[Trial]:
        return self._trial(contender, folder)

    @contextmanager
    def _trial(self, contender: Contender, folder: Path) -> Iterator[Trial]:
        numbers = count(1)

        def trial() -> Figures:
            number = next(numbers)
            place = folder / str(number)
            tree = self.make_tree(folder.with_name(f"{contender.name}-tree-{number}"), number)
            try:
                with contender.pair(place) as pair:
                    return self._cross(pair, tree)
            finally:
                shutil.rmtree(place, ignore_errors=True)
                shutil.rmtree(tree.made, ignore_errors=True)

        folder.mkdir(parents=True)
        yield trial

    def _cross(self, pair: Pair, tree: Tree) -> Figures:
        arrival = Arrival(tree, pair.b)
        processes = [one for pid in pair.pids().values() for one in family(pid)]
        for pid in processes:
            forget_peak(pid)
        os.sync()
        watch = Stopwatch()
        source = pair.a / tree.name
        tree.made.rename(source)
        pair.cross()
        arrival.wait(seconds=_LONGEST_S)
        os.sync()
        seconds = watch.seconds
        peaks = [peak_resident(pid) / MIB for pid in processes]
        check_same(source, pair.b / tree.name)
        return {"seconds": seconds, **({"memory": max(peaks)} if peaks else {})}


def small_files_crossing(*, files: int, size: int = 2048) -> Crossing:
    return Crossing(
        "small-files",
        f"{files:,} files of {size // 1024} KiB, A to server to B",
        (
            Measure("seconds", "time", "s", at_most(0.5, Against.PEER)),
            Measure("memory", "most memory of a process", "MiB"),
        ),
        lambda made, seed: small_files(made, count=files, size=size, seed=seed),
    )


def large_file_crossing(*, size: int) -> Crossing:
    return Crossing(
        "large-file",
        f"one file of {size // MIB:,} MiB, A to server to B",
        (
            Measure(
                "seconds",
                "time",
                "s",
                at_most(0.9, Against.PEER) + at_most(1.8, Against.LIMIT),
            ),
            Measure(
                "memory",
                "most memory of a process",
                "MiB",
                at_most(120),
            ),
        ),
        lambda made, seed: large_file(made, size=size, seed=seed),
    )
