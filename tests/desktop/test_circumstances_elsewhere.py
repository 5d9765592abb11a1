"""Power and network as macOS and Windows tell them, from what their programs print."""

import queue
from collections.abc import Sequence

import pytest

from dreamsync.desktop.circumstances import macos, windows
from dreamsync.desktop.circumstances.polling import PollingWatch
from dreamsync.desktop.circumstances.watch import Circumstances, Disturbance

BATTERY = "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=1)\t93%; discharging;\n"
MAINS = "Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t100%; charged;\n"
ROUTE = "   route to: default\n    gateway: 192.0.2.1\n  interface: en0\n"
HOTSPOT = "op = BOOTREPLY\nvendor_specific (opaque): \nANDROID_METERED\n"


@pytest.mark.parametrize(
    ("power", "packet", "seen"),
    [
        (BATTERY, HOTSPOT, Circumstances(on_battery=True, metered=True)),
        (MAINS, "op = BOOTREPLY\n", Circumstances(on_battery=False, metered=False)),
        ("", "", Circumstances()),
    ],
)
def test_a_mac_tells_by_its_own_programs(power: str, packet: str, seen: Circumstances) -> None:
    says = {"/usr/bin/pmset": power, "/sbin/route": ROUTE, "/usr/sbin/ipconfig": packet}

    def run(command: Sequence[str]) -> str:
        return says[command[0]]

    assert macos.look(run) == (seen, ("192.0.2.1", "en0"))


def test_a_mac_without_a_network_tells_that_too() -> None:
    assert macos.look(lambda _command: "") == (Circumstances(), (None, None))


def test_windows_is_asked_for_the_cost_only_now_and_then() -> None:
    answers = iter(
        [
            "InternetAccess\r\nHome\r\nUnrestricted\r\n",
            "InternetAccess\r\nMina's phone\r\nFixed\r\n",
            "",
        ]
    )
    now = [1000.0]
    cost = windows.NetworkCost(lambda _command: next(answers), now=lambda: now[0])

    assert cost.look() == (False, ("InternetAccess", "Home"))
    now[0] += 60
    assert cost.look() == (False, ("InternetAccess", "Home"))
    now[0] += 60
    assert cost.look() == (True, ("InternetAccess", "Mina's phone"))
    now[0] += 120
    assert cost.look() == (None, None)


@pytest.mark.parametrize(("number", "battery"), [(0, True), (1, False), (255, None)])
def test_windows_numbers_its_power(number: int, battery: bool | None) -> None:
    assert windows.on_battery(number) is battery


def test_who_is_asked_now_and_then_tells_what_changed() -> None:
    answers = [
        (Circumstances(on_battery=False), "home"),
        (Circumstances(on_battery=False), "home"),
        (Circumstances(on_battery=True), "home"),
        (Circumstances(on_battery=True), "train"),
    ]
    heard: queue.SimpleQueue[object] = queue.SimpleQueue()

    def look() -> tuple[Circumstances, object]:
        return answers.pop(0) if len(answers) > 1 else answers[0]

    watch = PollingWatch(look, seconds=0.001)
    watch.start(heard.put, heard.put)
    told = [heard.get(timeout=10) for _ in range(3)]
    watch.stop()

    assert told == [
        Circumstances(on_battery=False), Circumstances(on_battery=True), Disturbance.NETWORK,
    ]  # fmt: skip
    assert heard.empty()


def test_a_system_that_cannot_be_asked_is_left_alone() -> None:
    asked: list[None] = []

    def look() -> tuple[Circumstances, object]:
        asked.append(None)
        raise OSError("no such call")

    watch = PollingWatch(look, seconds=0.001)
    watch.start(lambda _: None, lambda _: None)
    watch.stop()

    assert len(asked) == 1
