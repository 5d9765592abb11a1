"""How long a change in one folder takes to be right in the other, with both daemons running."""

from dataclasses import dataclass
from functools import partial
from statistics import median, quantiles

import pytest

from dreamsync.core.status import Push
from tests.support.changes import Sides, each_kind
from tests.support.e2e import Instance, Workbench, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

_MEDIAN_S = 0.5
_P95_S = 1.5
_BUSY = 4
"""So much longer it may take among the other tests, which need the processors as well."""
_OTHER_FILES = 300


@dataclass(frozen=True, slots=True)
class Latency:
    """Of one kind of change, in seconds."""

    kind: str
    tries: list[float]

    @property
    def median(self) -> float:
        return median(self.tries)

    @property
    def p95(self) -> float:
        return quantiles(self.tries, n=20, method="inclusive")[-1]

    def __str__(self) -> str:
        return (
            f"{self.kind:<13} median {self.median * 1000:4.0f} ms, 95th percentile "
            f"{self.p95 * 1000:4.0f} ms, longest {max(self.tries) * 1000:4.0f} ms, "
            f"{len(self.tries)} tries"
        )


def test_small_changes_arrive_at_once(workbench: Workbench, full: bool) -> None:
    """So many other files that moving fifty out does not make the guard ask."""
    server = workbench.server()
    a, b = workbench.device("a", server), workbench.device("b", server)
    for number in range(_OTHER_FILES):
        (a.folder / f"other {number}.txt").write_text(str(number))
    wait_until(lambda: b.wait_idle().files == _OTHER_FILES, "the other files")
    for device in (a, b):
        wait_until(partial(_listens, device), f"push to {device.name}")
    tries, patience = (50, 1) if full else (6, _BUSY)
    sides = Sides(a.folder, b.folder, a.home)

    latencies = [Latency(kind, seconds) for kind, seconds in each_kind(sides, range(tries)).items()]

    for latency in latencies:
        print(latency)
    for latency in latencies:
        assert latency.median < _MEDIAN_S * patience, latency
        assert latency.p95 < _P95_S * patience, latency


def _listens(device: Instance) -> bool:
    return device.wait_idle().push is Push.REALTIME
