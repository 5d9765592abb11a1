"""What the settings say of power and network, and what a person says against them."""

from pathlib import Path

import pytest

from dreamsync.config.settings import SyncSettings
from dreamsync.core.status import PauseReason
from dreamsync.daemon.pause_rules import PauseRules
from dreamsync.desktop.circumstances.watch import Circumstances
from dreamsync.engine.pausing import read_pause, write_pause
from tests.support.devices import Device, World

BOTH = SyncSettings(pause_on_battery=True, pause_on_metered=True)


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return World(tmp_path).device("a")


def paused_by(device: Device) -> PauseReason | None:
    return device.context.paused_by


@pytest.mark.parametrize(
    ("sync", "seen", "reason"),
    [
        (BOTH, Circumstances(on_battery=True), PauseReason.BATTERY),
        (BOTH, Circumstances(metered=True), PauseReason.METERED),
        (BOTH, Circumstances(on_battery=True, metered=True), PauseReason.METERED),
        (BOTH, Circumstances(on_battery=False, metered=False), None),
        (BOTH, Circumstances(), None),
        (SyncSettings(), Circumstances(on_battery=True, metered=True), None),
        (SyncSettings(pause_on_battery=True), Circumstances(metered=True), None),
    ],
)
def test_only_what_the_settings_name_pauses(
    device: Device, sync: SyncSettings, seen: Circumstances, reason: PauseReason | None
) -> None:
    rules = PauseRules(device.context, sync)

    rules.note(seen)

    assert paused_by(device) is reason


def test_other_settings_hold_at_once(device: Device) -> None:
    rules = PauseRules(device.context, SyncSettings())
    rules.note(Circumstances(on_battery=True))

    rules.use(BOTH)
    assert paused_by(device) is PauseReason.BATTERY
    rules.use(SyncSettings())
    assert paused_by(device) is None


def test_who_resumes_on_battery_is_obeyed_until_the_battery_was_left(device: Device) -> None:
    rules = PauseRules(device.context, BOTH)
    rules.note(Circumstances(on_battery=True))

    rules.resume()
    assert paused_by(device) is None
    rules.note(Circumstances(on_battery=True, metered=True))
    assert paused_by(device) is PauseReason.METERED, "that was not what was decided"
    rules.note(Circumstances(on_battery=True, metered=False))
    assert paused_by(device) is None

    rules.note(Circumstances(on_battery=False))
    rules.note(Circumstances(on_battery=True))
    assert paused_by(device) is PauseReason.BATTERY


def test_what_was_decided_is_remembered_across_a_restart(device: Device) -> None:
    rules = PauseRules(device.context, BOTH)
    rules.note(Circumstances(on_battery=True))
    rules.resume()

    device.restart()
    again = PauseRules(device.context, BOTH)
    again.note(Circumstances())
    again.note(Circumstances(on_battery=True))

    assert paused_by(device) is None


def test_resuming_ends_a_persons_pause_and_what_the_rules_hold_with_it(device: Device) -> None:
    rules = PauseRules(device.context, BOTH)
    rules.note(Circumstances(on_battery=True))
    with device.journal.transaction():
        write_pause(device.journal.settings, until_ms=None)

    rules.resume()

    assert read_pause(device.journal.settings, now_ms=0) is None
    assert paused_by(device) is None
