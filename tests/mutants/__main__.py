"""`python -m tests.mutants [NAME ...]`: run mutants, say what caught them, note it in results.json.

Exit code 0 where every one was caught within its time. `--seconds N` gives more of it.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.mutants.catalogue import MUTANTS, Mutant
from tests.mutants.results import Killed, read_results, write_results
from tests.mutants.running import LIMIT_SECONDS, Outcome, copy_tree, run


def main() -> int:
    asked = _arguments()
    wanted = [one for one in MUTANTS if not asked.names or one.name in asked.names]
    results = {name: one for name, one in read_results().items() if name in _NAMES}
    survivors = 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = Path(folder)
        copy_tree(tree)
        for mutant in wanted:
            outcome = run(mutant, tree, seconds=asked.seconds)
            _tell(mutant, outcome, verbose=asked.verbose)
            if outcome.killed_by is None:
                survivors += 1
                results.pop(mutant.name, None)
            else:
                results[mutant.name] = Killed(outcome.killed_by, outcome.seconds)
            write_results(results)
    print(f"{len(wanted) - survivors} caught, {survivors} survived")
    return 1 if survivors else 0


_NAMES = {mutant.name for mutant in MUTANTS}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="one of the catalogue's")
    parser.add_argument("--seconds", type=float, default=LIMIT_SECONDS)
    parser.add_argument("--verbose", action="store_true", help="show what the tests said")
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in _NAMES]
    if unknown:
        parser.error(f"no such mutant: {', '.join(unknown)}")
    return asked


def _tell(mutant: Mutant, outcome: Outcome, *, verbose: bool) -> None:
    fate = "SURVIVED" if outcome.killed_by is None else f"caught by {outcome.killed_by}"
    print(f"{mutant.name}: {fate} ({outcome.seconds:.1f} s)", flush=True)
    if verbose:
        print(outcome.said, flush=True)


sys.exit(main())
