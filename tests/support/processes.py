"""What running processes have used, from Linux's /proc; and a stopwatch."""

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from tests.support.memory import resident

_NANOSECONDS = 1e9


def family(pid: int) -> list[int]:
    """The process and its children, and theirs."""
    found = [pid]
    for one in found:
        with suppress(FileNotFoundError):
            for task in Path(f"/proc/{one}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def cpu_seconds(pid: int) -> float:
    """Of the process and its children so far, in steps of a clock tick."""
    ticks = 0
    for one in family(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def wake_ups(pid: int) -> int:
    """How often the threads of the process were put to sleep again."""
    return sum(
        int(line.split()[1])
        for status in Path(f"/proc/{pid}/task").glob("*/status")
        for line in status.read_text().splitlines()
        if line.startswith("voluntary_ctxt_switches")
    )


def running_seconds(pid: int) -> float:
    """Of the process' threads that still live, exact to the nanosecond."""
    spent = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError):
            spent += int((task / "schedstat").read_text().split()[0])
    return spent / _NANOSECONDS


def resident_with_children(pid: int) -> int:
    return sum(resident(one) for one in family(pid))


def rest_of(pids: Iterable[int], *, quiet_s: float, at_most_s: float) -> None:
    """Wait until none of them has used noticeable time for so long: they have finished."""
    pids = list(pids)
    deadline = time.monotonic() + at_most_s
    while time.monotonic() < deadline:
        before = sum(map(cpu_seconds, pids))
        time.sleep(quiet_s)
        if sum(map(cpu_seconds, pids)) - before <= quiet_s * 0.02:
            return
    raise RuntimeError(f"still busy after {at_most_s:.0f} s")


class Stopwatch:
    """Begins when it is made."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began
