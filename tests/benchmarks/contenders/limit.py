"""The limit: copying twice with `sync` between and after, and looking with `find`."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.contender import LIMIT, Usage
from tests.benchmarks.programs import needed, run


@dataclass(frozen=True, slots=True)
class CopiedPair:
    a: Path
    b: Path
    between: Path

    def cross(self) -> None:
        for source, target in ((self.a, self.between), (self.between, self.b)):
            run(["cp", "-a", f"{source}/.", str(target)], os.environ)
            os.sync()

    def pids(self) -> Mapping[str, int]:
        return {}


class Limit:
    name = LIMIT

    def missing(self) -> str | None:
        return needed("find", "it is in the package findutils")

    @contextmanager
    def pair(self, folder: Path) -> Iterator[CopiedPair]:
        pair = CopiedPair(folder / "a", folder / "b", folder / "between")
        for one in (pair.a, pair.b, pair.between):
            one.mkdir(parents=True)
        yield pair

    @contextmanager
    def unchanged(
        self, folder: Path, fill: Callable[[Path], None]
    ) -> Iterator[Callable[[], Usage]]:
        folder.mkdir(parents=True)
        fill(folder)
        yield lambda: run(["find", str(folder), "-printf", "%p %s %T@ %C@\n"], os.environ)
