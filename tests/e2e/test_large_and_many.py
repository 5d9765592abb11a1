"""A large file costs no memory and is not sent twice; many small ones share requests.

Full size (`--full`): 5 GiB and 10,000 files. Figures are printed (`pytest -s`).
"""

import hashlib
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.counting_proxy import CountingProxy, counting_proxy
from tests.support.e2e import Instance, OwnedProcess, ServerProcess, Workbench, wait_until
from tests.support.memory import forget_peak, peak_resident, resident

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

MIB = 1024 * 1024
_MOST_GROWTH = 64 * MIB
_OVERHEAD = 1.05
"""Headers, tickets and the feed beside the content."""


@pytest.fixture(autouse=True)
def _give_the_space_back(tmp_path: Path) -> Iterator[None]:
    yield
    shutil.rmtree(tmp_path)


@pytest.fixture
def large_size(full: bool) -> int:
    return 5 * 1024 * MIB if full else 200 * MIB


@pytest.fixture
def patience(full: bool) -> float:
    return 1200.0 if full else 180.0


@pytest.mark.timeout(3600)
def test_a_large_file_goes_up_and_down_in_little_memory(
    workbench: Workbench, large_size: int, patience: float
) -> None:
    server = workbench.server()
    a, b = workbench.device("a", server), workbench.device("b", server)
    a.wait_idle()
    b.wait_idle()
    idle = _forget_peaks(server.process, a.process, b.process)

    began = time.monotonic()
    write_sparse(a.folder / "large.img", large_size)
    wait_until((b.folder / "large.img").exists, "the file in b", seconds=patience)
    took = time.monotonic() - began

    for name, growth in _growths(idle, server=server.process, a=a.process, b=b.process).items():
        print(f"{name} grew by {growth / MIB:.1f} MiB")
        assert growth < _MOST_GROWTH, name
    print(f"{large_size / MIB:.0f} MiB up and down in {took:.1f} s")
    assert same_content(a.folder / "large.img", b.folder / "large.img")


@pytest.mark.promise(9)
@pytest.mark.timeout(3600)
def test_an_upload_killed_half_way_does_not_send_the_first_half_again(
    workbench: Workbench, large_size: int, patience: float
) -> None:
    server = workbench.server()
    with counting_proxy(server.port) as proxy:
        a = _device_through(workbench, "a", proxy)
        a.start()
        write_sparse(a.folder / "large.img", large_size)
        sent_first = _killed_when(a, lambda: proxy.up, large_size // 2, patience)

        proxy.up = 0
        a.start()
        a.wait_idle(seconds=patience)
        sent_then = proxy.up

    print(f"sent {sent_first / MIB:.0f} MiB, killed, then {sent_then / MIB:.0f} MiB")
    assert sent_first + sent_then < _OVERHEAD * large_size + _IN_FLIGHT
    assert arrives_whole(workbench, server, a.folder / "large.img", patience)


@pytest.mark.timeout(3600)
def test_a_download_killed_half_way_does_not_fetch_the_first_half_again(
    workbench: Workbench, large_size: int, patience: float
) -> None:
    server = workbench.server()
    a = workbench.device("a", server, run=False)
    write_sparse(a.folder / "large.img", large_size)
    a.sync(seconds=patience)
    with counting_proxy(server.port) as proxy:
        b = _device_through(workbench, "b", proxy)
        b.start()
        came_first = _killed_when(b, lambda: proxy.down, large_size // 2, patience)
        assert not (b.folder / "large.img").exists()

        proxy.down = 0
        b.start()
        wait_until((b.folder / "large.img").exists, "the rest", seconds=patience)
        came_then = proxy.down

    print(f"fetched {came_first / MIB:.0f} MiB, killed, then {came_then / MIB:.0f} MiB")
    assert came_first + came_then < _OVERHEAD * large_size + _IN_FLIGHT
    assert same_content(a.folder / "large.img", b.folder / "large.img")


@pytest.mark.timeout(3600)
def test_many_small_files_share_requests(workbench: Workbench, full: bool) -> None:
    count = 10_000 if full else 2_000
    server = workbench.server()
    with counting_proxy(server.port) as proxy:
        a, b = _device_through(workbench, "a", proxy), _device_through(workbench, "b", proxy)
        for number in range(count):
            folder = a.folder / f"folder {number % 100}"
            folder.mkdir(exist_ok=True)
            (folder / f"{number}.bin").write_bytes(number.to_bytes(4, "big") * 512)

        proxy.requests = 0
        up_s = _timed(lambda: a.sync(seconds=900))
        requests_up, proxy.requests = proxy.requests, 0
        down_s = _timed(lambda: b.sync(seconds=900))

    print(f"{count} files of 2 KiB: {requests_up} requests up in {up_s:.1f} s")
    print(f"{count} files of 2 KiB: {proxy.requests} requests down in {down_s:.1f} s")
    assert len(list(b.folder.rglob("*.bin"))) == count
    assert requests_up <= 200 * count // 10_000


_IN_FLIGHT = 40 * MIB
"""Blocks that were on their way, and pieces received and not yet written, when it was killed."""


def write_sparse(path: Path, size: int) -> None:
    """A file with holes whose blocks all differ; it appears under its name at once."""
    hidden = path.with_name(path.name + ".part")
    with hidden.open("wb") as file:
        file.truncate(size)
        for offset in range(0, size, 4 * MIB):
            file.seek(offset)
            file.write(hashlib.sha256(offset.to_bytes(8, "big")).digest())
    hidden.rename(path)


def same_content(one: Path, other: Path) -> bool:
    return _sha256(one) == _sha256(other)


def arrives_whole(bench: Workbench, server: ServerProcess, original: Path, patience: float) -> bool:
    """Whether a device that joins now gets the same bytes."""
    witness = bench.device("witness", server, run=False)
    witness.sync(seconds=patience)
    return same_content(original, witness.folder / original.name)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _device_through(bench: Workbench, name: str, proxy: CountingProxy) -> Instance:
    device = bench.instance(name)
    device.login(proxy.url)
    return device


def _killed_when(device: Instance, counted: Callable[[], int], wanted: int, patience: float) -> int:
    """Kill the daemon once so many bytes have gone through; how many had."""
    wait_until(lambda: counted() >= wanted, "half of the bytes", seconds=patience)
    device.kill()
    return counted()


def _forget_peaks(*processes: OwnedProcess) -> dict[int, int]:
    """What each uses at rest, by process id."""
    for process in processes:
        forget_peak(process.pid)
    return {process.pid: resident(process.pid) for process in processes}


def _growths(idle: dict[int, int], **processes: OwnedProcess) -> dict[str, int]:
    return {name: peak_resident(one.pid) - idle[one.pid] for name, one in processes.items()}


def _timed(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began
