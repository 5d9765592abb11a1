"""`python -m tests.simulation`: play seeds, or replay one and print its story.

--seed N           replay and print the story
--seed N --shrink  make it as small as it gets first
--from N --runs M  play many; stops after `--seconds`, prints failures and what occurred
"""

import argparse
import sys
import time
from collections import Counter

from tests.simulation.scenario import Scenario, scenario_of
from tests.simulation.shrink import shrink
from tests.simulation.world import Result, play


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--shrink", action="store_true")
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--most-failures", type=int, default=10)
    options = parser.parse_args()
    if options.seed is not None:
        return _replay(scenario_of(options.seed), smaller=options.shrink)
    return _many(options.first, options.runs, options.seconds, options.most_failures)


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


def _many(first: int, runs: int, seconds: float, most_failures: int) -> int:
    end = time.monotonic() + seconds
    counts: Counter[str] = Counter()
    failed, played = 0, 0
    for seed in range(first, first + runs):
        if time.monotonic() > end or failed >= most_failures:
            break
        result = play(scenario_of(seed))
        played += 1
        counts.update(result.counts)
        if result.failure is not None:
            failed += 1
            print(f"seed {seed}: {result.failure[-700:]}", flush=True)
    for name, count in sorted(counts.items()):
        print(f"  {count:7} {name}")
    print(f"{played} runs from seed {first}, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
