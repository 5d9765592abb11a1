"""Nothing has changed: how long a full check takes, and how much memory."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.benchmarks.contender import Checks, Contender
from tests.benchmarks.inputs import many_files
from tests.benchmarks.workloads.workload import Against, Figures, Measure, Trial, at_most

MIB = 1024 * 1024
_FILES_A_FOLDER = 10


@dataclass(frozen=True, slots=True)
class Unchanged:
    files: int

    name = "unchanged"
    measures = (
        Measure("seconds", "time of a full check", "s", at_most(0.4, Against.PEER)),
        Measure("memory", "most memory", "MiB", at_most(64)),
    )

    @property
    def title(self) -> str:
        return f"nothing changed in {self.files:,} files"

    def prepare(self, contender: Contender, folder: Path) -> AbstractContextManager[Trial] | None:
        return self._trial(contender, folder) if isinstance(contender, Checks) else None

    @contextmanager
    def _trial(self, contender: Checks, folder: Path) -> Iterator[Trial]:
        fill = partial(many_files, files=self.files, folders=self.files // _FILES_A_FOLDER)
        with contender.unchanged(folder, fill) as check:

            def trial() -> Figures:
                used = check()
                return {"seconds": used.seconds, "memory": used.peak_bytes / MIB}

            os.sync()
            check()
            yield trial
