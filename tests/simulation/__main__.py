"""`python -m tests.simulation`: play seeds, or replay one and print its story.

--seed N           replay and print the story
--seed N --shrink  make it as small as it gets first
--minutes M        play fresh seeds for so long (or from `--from N` on); prints what occurred, and
                   each failure with the command that replays it
"""

import argparse
import secrets
import sys

from tests.simulation.campaign import Report, campaign
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
    options = parser.parse_args()
    if options.seed is not None:
        return _replay(scenario_of(options.seed), smaller=options.shrink)
    first = secrets.randbelow(2**40) if options.first is None else options.first
    print(f"seeds from {first} on", flush=True)
    report = campaign(
        first, seconds=60 * options.minutes, jobs=options.jobs, most=options.runs, tell=_progress
    )
    print("\n".join(report.lines()))
    return 1 if report.failures else 0


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
