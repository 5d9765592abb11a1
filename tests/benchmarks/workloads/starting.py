"""How long `dreamsync status` takes, beside Python's own start, and what the command line loads."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.benchmarks.contender import DREAMSYNC, LIMIT, Contender
from tests.benchmarks.contenders.dreamsync import DreamsyncPair
from tests.benchmarks.programs import run
from tests.benchmarks.workloads.workload import Figures, Measure, Trial, at_most
from tests.support.e2e import isolated_environment

_RUNS = 5


@dataclass(frozen=True, slots=True)
class Starting:
    name = "starting"
    title = "dreamsync status, and import dreamsync.cli (limit: python -c pass)"
    measures = (
        Measure("status", "dreamsync status", "s", at_most(0.15)),
        Measure("import", "import dreamsync.cli", "s"),
    )

    def prepare(self, contender: Contender, folder: Path) -> AbstractContextManager[Trial] | None:
        if contender.name == DREAMSYNC:
            return self._dreamsync(contender, folder)
        return self._python(folder) if contender.name == LIMIT else None

    @contextmanager
    def _dreamsync(self, contender: Contender, folder: Path) -> Iterator[Trial]:
        with contender.pair(folder) as pair:
            assert isinstance(pair, DreamsyncPair)
            environment = pair.device_a.environment

            def trial() -> Figures:
                return {
                    "status": _seconds(["-m", "dreamsync", "status"], environment),
                    "import": _seconds(["-c", "import dreamsync.cli"], environment),
                }

            yield trial

    @contextmanager
    def _python(self, folder: Path) -> Iterator[Trial]:
        environment = isolated_environment(folder)

        def trial() -> Figures:
            return dict.fromkeys(("status", "import"), _seconds(["-c", "pass"], environment))

        yield trial


def _seconds(arguments: list[str], environment: Mapping[str, str]) -> float:
    """The median of some runs, none of which is long enough to be told by itself."""
    return median(run([sys.executable, *arguments], environment).seconds for _ in range(_RUNS))
