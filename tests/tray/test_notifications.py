"""What the tray tells on the screen, as a notification service gets it over D-Bus: the tray is the
real process, the daemon a control channel with canned answers."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from dbus_fast import Message
from dbus_fast.aio import MessageBus

from dreamsync.config.file import load_config, save_config
from dreamsync.config.settings import NotificationSettings
from dreamsync.config.silence import silent_until
from dreamsync.core.status import Conflicting, Problem, Reason, State
from tests.support.e2e import run_dreamsync, wait_until
from tests.support.fake_commands import HOLD, IDLE, PROBLEM
from tests.support.live_commands import LiveCommands
from tests.support.notification_service import NotificationService, notification_service
from tests.tray.conftest import Desk

ATTENTION = replace(IDLE, state=State.ATTENTION)


@pytest.fixture
def messages(desk: Desk) -> Iterator[NotificationService]:
    with notification_service(desk.bus) as one:
        yield one


@pytest.fixture
def tray(desk: Desk, commands: LiveCommands, messages: NotificationService) -> Desk:
    """Once it follows the daemon, whose first sync is not yet done."""
    commands.become(replace(IDLE, state=State.SYNCING, last_sync_ms=None))
    desk.start_tray()
    wait_until(lambda: commands.waiting == 1, "the tray to follow")
    return desk


def test_each_kind_is_told_once_and_a_burst_is_one(
    tray: Desk, commands: LiveCommands, messages: NotificationService
) -> None:
    commands.become(IDLE)
    first = messages.wait_for("in sync for the first time")
    assert first.text == "12,431 files are the same here and on the server."

    for number in range(500):
        problems = [
            Problem(f"{n}.iso", Reason.TOO_LARGE, "<Too> large.", "", 0) for n in range(number)
        ]
        commands.become(
            replace(
                ATTENTION,
                problems=tuple(problems),
                conflicts=Conflicting(number + 1, f"a & b {number}.txt", number + 1),
                holds=(HOLD,),
            )
        )
    held = messages.wait_for("312 deletions")
    assert held.urgency == 2
    assert list(held.buttons.values()) == [
        "Delete them everywhere",
        "Bring them back",
        "Show the whole list",
    ]
    problem = messages.wait_for("499 items need your attention")
    assert "0.iso: &lt;Too&gt; large." in problem.text
    conflict = messages.wait_for("Changed in two places")
    assert "500 copies are here, the newest of them: a &amp; b 499.txt" in conflict.text

    commands.become(replace(commands.state, state=State.SIGNED_OUT))
    messages.wait_for("signed out")
    assert len(messages.told) == 5


def test_a_held_deletion_is_answered_by_its_buttons_and_by_nobody_else(
    tray: Desk, commands: LiveCommands, messages: NotificationService
) -> None:
    for label, reject in (("Delete them everywhere", False), ("Bring them back", True)):
        commands.become(replace(ATTENTION, last_sync_ms=None, holds=(HOLD,)))
        held = messages.wait_for("312 deletions")
        asyncio.run(forge(tray, held.number))
        messages.press(held, label)
        wait_until(lambda: ("confirm", "h1", reject) in commands.asked, "the answer")  # noqa: B023
        wait_until(lambda: commands.waiting == 1, "the tray to follow")
    assert [call for call in commands.asked if call[0] == "confirm"] == [
        ("confirm", "h1", False),
        ("confirm", "h1", True),
    ]


async def forge(tray: Desk, number: int) -> None:
    """Another program of the session says to the tray itself that its first button was pressed."""
    bus = await MessageBus(bus_address=tray.bus).connect()
    (names,) = (await bus.call(_to_bus("ListNames", "", []))).body
    for name in (one for one in names if one.startswith(":")):
        (pid,) = (await bus.call(_to_bus("GetConnectionUnixProcessID", "s", [name]))).body
        if pid == tray.tray.pid:
            signal = Message.new_signal(
                "/org/freedesktop/Notifications",
                "org.freedesktop.Notifications",
                "ActionInvoked",
                "us",
                [number, "0"],
            )
            signal.destination = name
            await bus.send(signal)
    bus.disconnect()
    await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]


def _to_bus(member: str, signature: str, body: list[object]) -> Message:
    return Message(
        destination="org.freedesktop.DBus",
        path="/org/freedesktop/DBus",
        interface="org.freedesktop.DBus",
        member=member,
        signature=signature,
        body=body,
    )


def test_a_message_goes_with_what_it_told_and_kinds_are_switched_while_it_runs(
    tray: Desk, commands: LiveCommands, messages: NotificationService
) -> None:
    config = load_config(tray.paths.config_file)
    quiet = NotificationSettings(problems=False, first_sync=False)
    save_config(replace(config, notifications=quiet), tray.paths.config_file)

    commands.become(replace(ATTENTION, problems=(PROBLEM,), holds=(HOLD,)))
    messages.wait_for("312 deletions")
    commands.become(IDLE)
    wait_until(lambda: not messages.open, "the message to go")

    assert len(messages.told) == 1


def test_a_button_silences_for_an_hour_and_a_command_ends_it(
    tray: Desk, commands: LiveCommands, messages: NotificationService
) -> None:
    messages.press_at_once("Silence for 1 hour")
    commands.become(replace(ATTENTION, last_sync_ms=None, problems=(PROBLEM,)))

    until_ms = wait_until(lambda: silent_until(tray.paths), "the silence")
    assert 3_500_000 < until_ms - time.time() * 1000 <= 3_600_000
    told = run_dreamsync(("notifications", "--json"), tray.environment).document
    assert told["silent"] is True
    run_dreamsync(("notifications", "on"), tray.environment)
    assert silent_until(tray.paths) is None
    run_dreamsync(("notifications", "silence", "--for", "2h"), tray.environment)
    assert "Silent until" in run_dreamsync(("notifications",), tray.environment).out


def test_without_a_service_the_tray_goes_on(desk: Desk, commands: LiveCommands) -> None:
    commands.become(replace(ATTENTION, holds=(HOLD,)))
    desk.start_tray()
    wait_until(lambda: commands.waiting == 1, "the tray to follow")

    commands.wait_for_status(after_revision=commands.state.revision, seconds=4.0)

    assert desk.tray.running
    assert desk.tray.terminate() == 0
