"""At rest: no request that changes anything, nothing written, hardly any time and little memory."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.counting_proxy import CountingProxy, counting_proxy
from tests.support.e2e import Instance, Workbench, wait_until
from tests.support.processes import cpu_seconds, resident_with_children

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

_CYCLES = 10
_CPU_SECONDS_A_MINUTE = 0.2
_RESIDENT = 65 * 1024 * 1024
_HARMLESS_POSTS = ("/auth/", "/sync/batch/download")
"""They ask or sign in; everything else that is no GET changes something."""

State = dict[str, tuple[int, int]]


@pytest.mark.promise(5)
def test_further_cycles_change_and_write_nothing(workbench: Workbench, full: bool) -> None:
    server = workbench.server()
    with counting_proxy(server.port) as proxy:
        a, b = (_signed_in(workbench, name, proxy) for name in ("a", "b"))
        for number in range(200):
            (a.folder / f"{number % 7}").mkdir(exist_ok=True)
            (a.folder / f"{number % 7}" / f"{number}.txt").write_text(str(number))
        for device in (a, b, a):
            device.sync()
        before = [_state(device) for device in (a, b)]
        asked = len(proxy.request_lines)

        for _ in range(_CYCLES if full else 3):
            a.sync()
            b.sync()

        assert [line for line in proxy.request_lines[asked:] if _changes(line)] == []
        assert [_state(device) for device in (a, b)] == before


@pytest.mark.promise(5, 6)
def test_ten_further_cycles_of_a_daemon_change_and_write_nothing(workbench: Workbench) -> None:
    server = workbench.server()
    with counting_proxy(server.port) as proxy:
        a, b = (_signed_in(workbench, name, proxy).start() for name in ("a", "b"))
        for number in range(200):
            (a.folder / f"{number}.txt").write_text(str(number))
        wait_until(lambda: b.wait_idle().files == 200, "the files in b")
        for device in (a, b):
            device.sync()
        before = [_state(device) for device in (a, b)]
        asked = len(proxy.request_lines)

        for _ in range(_CYCLES):
            a.sync()
            b.sync()

        assert [line for line in proxy.request_lines[asked:] if _changes(line)] == []
        assert [_state(device) for device in (a, b)] == before


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one process and its children, at rest."""

    name: str
    cpu_seconds_a_minute: float
    resident: int

    def __str__(self) -> str:
        return (
            f"daemon of {self.name}: {self.cpu_seconds_a_minute:.3f} s of CPU a minute, "
            f"{self.resident / 2**20:.1f} MiB resident"
        )


def test_idle_daemons_cost_next_to_nothing(workbench: Workbench, full: bool) -> None:
    files, seconds = (10_000, 120.0) if full else (1_000, 12.0)
    server = workbench.server()
    a, b = workbench.device("a", server), workbench.device("b", server)
    for number in range(files):
        folder = a.folder / f"folder {number % 100}"
        folder.mkdir(exist_ok=True)
        (folder / f"file {number}.txt").write_text(f"content of {number}")
    wait_until(lambda: b.wait_idle().files == files, "all files in b", seconds=300)
    a.wait_idle()

    costs = _costs([a, b], seconds)

    for cost in costs:
        print(cost)
    for cost in costs:
        assert cost.cpu_seconds_a_minute < _CPU_SECONDS_A_MINUTE, cost
        assert cost.resident < _RESIDENT, cost


def _signed_in(workbench: Workbench, name: str, proxy: CountingProxy) -> Instance:
    instance = workbench.instance(name)
    instance.login(proxy.url)
    return instance


def _changes(request_line: str) -> bool:
    method, path, *_ = request_line.split()
    return method != "GET" and not path.startswith(_HARMLESS_POSTS)


def _state(device: Instance) -> State:
    """Size and mtime of journal, folder and trash, folders included.

    Of our own `.dreamsync` only what is in it counts: each new process finds out there, with a file
    that it removes again, how this file system treats names.
    """
    paths = [Path(device.paths.journal), *_below(device.folder)]
    return {
        str(path): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in paths
        if path.name != ".dreamsync"
    }


def _below(folder: Path) -> Iterator[Path]:
    yield folder
    yield from folder.rglob("*")


def _costs(devices: list[Instance], seconds: float) -> list[Cost]:
    """Measured over `seconds`, which is what is waited for."""
    pids = [device.process.pid for device in devices]
    before = [cpu_seconds(pid) for pid in pids]
    time.sleep(seconds)
    used = [
        cpu_seconds(device.process.pid) - cpu for device, cpu in zip(devices, before, strict=True)
    ]
    return [
        Cost(device.name, cpu * 60 / seconds, resident_with_children(device.process.pid))
        for device, cpu in zip(devices, used, strict=True)
    ]
