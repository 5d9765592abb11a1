"""Power, network and sleep as Linux tells them: simulated services on a bus, the real kernel."""

import os
import queue
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dreamsync.desktop.circumstances.linux import LinuxWatch
from dreamsync.desktop.circumstances.watch import Circumstances, Disturbance
from tests.support.session_bus import need, need_programs, session_bus
from tests.support.system_services import SystemServices, system_services

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="services of Linux")


class Ear:
    """What a watch tells, in its order."""

    def __init__(self) -> None:
        self._circumstances: queue.SimpleQueue[Circumstances] = queue.SimpleQueue()
        self._disturbances: queue.SimpleQueue[Disturbance] = queue.SimpleQueue()
        self.circumstances = self._circumstances.put
        self.disturbed = self._disturbances.put

    def hears(self) -> Circumstances:
        return self._circumstances.get(timeout=20)

    def hears_of(self) -> Disturbance:
        return self._disturbances.get(timeout=20)

    def is_quiet(self) -> bool:
        return self._circumstances.empty() and self._disturbances.empty()


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Iterator[SystemServices]:
    with session_bus(os.environ) as address, system_services(address) as some:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        yield some


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def watch(services: SystemServices, ear: Ear) -> Iterator[LinuxWatch]:
    one = LinuxWatch()
    yield one
    one.stop()


def test_it_tells_what_is_and_what_changes(
    services: SystemServices, watch: LinuxWatch, ear: Ear
) -> None:
    services.set_on_battery(True)
    services.set_metered(2)

    watch.start(ear.circumstances, ear.disturbed)
    assert ear.hears() == Circumstances(on_battery=True, metered=False)

    services.set_on_battery(False)
    assert ear.hears() == Circumstances(on_battery=False, metered=False)
    services.set_metered(3)
    assert ear.hears() == Circumstances(on_battery=False, metered=True), "probably is enough"
    services.set_metered(0)
    assert ear.hears() == Circumstances(on_battery=False, metered=None)


def test_services_that_come_later_are_heard_and_one_that_goes_says_nothing_more(
    services: SystemServices, watch: LinuxWatch, ear: Ear
) -> None:
    watch.start(ear.circumstances, ear.disturbed)
    assert ear.hears() == Circumstances()

    services.set_metered(1)
    assert ear.hears() == Circumstances(metered=True)
    services.end("org.freedesktop.NetworkManager")
    assert ear.hears() == Circumstances()
    services.set_metered(1)
    assert ear.hears() == Circumstances(metered=True)


def test_waking_up_is_told_once(services: SystemServices, watch: LinuxWatch, ear: Ear) -> None:
    watch.start(ear.circumstances, ear.disturbed)
    ear.hears()

    services.sleep_and_wake()

    assert ear.hears_of() is Disturbance.SLEPT
    services.set_on_battery(True)
    assert ear.hears() == Circumstances(on_battery=True)
    assert ear.is_quiet()


def test_without_a_bus_nothing_is_known_and_nothing_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ear: Ear
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/nothing")
    watch = LinuxWatch()

    watch.start(ear.circumstances, ear.disturbed)

    assert ear.hears() == Circumstances()
    watch.stop()
    watch.stop()


_IN_A_NETWORK_OF_ITS_OWN = """
import queue, subprocess
from dreamsync.desktop.circumstances.linux import AddressWatch

told = queue.SimpleQueue()
watch = AddressWatch()
watch.start(lambda _: None, told.put)

def run(*words):
    subprocess.run(["ip", *words], check=True)

run("link", "set", "lo", "up")
run("address", "add", "192.0.2.7/24", "dev", "lo", "scope", "global")
run("address", "add", "198.51.100.7/24", "dev", "lo", "scope", "global")
print(told.get(timeout=20).value)
run("address", "change", "192.0.2.7/24", "dev", "lo", "scope", "global", "valid_lft", "999",
    "preferred_lft", "999")
run("address", "del", "198.51.100.7/24", "dev", "lo")
print(told.get(timeout=20).value)
watch.stop()
print(told.empty())
"""


def test_the_kernel_tells_of_another_network_once() -> None:
    """Two addresses within a moment are one network, and one that is only confirmed is none."""
    need_programs("unshare", "ip")
    alone = ["unshare", "--net"]
    tried = subprocess.run([*alone, "ip", "link", "set", "lo", "up"], check=False)
    need([] if tried.returncode == 0 else ["the right to make networks"])

    told = subprocess.run(
        [*alone, sys.executable, "-c", _IN_A_NETWORK_OF_ITS_OWN],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip

    assert told.stdout.split() == ["network", "network", "True"]
