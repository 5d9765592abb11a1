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
from tests.support.processes import resident_with_children, wake_ups
from tests.support.screen import screen_with_panel
from tests.support.tray_person import Person
from tests.support.tray_picture import seen_mark

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

_FILES = 10_000
_RESIDENT = 110 * 2**20
"""Of daemon and tray together."""
_SETTLING_SECONDS, _REST_SECONDS = 30, 60
_WAKE_UPS = 6
"""In a minute: a question that waits for the daemon's next change comes back empty now and then."""


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


def test_daemon_and_tray_are_small_and_the_tray_sleeps_while_nothing_changes(
    person: Person, computer: Instance, tmp_path: Path, full: bool
) -> None:
    """With the files that the promise names, and a panel that shows the icon."""
    if not full:
        pytest.skip("ten thousand files take their time: --full")
    for number in range(_FILES):
        folder = computer.folder / f"folder {number % 100}"
        folder.mkdir(exist_ok=True)
        (folder / f"file {number}.txt").write_text(f"content of {number}")
    computer.start()
    wait_until(lambda: computer.wait_idle().files == _FILES, "all files", seconds=300)
    tray = OwnedProcess(tmp_path / "tray.log")
    try:
        begun = time.monotonic()
        tray.spawn(("tray",), person.screen.environment)
        wait_until(lambda: seen_mark(person.screen.picture()), "the icon")
        shown = time.monotonic() - begun
        person.sees(Mark.TICK)
        time.sleep(_SETTLING_SECONDS)

        woken = wake_ups(tray.pid)
        time.sleep(_REST_SECONDS)
        woken = wake_ups(tray.pid) - woken
        sizes = [resident_with_children(pid) for pid in (computer.process.pid, tray.pid)]

        told = ", ".join(f"{size / 2**20:.1f}" for size in sizes)
        print(f"icon seen after {shown:.2f} s; daemon, tray: {told} MiB; {woken} wake-ups")
        assert sum(sizes) <= _RESIDENT
        assert woken <= _WAKE_UPS
    finally:
        tray.kill()
