"""`python -m tests.benchmarks`: run the benchmarks, print the table, save JSON and plot."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from rich.console import Console

from tests.benchmarks.contender import Contender
from tests.benchmarks.contenders import CONTENDERS
from tests.benchmarks.plot import save_plot
from tests.benchmarks.results import Result, save_json, to_json
from tests.benchmarks.runner import run_workload, say
from tests.benchmarks.table import make_table
from tests.benchmarks.workloads import FULL, QUICK
from tests.benchmarks.workloads.workload import Workload

_FEWEST_TRIES = 5
_DEBIAN_PACKAGES = ("unison", "syncthing")
_TABLE_WIDTH = 160


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    workloads = _chosen(QUICK if options.quick else FULL, options.only)
    if options.list:
        for workload in workloads:
            print(f"{workload.name:<15} {workload.title}")
        return 0
    signal.signal(signal.SIGTERM, _end)
    for name in [name for name in os.environ if name.startswith("DREAMSYNC_")]:
        del os.environ[name]
    contenders = _taking_part(install=not options.no_install)
    with tempfile.TemporaryDirectory(prefix="dreamsync-bench-", dir=options.temp) as folder:
        results: list[Result] = []
        for workload in workloads:
            place = Path(folder) / workload.name
            results += run_workload(workload, contenders, place, tries=options.tries)
    Console(width=_TABLE_WIDTH).print(make_table(results))
    _save(results, Path(options.save), "quick" if options.quick else "full")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./task bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, under three minutes")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these workloads alone")
    parser.add_argument("--list", action="store_true", help="name the workloads and end")
    parser.add_argument("--tries", type=int, default=_FEWEST_TRIES, help="of each contender")
    parser.add_argument("--save", default=".benchmarks", metavar="DIR", help="for JSON and plot")
    parser.add_argument("--temp", metavar="DIR", help="where to work; some 20 GiB in full size")
    parser.add_argument("--no-install", action="store_true", help="install no missing peer")
    return parser


def _chosen(workloads: Sequence[Workload], names: Sequence[str] | None) -> list[Workload]:
    unknown = set(names or ()) - {workload.name for workload in workloads}
    if unknown:
        sys.exit(f"There is no workload {', '.join(sorted(unknown))}; --list names them.")
    return [workload for workload in workloads if not names or workload.name in names]


def _taking_part(*, install: bool) -> list[Contender]:
    """Peers that are missing are installed where that is possible, and else told of."""
    absent = {one.name for one in CONTENDERS if one.missing()} & set(_DEBIAN_PACKAGES)
    if install and absent and os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"Installing {', '.join(sorted(absent))} ...")
        _apt_install(sorted(absent))
    for contender in CONTENDERS:
        if missing := contender.missing():
            say(f"Without {contender.name}: {missing}")
    return [one for one in CONTENDERS if not one.missing()]


def _apt_install(packages: Sequence[str]) -> None:
    """What apt says goes to stderr; without them the run goes on and says so."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends"]):
        wanted = packages if command[0] == "install" else ()
        subprocess.run(
            ["apt-get", *command, *wanted], env=environment, stdout=sys.stderr, check=False
        )


def _save(results: Sequence[Result], folder: Path, size: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    when = datetime.now(UTC).isoformat(timespec="seconds")
    document = save_json(folder / "benchmarks.json", to_json(results, when=when, size=size))
    say(f"Saved {folder / 'benchmarks.json'}")
    if save_plot(document, folder / "benchmarks.svg"):
        say(f"Saved {folder / 'benchmarks.svg'}")
    else:
        say("No plot: it needs matplotlib (pip install 'dreamsync[bench]') and a peer that ran.")


def _end(_number: int, _frame: FrameType | None) -> None:
    """As Ctrl+C: everything that was started is ended on the way out."""
    sys.exit(143)


if __name__ == "__main__":
    sys.exit(main())
