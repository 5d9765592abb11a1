"""Many seeds, in several processes, until a time or a number is reached; and what came of it."""

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.simulation.scenario import scenario_of
from tests.simulation.world import play

_SEEDS_AT_ONCE = 25


@dataclass(slots=True)
class Report:
    runs: int = 0
    failures: dict[int, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Report") -> None:
        self.runs += other.runs
        self.failures |= other.failures
        self.counts += other.counts

    def lines(self) -> Iterator[str]:
        """What occurred, by class; then each failure with the command that replays it."""
        for name, count in sorted(self.counts.items()):
            yield f"{count:9} {name}"
        for seed, failure in sorted(self.failures.items()):
            yield f"seed {seed}: {failure.strip().splitlines()[-1][:300]}"
            yield f"    {replay_command(seed)}"
        yield f"{self.runs} runs, {len(self.failures)} failed"


def replay_command(seed: int) -> str:
    return f".venv/bin/python -m tests.simulation --seed {seed} --shrink"


def play_seeds(first: int, most: int, *, seconds: float = float("inf")) -> Report:
    """So many seeds, or as many as are begun in so many seconds."""
    report, end = Report(), time.monotonic() + seconds
    for seed in range(first, first + most):
        if time.monotonic() >= end:
            break
        with _collecting_afterwards():
            result = play(scenario_of(seed))
        report.runs += 1
        report.counts.update(result.counts)
        if result.failure is not None:
            report.failures[seed] = result.failure
    return report


@contextmanager
def _collecting_afterwards() -> Iterator[None]:
    """A run makes little garbage in cycles; to look for it all the time is a sixth of its cost."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect(1)


def campaign(
    first: int, *, seconds: float, jobs: int, most: int, tell: Callable[[Report], None]
) -> Report:
    """`tell` is called with the sum so far each time some seeds are done."""
    total, end, following = Report(), time.monotonic() + seconds, first
    with ProcessPoolExecutor(jobs) as pool:
        running: set[Future[Report]] = set()
        while True:
            while len(running) < jobs and following < first + most and time.monotonic() < end:
                running.add(pool.submit(play_seeds, following, _SEEDS_AT_ONCE))
                following += _SEEDS_AT_ONCE
            if not running:
                return total
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                total.add(future.result())
            tell(total)
