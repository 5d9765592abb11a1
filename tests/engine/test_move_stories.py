"""Stories of moves: they cost one request and no content, and keep what a node is."""

import pytest

from dreamsync.engine.events import Hinted, Pushed, Woken
from dreamsync.local.protocol import Sign
from tests.support.devices import Device, World

_FILES = 200


@pytest.fixture
def two(world: World) -> tuple[World, Device, Device]:
    a, b = world.device("a"), world.device("b")
    for number in range(_FILES):
        a.write(f"old/{number}.txt", str(number))
    world.settle()
    return world, a, b


def _versions(world: World) -> dict[str, int]:
    files = world.server.changes(None, 10_000).files
    return {file.id: file.version for file in files if file.kind.value == "file"}


@pytest.mark.promise(16)
@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
def test_renaming_a_folder_of_many_files_is_one_request_without_content(
    two: tuple[World, Device, Device], running: bool
) -> None:
    world, a, b = two
    versions = _versions(world)
    before = {device.name: device.remote.mutations.copy() for device in (a, b)}
    sent = a.remote.bytes_up, b.remote.bytes_up
    inode = (b.root / "old/7.txt").stat().st_ino

    (a.root / "old").rename(a.root / "new")
    if running:
        a.live("old", "new", seconds=10)
    else:
        a.restart()
        a.sync()
    b.sync()

    assert b.tree() == a.tree()
    assert set(b.tree()) == {"new"} | {f"new/{number}.txt" for number in range(_FILES)}
    assert _versions(world) == versions
    assert a.remote.mutations - before["a"] == {"move": 1}
    assert b.remote.mutations == before["b"]
    assert (a.remote.bytes_up, b.remote.bytes_up) == sent
    assert (b.root / "new/7.txt").stat().st_ino == inode


@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
@pytest.mark.parametrize("first", ["a", "b"])
def test_a_file_the_other_side_made_inside_meanwhile_is_below_the_new_name(
    two: tuple[World, Device, Device], running: bool, first: str
) -> None:
    world, a, b = two
    (a.root / "old").rename(a.root / "new")
    b.write("old/made meanwhile.txt", "of b")
    b.write("old/and/deeper.txt", "of b as well")

    order = [a, b] if first == "a" else [b, a]
    for device in [*order, *order]:
        if running:
            device.live("old", "new", seconds=10)
        else:
            device.restart()
            device.sync()
    world.settle()

    assert a.tree() == b.tree()
    assert a.tree()["new/made meanwhile.txt"] == "of b"
    assert a.tree()["new/and/deeper.txt"] == "of b as well"
    assert not [path for path in a.tree() if path.startswith("old")]


def test_a_file_made_in_a_folder_whose_move_is_half_seen_ends_up_below_its_new_name(
    world: World,
) -> None:
    a, b = world.device("a"), world.device("b")
    for number in range(5):
        a.write(f"old/{number}.txt", str(number))
    world.settle()
    b.write("old/made in b.txt", "of b")
    b.sync()
    (a.root / "old").rename(a.root / "new")

    a.live_step(Hinted("old"))
    a.clock.seconds += 0.01
    a.live_step(Hinted("new"), Pushed())
    a.clock.seconds += 0.295
    a.live_step(Woken())
    world.settle()

    assert a.tree() == b.tree()
    assert "new/made in b.txt" in a.tree()
    assert "old" not in a.tree()


@pytest.mark.promise(16)
def test_a_move_seen_in_two_pieces_is_still_a_move(two: tuple[World, Device, Device]) -> None:
    world, a, b = two
    before = a.remote.mutations.copy()
    versions = _versions(world)

    (a.root / "old").rename(a.root / "new")
    a.live("old", seconds=0.5)
    a.live("new", seconds=10)
    b.sync()

    assert a.tree() == b.tree()
    assert a.remote.mutations - before == {"move": 1}
    assert _versions(world) == versions


@pytest.mark.promise(16)
def test_files_moved_one_by_one_keep_their_versions(two: tuple[World, Device, Device]) -> None:
    world, a, b = two
    before = a.remote.mutations.copy()
    versions = _versions(world)

    (a.root / "other").mkdir()
    for number in range(100):
        (a.root / f"old/{number}.txt").rename(a.root / f"other/{number}.txt")
    a.sync()
    b.sync()

    assert a.tree() == b.tree()
    assert a.remote.mutations - before == {"move": 100, "folder": 1}
    assert set(_versions(world)) == set(versions)


def test_what_is_made_in_a_folder_just_before_it_is_moved_here_is_seen(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("old/kept.txt", "kept")
    world.settle()
    (a.root / "old").rename(a.root / "new")
    a.sync()

    (b.root / "old/inside").mkdir()
    b.write("old/inside/made.txt", "made by b")
    b.live_step(Hinted("old/inside", deep=True), Pushed())
    assert (b.root / "new/inside/made.txt").exists()
    b.live(seconds=10)
    a.sync()

    assert a.tree() == b.tree()
    assert a.tree()["new/inside/made.txt"] == "made by b"


def test_a_file_looked_for_under_the_old_path_of_its_folder_is_not_gone(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("old/kept.txt", "kept")
    world.settle()

    (a.root / "old").rename(a.root / "new")
    a.live_step(Hinted("old/kept.txt", sign=Sign.FINISHED), Hinted("old"), Hinted("new"))
    a.live(seconds=10)
    b.sync()

    assert b.tree() == {"new": None, "new/kept.txt": "kept"}
    assert a.remote.mutations["delete_batch"] == 0
