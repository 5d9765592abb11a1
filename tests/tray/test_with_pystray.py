"""pystray's tray in a real panel: what Windows and macOS use, by its AppIndicator backend."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dreamsync.core.status import State
from dreamsync.tray.icons import Mark
from tests.support.e2e import isolated_environment, wait_until
from tests.support.fake_commands import HOLD, IDLE
from tests.support.live_commands import LiveCommands
from tests.support.notification_service import notification_service
from tests.support.screen import Screen, screen_with_panel
from tests.support.session_bus import need
from tests.support.tray_person import Person
from tests.tray.conftest import Desk
from tests.tray.pystray_program import SYSTEM_PACKAGES

_TRY = (
    f"import sys; sys.path.append({SYSTEM_PACKAGES!r}); import gi;"
    "gi.require_version('AyatanaAppIndicator3', '0.1'); import gi.repository.AyatanaAppIndicator3"
)


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    tried = subprocess.run([sys.executable, "-c", _TRY], check=False, capture_output=True)
    need([] if tried.returncode == 0 else ["python3-gi", "gir1.2-ayatanaappindicator3-0.1"])
    with screen_with_panel(isolated_environment(tmp_path), tmp_path / "screen") as one:
        yield one


def test_pystray_shows_the_state_and_passes_clicks_on(
    screen: Screen, desk: Desk, commands: LiveCommands, tmp_path: Path
) -> None:
    person = Person(screen, lambda: commands, tmp_path)
    environment = screen.environment | {
        "DREAMSYNC_HOME": desk.environment["DREAMSYNC_HOME"],
        "PYSTRAY_BACKEND": "appindicator",
        "PYTHONPATH": os.getcwd(),
    }
    with notification_service(screen.environment["DBUS_SESSION_BUS_ADDRESS"]) as messages:
        program = subprocess.Popen(
            [sys.executable, "-m", "tests.tray.pystray_program"], env=environment
        )
        try:
            person.sees(Mark.TICK)
            person.chooses("Pause", "For 1 hour")
            person.sees(Mark.BARS)
            assert commands.asked[-1][0] == "pause"
            person.chooses("Resume")
            person.sees(Mark.TICK)
            commands.become(replace(IDLE, state=State.ATTENTION, holds=(HOLD,)))
            told = messages.wait_for("312 deletions on this computer")
            assert "Answer in the menu of the icon." in told.text
            commands.become(replace(IDLE, state=State.OFFLINE))
            wait_until(lambda: not messages.open, "the message to go")
            person.sees(Mark.OUTLINE)
            person.chooses("Quit", "Stop syncing, too")
            wait_until(lambda: ("stop",) in commands.asked, "the daemon to be stopped")
            assert program.wait(30) == 0
        finally:
            program.kill()
            program.wait()
