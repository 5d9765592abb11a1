"""Power and network as macOS and Windows tell them, from what their programs print."""

import queue
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from dreamsync.desktop.circumstances.macos import MacSenses
from dreamsync.desktop.circumstances.polling import PollingWatch, own_addresses
from dreamsync.desktop.circumstances.watch import Circumstances, Disturbance
from dreamsync.desktop.circumstances.windows import WindowsSenses

BATTERY = "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=1)\t93%; discharging;\n"
MAINS = "Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t100%; charged;\n"
ROUTE = "   route to: default\n    gateway: 192.0.2.1\n  interface: en0\n"
HOTSPOT = "op = BOOTREPLY\nvendor_specific (opaque): \n0000  41 4e\nANDROID_METERED\n"


@pytest.mark.parametrize(
    ("says", "battery", "metered"),
    [
        ((BATTERY, ROUTE, HOTSPOT), True, True),
        ((MAINS, ROUTE, "op = BOOTREPLY\n"), False, False),
        ((MAINS, ROUTE, ""), False, None),
        (("", "", HOTSPOT), None, None),
    ],
)
def test_a_mac_tells_by_its_own_programs(
    says: tuple[str, str, str], battery: bool | None, metered: bool | None
) -> None:
    programs = dict(zip(("/usr/bin/pmset", "/sbin/route", "/usr/sbin/ipconfig"), says, strict=True))

    def run(command: Sequence[str]) -> str:
        assert command[0] != "/usr/sbin/ipconfig" or command[2] == "en0"
        return programs[command[0]]

    senses = MacSenses(run)
    assert (senses.on_battery(), senses.metered()) == (battery, metered)


@pytest.mark.parametrize(
    ("number", "said", "battery", "metered"),
    [
        (0, "Fixed\r\n", True, True),
        (1, "Unrestricted\r\n", False, False),
        (1, "Variable\r\n", False, True),
        (255, "Unknown\r\n", None, None),
        (255, "", None, None),
    ],
)
def test_windows_has_numbers_and_words(
    number: int, said: str, battery: bool | None, metered: bool | None
) -> None:
    senses = WindowsSenses(lambda: number, lambda _command: said)

    assert (senses.on_battery(), senses.metered()) == (battery, metered)


@dataclass
class Script:
    """What a system says, look by look; its last word holds. Implements `polling.Senses`."""

    batteries: list[bool]
    networks: list[str]
    costs: list[bool]
    costs_asked: int = 0
    heard: "queue.SimpleQueue[object]" = field(default_factory=queue.SimpleQueue)

    def on_battery(self) -> bool:
        return self.batteries.pop(0) if len(self.batteries) > 1 else self.batteries[0]

    def metered(self) -> bool:
        self.costs_asked += 1
        return self.costs.pop(0) if len(self.costs) > 1 else self.costs[0]

    def network(self) -> str:
        return self.networks.pop(0) if len(self.networks) > 1 else self.networks[0]

    def watch(self, **options: object) -> PollingWatch:
        watch = PollingWatch(self, seconds=0.001, network=self.network, **options)  # type: ignore[arg-type]
        watch.start(self.heard.put, self.heard.put)
        return watch


def test_who_is_asked_now_and_then_tells_what_has_changed() -> None:
    script = Script([False, False, True], ["home", "home", "home", "train"], [False, True])

    watch = script.watch()
    told = [script.heard.get(timeout=10) for _ in range(4)]
    watch.stop()

    assert told == [
        Circumstances(on_battery=False, metered=False),
        Circumstances(on_battery=True, metered=False),
        Disturbance.NETWORK,
        Circumstances(on_battery=True, metered=True),
    ]
    assert script.heard.empty()
    assert script.costs_asked == 2, "what is dear is asked with another network only"


def test_what_a_network_costs_is_asked_again_after_half_an_hour() -> None:
    script = Script([False], ["home"], [False, True])
    times = iter([0.0, 600.0, 1801.0])

    watch = script.watch(now=lambda: next(times, 1802.0))
    told = [script.heard.get(timeout=10) for _ in range(2)]
    watch.stop()

    assert told[1] == Circumstances(on_battery=False, metered=True)


def test_this_computers_own_addresses_can_be_told() -> None:
    assert own_addresses() == own_addresses()
    assert len(own_addresses()) == 2
