"""The tray in a real panel on a virtual screen, with a real daemon: seen by a camera, clicked with
a mouse."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dreamsync.control.address import find_address
from dreamsync.control.client import ControlClient
from dreamsync.core.status import State
from dreamsync.tray.icons import Mark
from tests.support.e2e import Instance, OwnedProcess, Workbench, wait_until
from tests.support.screen import screen_with_panel
from tests.support.tray_person import Person
from tests.support.tray_picture import seen_mark

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture
def computer(workbench: Workbench) -> Instance:
    """Signed in, with nothing running yet."""
    return workbench.device("desk", workbench.server(), run=False)


@pytest.fixture
def person(computer: Instance, tmp_path: Path) -> Iterator[Person]:
    with screen_with_panel(computer.environment, tmp_path / "screen") as screen:
        yield Person(screen, lambda: ControlClient(find_address(computer.paths)), tmp_path)


def test_a_person_pauses_and_resumes_with_the_mouse(
    person: Person, computer: Instance, tmp_path: Path
) -> None:
    """The tray starts the daemon, its picture follows the state, and the daemon the clicks."""
    tray = OwnedProcess(tmp_path / "tray.log")
    try:
        begun = time.monotonic()
        tray.spawn(("tray",), person.screen.environment)
        wait_until(lambda: seen_mark(person.screen.picture()), "the icon")
        print(f"icon seen after {time.monotonic() - begun:.2f} s")
        person.sees(Mark.TICK)
        assert computer.status().state is State.IDLE

        person.chooses("Pause", "Until I resume")
        wait_until(lambda: computer.status().state is State.PAUSED, "the pause")
        person.sees(Mark.BARS)
        (computer.folder / "meanwhile.txt").write_text("written while paused")

        person.chooses("Resume")
        wait_until(lambda: computer.status().files == 1, "the file written meanwhile")
        person.sees(Mark.TICK)

        person.screen.end_panel()
        person.screen.start_panel()
        person.sees(Mark.TICK)

        computer.command("stop")
        person.sees(Mark.SLASH)
        computer.start()
        person.sees(Mark.TICK)

        assert tray.terminate() == 0
        person.sees_no_icon()
    finally:
        tray.kill()
        computer.command("stop", codes=None)
