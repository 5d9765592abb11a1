"""Notifications in a real service on a virtual screen, from a real tray and daemon: seen by a
camera, answered with a mouse."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from tests.support.e2e import Instance, OwnedProcess, ServerProcess, Workbench, wait_until
from tests.support.screen import Screen, has_settled, virtual_screen
from tests.support.session_bus import need

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

_SERVICE = Path("/usr/lib/x86_64-linux-gnu/xfce4/notifyd/xfce4-notifyd")
_PHOTOS, _MANY = 40, 500
_TALLEST = 200
"""One message is no taller; two lie below each other."""


@pytest.fixture
def needed(full: bool) -> None:
    if not full:
        pytest.skip("a notification service of a desktop: --full")
    need([] if _SERVICE.exists() else ["xfce4-notifyd"])


@contextmanager
def xfce4_notifyd(screen: Screen) -> Iterator[None]:
    process = subprocess.Popen(
        [str(_SERVICE)],
        env=screen.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def server(workbench: Workbench) -> ServerProcess:
    return workbench.server()


@pytest.fixture
def computer(workbench: Workbench, server: ServerProcess) -> Instance:
    """In sync, with some photos."""
    one = workbench.device("desk", server, run=True)
    for number in range(_PHOTOS):
        (one.folder / f"photo {number}.jpg").write_text(f"{number}")
    one.wait_idle()
    return one


@pytest.fixture
def screen(computer: Instance, tmp_path: Path, needed: None) -> Iterator[Screen]:
    """With the service and the tray on it, and nothing to be told."""
    tray = OwnedProcess(tmp_path / "tray.log")
    with virtual_screen(computer.environment, tmp_path / "screen") as one, xfce4_notifyd(one):
        tray.spawn(("tray",), one.environment)
        try:
            yield one
        finally:
            tray.kill()


def test_a_held_deletion_is_approved_by_the_button_of_its_message(
    computer: Instance, screen: Screen, tmp_path: Path
) -> None:
    empty = screen.picture()
    for number in range(_PHOTOS):
        (computer.folder / f"photo {number}.jpg").unlink()
    wait_until(lambda: computer.status().holds, "the hold")
    wait_until(lambda: has_settled(screen, empty), "the message")
    shown = screen.picture()
    shown.save(tmp_path / "held.png")

    screen.click(*button(shown, empty, number=0, of=3))

    wait_until(lambda: not computer.status().holds, "the answer")
    computer.wait_idle()
    wait_until(lambda: not _changed(empty, screen.picture()), "the message to go")
    document = json.loads(computer.command("activity", "--json").out)
    acts = [item["act"] for item in document["items"]]
    assert acts.count("deleted-on-server") == _PHOTOS


def test_500_files_that_do_not_fit_are_one_message(
    computer: Instance, screen: Screen, server: ServerProcess, tmp_path: Path
) -> None:
    server.admin("serve-user", "quota", "mina@example.com", "1k")
    empty = screen.picture()
    for number in range(_MANY):
        (computer.folder / f"film {number}.mp4").write_bytes(b"x" * 2_000)
    wait_until(lambda: len(computer.status().problems) == _MANY, "the problems", seconds=120)
    wait_until(lambda: has_settled(screen, empty), "the message")

    shown = screen.picture()
    shown.save(tmp_path / "many.png")
    box = _changed(empty, shown)
    assert box is not None
    assert box[3] - box[1] < _TALLEST


def button(shown: Image.Image, empty: Image.Image, *, number: int, of: int) -> tuple[int, int]:
    """Its middle: the buttons are as wide as the message, side by side at its bottom."""
    box = _changed(empty, shown)
    assert box is not None
    left, _top, right, bottom = box
    return round(left + (right - left) * (number + 0.5) / of), bottom - 30


def _changed(before: Image.Image, now: Image.Image) -> tuple[int, int, int, int] | None:
    return ImageChops.difference(before, now).getbbox()
