"""`python -m tests.simulation`: play seeds, or replay one and print its story.

--seed N           replay and print the story
--seed N --shrink  make it as small as it gets first
--minutes M        play fresh seeds for so long (or from `--from N` on); prints what occurred, and
                   each failure with the command that replays it
--real             ask the real server, over HTTP on loopback, what each run asked of the memory
                   server, and tell what it answers otherwise; --from and --runs, or --minutes
"""

import argparse
import secrets
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.simulation.campaign import Report, campaign
from tests.simulation.real_server import real_server
from tests.simulation.replay import ask_the_real_server
from tests.simulation.scenario import Scenario, scenario_of
from tests.simulation.shrink import shrink
from tests.simulation.world import Result, play


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--shrink", action="store_true")
    parser.add_argument("--from", dest="first", type=int)
    parser.add_argument("--runs", type=int, default=1_000_000_000)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--real", action="store_true")
    options = parser.parse_args()
    if options.seed is not None:
        return _replay(scenario_of(options.seed), smaller=options.shrink)
    first = secrets.randbelow(2**40) if options.first is None else options.first
    print(f"seeds from {first} on", flush=True)
    if options.real:
        return _compare(first, options.runs, seconds=60 * options.minutes)
    report = campaign(
        first, seconds=60 * options.minutes, jobs=options.jobs, most=options.runs, tell=_progress
    )
    print("\n".join(report.lines()))
    return 1 if report.failures else 0


def _compare(first: int, most: int, *, seconds: float) -> int:
    asked: Counter[str] = Counter()
    runs, differing, end = 0, 0, time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder, real_server(Path(folder)) as server:
        for seed in range(first, first + most):
            if time.monotonic() > end:
                break
            told = ask_the_real_server(scenario_of(seed), server)
            asked += told.asked
            runs, differing = runs + 1, differing + bool(told.differences)
            for text in told.differences:
                print(f"--real --from {seed} --runs 1: {text}", flush=True)
    for kind, count in sorted(asked.items()):
        print(f"{count:9} {kind}")
    print(f"{runs} runs, {differing} answered otherwise by the real server")
    return 1 if differing else 0


def _progress(report: Report) -> None:
    failed = ", ".join(map(str, report.failures))
    print(f"\r{report.runs} runs; failed: {failed or 'none'}", end="", file=sys.stderr, flush=True)


def _replay(scenario: Scenario, *, smaller: bool) -> int:
    if smaller:
        scenario = shrink(scenario, tell=lambda text: print(text, file=sys.stderr))
    result = play(scenario)
    for action in scenario.actions:
        print(action)
    print({name: getattr(scenario, name) for name in scenario.__slots__ if name != "actions"})
    print("\n".join(result.story))
    print(_verdict(result), f"trace {result.trace}")
    return 0 if result.failure is None else 1


def _verdict(result: Result) -> str:
    return "all held" if result.failure is None else f"BROKEN: {result.failure}"


if __name__ == "__main__":
    sys.exit(main())
