"""The folder in a real file manager on a virtual screen: seen by a camera, clicked with a mouse."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from tests.support.e2e import Instance, Workbench, wait_until
from tests.support.screen import Screen, has_settled, virtual_screen
from tests.support.session_bus import need, need_programs

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SYNCED, PENDING = (28, 152, 80), (38, 136, 236)
PROBLEM, IGNORED = (224, 112, 16), (126, 128, 140)
"""The colours of the emblems."""
_LEAST = 25
"""So many pixels of it are an emblem: scaled down, most are mixed at its edges."""
_EXTENSIONS = Path("/usr/lib/x86_64-linux-gnu/nemo/extensions-3.0/libnemo-python.so")


@pytest.fixture
def needed(full: bool) -> None:
    if not full:
        pytest.skip("a file manager is large: --full")
    need_programs("nemo")
    need([] if _EXTENSIONS.exists() else ["nemo-python"])


@contextmanager
def nemo(screen: Screen, folder: Path, log: Path) -> Iterator[None]:
    """Its own Python must not take ours for its home: PATH has no virtual environment."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["nemo", "--geometry=1024x600+0+0", str(folder)],
            env={**screen.environment, "PATH": "/usr/bin:/bin"},
            stdout=output,
            stderr=output,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(20)


def centre_of(picture: Image.Image, colour: tuple[int, int, int]) -> tuple[int, int] | None:
    """In the middle of all that has that colour; None where there is no emblem of it."""
    content, found = picture.tobytes(), list[int]()
    at = content.find(bytes(colour))
    while at >= 0:
        if at % 3 == 0:
            found.append(at // 3)
        at = content.find(bytes(colour), at + 1)
    if len(found) < _LEAST:
        return None
    across, down = zip(*(reversed(divmod(one, picture.width)) for one in found), strict=True)
    return sum(across) // len(found), sum(down) // len(found)


def sees(screen: Screen, *colours: tuple[int, int, int]) -> None:
    def seen() -> set[tuple[int, int, int]]:
        picture = screen.picture()
        every = (SYNCED, PENDING, PROBLEM, IGNORED)
        return {colour for colour in every if centre_of(picture, colour)}

    wait_until(lambda: seen() == set(colours), f"emblems {colours}", seconds=90)


def test_a_person_sees_how_files_stand_and_leaves_one_out(
    workbench: Workbench, tmp_path: Path, needed: None
) -> None:
    server = workbench.server()
    computer = workbench.device("desk", server, run=True)
    fill(computer)
    server.admin("serve-user", "quota", "mina@example.com", "1M")
    with virtual_screen(computer.environment, tmp_path / "screen") as screen:
        computer.environment = screen.environment
        bookmarks = Path(screen.environment["XDG_CONFIG_HOME"], "gtk-3.0/bookmarks")
        bookmarks.parent.mkdir(parents=True)
        bookmarks.write_bytes(b"file:///usr/share/doc Papers")
        computer.command("desktop", "install")
        (computer.folder / "film.mp4").write_bytes(os.urandom(2_000_000))
        with nemo(screen, computer.folder, tmp_path / "nemo.log"):
            sees(screen, SYNCED, IGNORED, PROBLEM)
            server.stop()
            (computer.folder / "photos" / "new.txt").write_text("not sent yet")
            sees(screen, SYNCED, IGNORED, PROBLEM, PENDING)
            screen.picture().save(tmp_path / "emblems.png")
            server.start()
            sees(screen, SYNCED, IGNORED, PROBLEM)

            chooses_ignore(screen, tmp_path)
            rules = computer.folder / ".dreamsyncignore"
            wait_until(lambda: "/film.mp4" in rules.read_text().splitlines(), "the rule")
            sees(screen, SYNCED, IGNORED)

            computer.stop()
            sees(screen)
        computer.command("desktop", "remove")
        assert bookmarks.read_bytes() == b"file:///usr/share/doc Papers"
        ours = list(Path(screen.environment["HOME"]).rglob("*dreamsync*"))
        assert ours == []


def fill(computer: Instance) -> None:
    (computer.folder / ".dreamsyncignore").write_text("*.iso\n")
    (computer.folder / "debian.iso").write_text("x")
    (computer.folder / "편지.txt").write_text("dear")
    (computer.folder / "photos").mkdir()
    (computer.folder / "photos/cat.txt").write_text("meow")
    computer.wait_idle()


def chooses_ignore(screen: Screen, pictures: Path) -> None:
    """Right-click on the name of what has the problem, so that no emblem is covered; the menu's
    last but one is ours, and its last line."""
    place = centre_of(screen.picture(), PROBLEM)
    assert place is not None
    before = screen.picture()
    screen.click(place[0] - 43, place[1] + 28, button=3)
    wait_until(lambda: has_settled(screen, before), "the menu")
    opened = screen.picture()
    screen.press("Up", "Up", "Right")
    wait_until(lambda: has_settled(screen, opened), "our part of it")
    screen.picture().save(pictures / "menu.png")
    screen.press("End", "Return")
