"""A daemon on battery and in metered networks, and at the speed that it was allowed."""

import random
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from dreamsync.core.status import PauseReason, Push, State
from tests.support.e2e import Instance, Workbench, wait_until
from tests.support.session_bus import session_bus
from tests.support.system_services import SystemServices, system_services

pytestmark = pytest.mark.e2e


@pytest.fixture
def services(workbench: Workbench) -> Iterator[SystemServices]:
    """On a bus that the workbench's programs take for the system's."""
    with session_bus(workbench.environment) as address, system_services(address) as some:
        workbench.environment["DBUS_SYSTEM_BUS_ADDRESS"] = address
        yield some


@pytest.mark.skipif(sys.platform != "linux", reason="services of Linux")
def test_it_pauses_on_battery_and_in_metered_networks_and_catches_up(
    workbench: Workbench, services: SystemServices
) -> None:
    services.set_on_battery(True)
    services.set_metered(2)
    server = workbench.server()
    a = workbench.device("a", server, run=False)
    b = workbench.device("b", server)
    a.command("config", "set", "sync.pause_on_battery", "on")
    a.start()
    wait_until(lambda: paused_by(a) is PauseReason.BATTERY, "the pause on battery")
    (a.folder / "mine.txt").write_text("written on battery")
    (b.folder / "theirs.txt").write_text("written elsewhere")
    wait_until(lambda: a.status().pending, "the change to be noted")
    b.wait_idle()

    a.stop()
    a.start()
    wait_until(lambda: paused_by(a) is PauseReason.BATTERY, "the same after a restart")
    answer = a.command("status")
    assert "Paused while the computer runs on its battery; 1 change waiting" in answer.out
    assert a.command("status", "--json").document["paused"] == {
        "reason": "on battery", "until": None,
    }  # fmt: skip
    assert not (b.folder / "mine.txt").exists()
    assert not (a.folder / "theirs.txt").exists()

    services.set_on_battery(False)
    wait_until((b.folder / "mine.txt").exists, "it to catch up on mains")
    wait_until((a.folder / "theirs.txt").exists, "it to catch up on mains")

    services.sleep_and_wake()
    log = Path(a.paths.log_file)
    wait_until(lambda: "disturbed: slept" in log.read_text(), "the sleep to be heard of")
    wait_until(lambda: a.status().push is Push.REALTIME, "the push stream to be made anew")

    a.command("config", "set", "sync.pause_on_metered", "on")
    services.set_metered(1)
    wait_until(lambda: paused_by(a) is PauseReason.METERED, "the pause in a metered network")
    (a.folder / "more.txt").write_text("written on the train")
    a.command("resume")
    wait_until((b.folder / "more.txt").exists, "it to go on because a person said so")


def paused_by(device: Instance) -> PauseReason | None:
    paused = device.status().paused
    return paused.reason if paused is not None else None


def test_a_limit_holds_in_its_hours_and_a_pause_breaks_a_transfer_off(
    workbench: Workbench, request: pytest.FixtureRequest
) -> None:
    """Within a tenth of one MiB a second; what was saved up in the second before goes at once."""
    full = request.config.getoption("--full")
    mib = 20 if full else 3
    server = workbench.server()
    a, b = workbench.device("a", server), workbench.device("b", server)
    a.command("config", "set", "network.upload_limit_kib", "1024")
    a.wait_idle()

    begun = time.monotonic()
    put(a, "timed.bin", mib)
    wait_for(b, "timed.bin", mib)
    took = time.monotonic() - begun
    request.node.user_properties.append(("report", f"{mib} MiB at 1 MiB/s: {took:.1f} s"))
    assert took >= 0.9 * (mib if full else mib - 1)
    assert took <= 1.1 * mib or not full

    put(a, "large.bin", 4)
    wait_until(lambda: is_moving(a), "the transfer")
    a.command("pause")
    wait_until(lambda: not a.status().transfers, "the transfer to be broken off", seconds=20)
    assert a.status().state is State.PAUSED
    assert not (b.folder / "large.bin").exists()
    a.command("resume")
    wait_for(b, "large.bin", 4)

    a.command("config", "set", "network.limit_hours", hours_that_are_not_now())
    a.command("config", "set", "network.upload_limit_kib", "1")
    put(a, "at night.bin", 1)
    wait_for(b, "at night.bin", 1)

    a.command("config", "set", "network.limit_hours", "00:00-24:00")
    put(a, "by day.bin", 1)
    wait_until(lambda: a.status().transfers, "the slow transfer")
    assert not (b.folder / "by day.bin").exists()
    a.command("config", "set", "network.upload_limit_kib", "0")


def put(device: Instance, name: str, mib: int) -> None:
    """Moved in whole: while a large file is being written, an empty one is what it is."""
    outside = device.home / name
    outside.write_bytes(content_of(name, mib))
    outside.rename(device.folder / name)


def wait_for(device: Instance, name: str, mib: int) -> None:
    there = device.folder / name
    wait_until(there.exists, f"{name} to arrive", seconds=120)
    assert there.read_bytes() == content_of(name, mib)


def content_of(name: str, mib: int) -> bytes:
    """Each its own: what the server has already is not sent again."""
    return random.Random(name).randbytes(mib * 2**20)


def is_moving(device: Instance) -> bool:
    return any(one.bytes for one in device.status().transfers)


def hours_that_are_not_now() -> str:
    begin = datetime.now() + timedelta(hours=3)
    return f"{begin:%H:%M}-{begin + timedelta(hours=1):%H:%M}"
