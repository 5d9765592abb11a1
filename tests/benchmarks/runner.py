"""Runs a workload: all contenders prepared, then one try of each in turn, again and again."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks.contender import Contender
from tests.benchmarks.results import Result, Samples
from tests.benchmarks.workloads.workload import Figures, Trial, Workload
from tests.support.processes import Stopwatch

Say = Callable[[str], None]


def say(text: str) -> None:
    """What is going on, to stderr: stdout has the table."""
    print(text, file=sys.stderr, flush=True)


def run_workload(
    workload: Workload, contenders: Sequence[Contender], folder: Path, *, tries: int
) -> list[Result]:
    """In `folder`, which is removed afterwards. A contender's failure fails the run: a table with
    a hole in it would be read as a table."""
    say(f"{workload.name}: {workload.title}")
    folder.mkdir(parents=True)
    try:
        with ExitStack() as stack:
            trials = _prepare(workload, contenders, folder, stack)
            return _results(workload, _interleave(trials, tries))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(
    workload: Workload, contenders: Sequence[Contender], folder: Path, stack: ExitStack
) -> dict[str, Trial]:
    trials: dict[str, Trial] = {}
    for contender in contenders:
        context = workload.prepare(contender, folder / contender.name)
        if context is not None:
            watch = Stopwatch()
            trials[contender.name] = stack.enter_context(context)
            say(f"  {contender.name:<10} ready after {watch.seconds:.1f} s")
    return trials


def _interleave(trials: Mapping[str, Trial], tries: int) -> dict[str, list[Figures]]:
    """Each round in another order, so that nobody always follows the same one."""
    figures: dict[str, list[Figures]] = {name: [] for name in trials}
    names = list(trials)
    for number in range(tries):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            os.sync()
            figures[name].append(trials[name]())
            shown = ", ".join(f"{key} {value:.3g}" for key, value in figures[name][-1].items())
            say(f"  {name:<10} {shown}")
    return figures


def _results(workload: Workload, figures: Mapping[str, Sequence[Figures]]) -> list[Result]:
    results = []
    for measure in workload.measures:
        result = Result(workload.name, workload.title, measure)
        for name, tries in figures.items():
            values = tuple(one[measure.key] for one in tries if measure.key in one)
            if values:
                result.by_contender[name] = Samples(values)
        results.append(result)
    return results
