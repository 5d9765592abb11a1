"""Stories of how soon a change is looked at, and that none is looked at half done."""

import os

import pytest

from dreamsync.engine.events import Hinted
from dreamsync.local.protocol import Sign
from dreamsync.wire.sync_file import SyncFile
from tests.support.devices import Device, World


@pytest.fixture
def two(world: World) -> tuple[World, Device, Device]:
    a, b = world.device("a"), world.device("b")
    a.write("note.txt", "first")
    world.settle()
    return world, a, b


def _hear(device: Device, path: str, sign: Sign, *, seconds: float) -> None:
    device.live_step(Hinted(path, sign=sign))
    device.live(seconds=seconds)


def _live(world: World) -> list[SyncFile]:
    return [file for file in world.server.changes(None, 1000).files if not file.deleted]


def test_a_file_that_was_closed_is_sent_within_a_moment(two: tuple[World, Device, Device]) -> None:
    world, a, _ = two
    a.write("new.txt", "whole")

    _hear(a, "new.txt", Sign.FINISHED, seconds=0.02)

    assert "new.txt" in world.live_paths()


def test_a_file_that_is_being_written_is_left_alone(two: tuple[World, Device, Device]) -> None:
    world, a, _ = two
    a.write("new.txt", "half")

    _hear(a, "new.txt", Sign.CHANGING, seconds=0.2)
    assert "new.txt" not in world.live_paths()

    a.live(seconds=0.2)
    assert "new.txt" in world.live_paths()


def test_a_file_saved_again_and_again_is_gathered(two: tuple[World, Device, Device]) -> None:
    """Ten saves within half a second: the first goes at once, the others together."""
    world, a, _ = two
    for number in range(10):
        a.write("note.txt", f"save {number}")
        _hear(a, "note.txt", Sign.FINISHED, seconds=0.05)
    a.live(seconds=1)

    (note,) = _live(world)
    assert note.version == 3


def test_a_save_that_puts_the_old_version_aside_first_is_one_edit(
    two: tuple[World, Device, Device],
) -> None:
    """With a pause between its halves, as a slow disk makes it."""
    world, a, b = two
    before = [(file.name, file.id) for file in _live(world)]
    os.rename(a.root / "note.txt", a.root / "note.txt~")
    a.live_step(Hinted("note.txt", sign=Sign.GONE), Hinted("note.txt~", sign=Sign.RENAMED))
    a.live(seconds=0.1)
    a.write("note.txt", "second")
    _hear(a, "note.txt", Sign.FINISHED, seconds=0.1)
    (a.root / "note.txt~").unlink()
    _hear(a, "note.txt~", Sign.GONE, seconds=3)

    assert [(file.name, file.id) for file in _live(world)] == before
    b.sync()
    assert b.tree() == {"note.txt": "second"}


def test_a_save_by_renaming_over_the_old_version_is_sent_within_a_moment(
    two: tuple[World, Device, Device],
) -> None:
    _, a, b = two
    a.write("note.tmp", "second")
    os.rename(a.root / "note.tmp", a.root / "note.txt")
    a.live_step(
        Hinted("note.tmp", sign=Sign.FINISHED),
        Hinted("note.tmp", sign=Sign.GONE),
        Hinted("note.txt", sign=Sign.RENAMED),
    )
    a.live(seconds=0.02)

    b.sync()
    assert b.tree() == {"note.txt": "second"}
