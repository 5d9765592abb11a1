"""The tray as a panel sees it over D-Bus: every line of its menu, its icon, its comings and goings.

The tray is the real process; the panel is a few D-Bus calls, the daemon a control channel with
canned answers.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dreamsync.config.silence import silent_until
from dreamsync.control.server import ControlServer
from dreamsync.core.status import Direction, State, TransferStatus, Verified
from dreamsync.daemon.background import ensure_tray
from dreamsync.daemon.locks import has_tray
from dreamsync.tray.deeds import HELP_PAGE
from dreamsync.tray.icons import SIZES
from tests.support.e2e import run_dreamsync, wait_until
from tests.support.fake_commands import HOLD, IDLE, PROBLEM, SINCE_MS
from tests.support.live_commands import LiveCommands
from tests.support.memory import resident
from tests.support.processes import wake_ups
from tests.support.tray_host import TrayHost, tray_host
from tests.tray.conftest import Desk

_RESIDENT = 45 * 1024 * 1024
"""With the 65 MiB of a daemon (`tests/e2e/test_at_rest.py`) what both together may have."""


@pytest.fixture
def host(desk: Desk) -> Iterator[TrayHost]:
    with tray_host(desk.bus) as one:
        yield one


@pytest.fixture
def icon(desk: Desk, commands: LiveCommands, host: TrayHost) -> TrayHost:
    """The panel, once the tray's icon is there and shows the daemon's state."""
    desk.start_tray()
    wait_for_icon(host, desk)
    host.find("Up to date")
    return host


def wait_for_icon(host: TrayHost, desk: Desk) -> None:
    def shown() -> bool:
        assert desk.tray.running, desk.tray.words()
        return host.has_icon()

    wait_until(shown, "the icon", seconds=20)


def wait_asked(commands: LiveCommands, *call: object) -> None:
    wait_until(lambda: call in commands.asked, f"{call} among {commands.asked}", seconds=20)


def test_every_line_does_what_it_says(desk: Desk, commands: LiveCommands, icon: TrayHost) -> None:
    photo = desk.folder / "사진" / "하나.jpg"
    photo.parent.mkdir()
    photo.write_bytes(b"photo")
    assert "12,431 files match the server" in icon.labels()[0]
    icon.find("mina@example.com: 1.2 GB of 50.0 GB used")

    icon.click("Open folder")
    wait_until(lambda: desk.opened() == [str(desk.folder)], "the folder to be opened")
    icon.click("하나.jpg")
    wait_until(lambda: icon.shown_files == [photo.as_uri()], "the photo to be shown")
    icon.click("→ b.txt")
    wait_until(lambda: desk.opened()[1:] == [str(desk.folder)], "the folder of what is gone")
    icon.click("Settings")
    icon.click("Help")
    wait_until(
        lambda: desk.opened()[2:] == [desk.paths.config_file, HELP_PAGE], "settings and help"
    )
    icon.click("Silence for 1 hour")
    wait_until(lambda: silent_until(desk.paths), "the silence")
    icon.click("Show them again")
    wait_until(lambda: silent_until(desk.paths) is None, "its end")
    icon.click("Sync now")
    wait_asked(commands, "sync")

    for label in ("30 minutes", "1 hour", "Until tomorrow"):
        icon.click(label)
        icon.find("Paused until ")
        icon.click("Resume")
        icon.find("Up to date")
    icon.click("Until I resume")
    icon.find("Paused until you resume")
    assert [call[0] for call in commands.asked if call[0] != "sync"] == ["pause", "resume"] * 3 + [
        "pause"
    ]
    ends = [call[1] for call in commands.asked if call[0] == "pause"]
    assert ends[-1] is None
    assert isinstance(ends[0], int)
    assert isinstance(ends[1], int)
    assert ends[1] - ends[0] > 29 * 60_000

    icon.click("Only this icon")
    assert desk.tray.wait() == 0
    assert ("stop",) not in commands.asked


def test_what_needs_a_person_is_there_with_what_to_do(
    desk: Desk, commands: LiveCommands, icon: TrayHost
) -> None:
    commands.become(replace(commands.state, state=State.ATTENTION, problems=(PROBLEM,)))
    problem = icon.find("일기/오늘.txt: Permission denied.")
    assert icon.find("Make it readable.").enabled is False
    assert any(problem in line.lines for line in icon.menu().all() if "attention (1)" in line.label)
    (desk.folder / "일기").mkdir()
    icon.click_number(problem.id)
    wait_until(lambda: desk.opened() == [str(desk.folder / "일기")], "where the problem is")

    for answer, reject in (("Delete them everywhere", False), ("Bring them back", True)):
        commands.become(replace(commands.state, state=State.ATTENTION, holds=(HOLD,)))
        icon.find("312 deletions on this computer wait")
        icon.click("Show the whole list")
        wait_until(lambda: len(desk.opened()) == (3 if reject else 2), "the list")  # noqa: B023
        assert Path(desk.opened()[-1]).read_text().splitlines() == list(HOLD.sample)
        icon.click(answer)
        wait_asked(commands, "confirm", "h1", reject)
        wait_until(lambda: "wait for your answer" not in str(icon.labels()), "the answer")


def test_icon_and_tooltip_follow_the_state(commands: LiveCommands, icon: TrayHost) -> None:
    shown = {}
    for state in State:
        commands.become(replace(IDLE, state=state))
        words = icon.find(first_words(state)).label
        assert words in icon.tooltip()
        pixmaps = icon.property("IconPixmap")
        assert isinstance(pixmaps, list)
        assert [(width, height, len(pixels)) for width, height, pixels in pixmaps] == [
            (size, size, 4 * size * size) for size in SIZES
        ]
        shown[state] = bytes(pixmaps[0][2])
    assert len(set(shown.values())) == len(State) - 1
    assert shown[State.STARTING] == shown[State.SYNCING]


def first_words(state: State) -> str:
    return {
        State.STARTING: "Starting",
        State.IDLE: "Up to date",
        State.SYNCING: "Syncing",
        State.PAUSED: "Paused",
        State.OFFLINE: "Offline",
        State.ATTENTION: "Needs your attention",
        State.ERROR: "Stopped by an error",
        State.SIGNED_OUT: "Signed out",
        State.STOPPED: "Not running",
    }[state]


def test_what_moves_and_how_fast_is_told_without_closing_the_menu(
    commands: LiveCommands, icon: TrayHost
) -> None:
    transfer = TransferStatus("<film> & more.mp4", Direction.UP, 1_000_000, 9_000_000)
    commands.become(replace(IDLE, state=State.SYNCING, pending=1, transfers=(transfer,)))
    icon.find("↑ <film> & more.mp4  11 % of 9.0 MB")
    before = icon.menu()

    commands.state = replace(commands.state, transfers=(replace(transfer, bytes=4_000_000),))

    assert icon.find("44 %").id in {line.id for line in before.all()}
    icon.find("per second")
    assert "44 % of 9.0 MB" in icon.tooltip()
    assert "&lt;film&gt; &amp; more.mp4" in icon.tooltip()


def test_a_click_on_a_menu_of_yesterday_does_nothing(
    commands: LiveCommands, icon: TrayHost
) -> None:
    """A number of the old menu must not hit another line of the new one."""
    commands.become(replace(commands.state, state=State.ATTENTION, holds=(HOLD,)))
    approve = icon.find("Delete them everywhere").id
    commands.become(IDLE)
    icon.find("Up to date")

    icon.click_number(approve)
    icon.click("Sync now")

    wait_asked(commands, "sync")
    assert [call for call in commands.asked if call[0] == "confirm"] == []
    assert approve not in {line.id for line in icon.menu().all()}


def test_the_icon_comes_when_a_panel_starts_later_and_again_when_it_restarts(
    desk: Desk, commands: LiveCommands
) -> None:
    with tray_host(desk.bus, there=False) as late:
        desk.start_tray()
        wait_until(lambda: "no tray icons" in desk.tray.words(), "it to be said", seconds=20)
        late.appear()
        wait_for_icon(late, desk)
        late.find("Up to date")

        late.vanish()
        late.appear()

        wait_until(late.has_icon, "the icon to be back", seconds=20)
        late.find("Up to date")
        assert late.registrations == 2
        assert desk.tray.words().count("no tray icons") == 1
        assert commands.failure is None


def test_a_left_click_opens_the_folder(desk: Desk, icon: TrayHost) -> None:
    icon.activate()

    wait_until(lambda: desk.opened() == [str(desk.folder)], "the folder to be opened")


def test_nothing_is_asked_or_told_while_nothing_changes(
    commands: LiveCommands, icon: TrayHost, desk: Desk
) -> None:
    icon.click("Sync now")
    wait_asked(commands, "sync")
    commands.become(replace(commands.state, verified=Verified(12_431, SINCE_MS)))
    icon.find("Contents of 12,431 files compared 2026-09")
    wait_until(lambda: commands.waiting == 1, "the tray to wait for a change")
    asked, told, woken = commands.questions, len(icon.signals), wake_ups(desk.tray.pid)

    commands.wait_for_status(after_revision=commands.state.revision, seconds=2.0)

    assert commands.questions == asked + 1
    assert len(icon.signals) == told
    assert wake_ups(desk.tray.pid) == woken
    assert resident(desk.tray.pid) < _RESIDENT


def test_a_storm_of_changes_is_seen_a_few_times_a_second(
    commands: LiveCommands, icon: TrayHost
) -> None:
    asked, told = commands.questions, len(icon.signals)
    begun = time.monotonic()

    for number in range(2_000):
        commands.become(replace(IDLE, state=State.SYNCING, pending=2_000 - number, files=number))
    commands.become(replace(IDLE, files=2_000))
    icon.find("Up to date: 2,000 files")

    most = 5 + 2 * round((time.monotonic() - begun) / 0.2)
    assert commands.questions - asked <= most
    assert len(icon.signals) - told <= 2 * most


def test_the_tray_survives_its_daemon_and_can_start_it_again(desk: Desk, host: TrayHost) -> None:
    live = LiveCommands()
    server = ControlServer(live, desk.paths)
    server.start()
    desk.start_tray()
    wait_for_icon(host, desk)
    host.find("Up to date")
    server.stop()
    live.become(IDLE)  # lets the question under way end
    host.find("Not running")

    again = ControlServer(live, desk.paths)
    again.start()
    host.find("Up to date")
    again.stop()
    live.become(IDLE)
    host.find("Not running")

    host.click("Start syncing")
    host.find("Signed out")
    host.click("Stop syncing, too")
    assert desk.tray.wait() == 0
    wait_until(lambda: not Path(desk.paths.socket).exists(), "the daemon to end")


def test_an_absent_daemon_is_started_and_why_it_cannot_be_is_told(
    desk: Desk, host: TrayHost
) -> None:
    desk.folder.rmdir()
    desk.folder.write_text("no folder")

    desk.start_tray()
    wait_for_icon(host, desk)

    host.find("Not running")
    host.find("Start syncing")
    assert str(desk.folder) in str(host.labels()) or "folder" in str(host.labels())
    host.click("Quit")
    assert desk.tray.wait() == 0


def test_up_shows_the_icon_where_there_is_a_screen_and_once(
    desk: Desk, host: TrayHost, commands: LiveCommands, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in desk.environment.items():
        monkeypatch.setenv(name, value)
    assert ensure_tray(desk.paths) is False
    monkeypatch.setenv("DISPLAY", ":0")

    assert ensure_tray(desk.paths)

    wait_until(host.has_icon, "the icon", seconds=20)
    host.find("Up to date")
    assert ensure_tray(desk.paths)
    assert Path(desk.paths.tray_report).read_text() == ""
    host.click("Only this icon")
    wait_until(lambda: not has_tray(desk.paths), "its end", seconds=20)
    assert host.registrations == 1
    assert ("stop",) not in commands.asked


def test_a_second_tray_is_refused(desk: Desk, icon: TrayHost) -> None:
    answer = run_dreamsync(("tray",), desk.environment, codes=(1,))

    assert "already there" in answer.err


def test_without_a_session_it_says_so(desk: Desk, commands: LiveCommands) -> None:
    environment = desk.environment | {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={desk.folder}/none"}

    answer = run_dreamsync(("tray",), environment, codes=(1,))

    assert "no desktop session" in answer.err
    assert "Traceback" not in answer.err
