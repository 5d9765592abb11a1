"""Unison: two runs on local folders, A to the server's and the server's to B."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.contender import Usage
from tests.benchmarks.programs import needed, run
from tests.support.e2e import isolated_environment

_OPTIONS = ("-batch", "-auto", "-ui", "text", "-times", "-confirmbigdel=false", "-log=false")


@dataclass(frozen=True, slots=True)
class UnisonPair:
    a: Path
    b: Path
    server: Path
    environment: Mapping[str, str]

    def cross(self) -> None:
        for source, target in ((self.a, self.server), (self.server, self.b)):
            synchronise(source, target, self.environment)

    def pids(self) -> Mapping[str, int]:
        return {}


class Unison:
    name = "unison"

    def missing(self) -> str | None:
        return needed("unison", "apt-get install unison")

    @contextmanager
    def pair(self, folder: Path) -> Iterator[UnisonPair]:
        pair = UnisonPair(folder / "a", folder / "b", folder / "server", _environment(folder))
        for one in (pair.a, pair.b, pair.server):
            one.mkdir(parents=True)
        pair.cross()
        yield pair

    @contextmanager
    def unchanged(
        self, folder: Path, fill: Callable[[Path], None]
    ) -> Iterator[Callable[[], Usage]]:
        with self.pair(folder) as pair:
            fill(pair.a)
            synchronise(pair.a, pair.server, pair.environment)
            yield lambda: synchronise(pair.a, pair.server, pair.environment)


def synchronise(one: Path, other: Path, environment: Mapping[str, str]) -> Usage:
    return run(["unison", str(one), str(other), *_OPTIONS], environment)


def _environment(folder: Path) -> dict[str, str]:
    return {**isolated_environment(folder), "UNISON": str(folder / "archives")}
