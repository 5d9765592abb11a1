"""How long a change in one folder takes to be right in the other, with both daemons running."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median, quantiles

import pytest

from dreamsync.core.status import Push
from tests.support.e2e import Instance, Workbench, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

_MEDIAN_S = 0.5
_P95_S = 1.5
_QUIET_S = 2.0
"""A deletion waits so long for a creation that would make it a move (design section 4, Guard)."""
_LONGEST_S = 30.0
_OTHER_FILES = 300
_LOOK_S = 0.004


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


def test_small_changes_arrive_in_half_a_second(workbench: Workbench, full: bool) -> None:
    """So many other files that moving fifty out does not make the guard ask."""
    server = workbench.server()
    a, b = workbench.device("a", server), workbench.device("b", server)
    for number in range(_OTHER_FILES):
        (a.folder / f"other {number}.txt").write_text(str(number))
    wait_until(lambda: b.wait_idle().files == _OTHER_FILES, "the other files")
    for device in (a, b):
        wait_until(partial(_listens, device), f"push to {device.name}")
    tries = 50 if full else 10
    kinds: dict[str, Callable[[Instance, Instance, int], float]] = {
        "create": _create,
        "edit": _edit,
        "safe-save": _safe_save,
        "move out": _move_out,
        "move in again": _move_in,
    }

    latencies = [
        Latency(kind, [one(a, b, number) for number in range(tries)]) for kind, one in kinds.items()
    ]

    for latency in latencies:
        print(latency)
    for latency in latencies:
        quiet = _QUIET_S if latency.kind == "move out" else 0.0
        assert latency.median < quiet + _MEDIAN_S, latency
        assert latency.p95 < quiet + _P95_S, latency


def _listens(device: Instance) -> bool:
    return device.wait_idle().push is Push.REALTIME


def _create(a: Instance, b: Instance, number: int) -> float:
    (a.folder / f"file {number}.txt").write_text(f"new {number}")
    return _until(_has(b.folder / f"file {number}.txt", f"new {number}"))


def _edit(a: Instance, b: Instance, number: int) -> float:
    with (a.folder / f"file {number}.txt").open("a") as file:
        file.write(", and more")
    return _until(_has(b.folder / f"file {number}.txt", f"new {number}, and more"))


def _safe_save(a: Instance, b: Instance, number: int) -> float:
    """As editors do: the old file put aside, a new one under the name, then the old one removed."""
    target = a.folder / f"file {number}.txt"
    aside, fresh = target.with_suffix(".txt~"), target.with_suffix(".txt.new")
    fresh.write_text(f"saved {number}")
    os.link(target, aside)
    fresh.replace(target)
    aside.unlink()
    return _until(_has(b.folder / f"file {number}.txt", f"saved {number}"))


def _move_out(a: Instance, b: Instance, number: int) -> float:
    (a.folder / f"file {number}.txt").rename(a.home / f"file {number}.txt")
    return _until(lambda: not (b.folder / f"file {number}.txt").exists())


def _move_in(a: Instance, b: Instance, number: int) -> float:
    (a.home / f"file {number}.txt").rename(a.folder / f"file {number}.txt")
    return _until(_has(b.folder / f"file {number}.txt", f"saved {number}"))


def _has(path: Path, text: str) -> Callable[[], bool]:
    def right() -> bool:
        try:
            return path.read_text() == text
        except FileNotFoundError:
            return False

    return right


def _until(right: Callable[[], bool]) -> float:
    start = time.monotonic()
    while not right():
        assert time.monotonic() - start < _LONGEST_S, "it never arrived"
        time.sleep(_LOOK_S)
    return time.monotonic() - start
