"""Stories of two devices of one account, without threads and without waiting."""

import pytest

from dreamsync.control.commands import Keep
from dreamsync.daemon.queries import Queries
from dreamsync.engine.status import engine_status
from tests.support.devices import World


def test_a_file_crosses_with_its_folders(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("photos/2026/sea.txt", "sea")
    (a.root / "empty").mkdir()

    world.settle()

    assert b.tree() == {
        "empty": None,
        "photos": None,
        "photos/2026": None,
        "photos/2026/sea.txt": "sea",
    }
    assert (
        b.root.joinpath("photos/2026/sea.txt").stat().st_mtime_ns
        == a.root.joinpath("photos/2026/sea.txt").stat().st_mtime_ns
    )


@pytest.mark.fault("move and change")
def test_an_edit_and_a_rename_of_the_same_file_both_happen(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("note.txt", "one")
    world.settle()

    a.write("note.txt", "two, longer")
    (b.root / "note.txt").rename(b.root / "renamed.txt")
    world.settle()

    assert a.tree() == b.tree() == {"renamed.txt": "two, longer"}


@pytest.mark.promise(1)
@pytest.mark.fault("edit and edit")
def test_both_edit_and_both_versions_survive(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("note.txt", "one")
    world.settle()

    a.write("note.txt", "from a", mtime=1_600_000_000)
    b.write("note.txt", "from b, too", mtime=1_600_000_001)
    world.settle()

    assert (
        a.tree()
        == b.tree()
        == {
            "note.txt": "from a",
            "note (conflict b 2020-09-13 122641).txt": "from b, too",
        }
    )


def test_a_conflict_is_listed_and_resolved_on_any_device(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("texts/note.txt", "one")
    world.settle()
    a.write("texts/note.txt", "from a", mtime=1_600_000_000)
    b.write("texts/note.txt", "from b, too", mtime=1_600_000_001)
    world.settle()
    copy = "texts/note (conflict b 2020-09-13 122641).txt"
    lists = [Queries(device.context).conflicts() for device in (a, b)]
    assert [[(one.path, one.original) for one in told] for told in lists] == [
        [(copy, "texts/note.txt")]
    ] * 2
    for device in (a, b):
        told = engine_status(device.context, device.engine).conflicts
        assert told is not None
        assert (told.copies, told.newest) == (1, copy)

    Queries(a.context).resolve_conflict(copy, Keep.MINE)
    world.settle()

    assert a.tree() == b.tree() == {"texts": None, "texts/note.txt": "from b, too"}
    assert [Queries(device.context).conflicts() for device in (a, b)] == [[], []]
    assert [engine_status(one.context, one.engine).conflicts for one in (a, b)] == [None, None]


@pytest.mark.promise(2)
@pytest.mark.fault("edit and edit")
def test_a_deletion_arrives_and_an_edit_beats_one(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    for name in ("gone", "edited"):
        a.write(f"{name}.txt", name)
    for number in range(5):
        a.write(f"other {number}.txt", "stays")
    world.settle()

    (a.root / "gone.txt").unlink()
    (a.root / "edited.txt").unlink()
    b.write("edited.txt", "edited after all")
    world.settle()

    assert a.tree() == b.tree()
    assert "gone.txt" not in b.tree()
    assert b.tree()["edited.txt"] == "edited after all"


def test_a_folder_of_many_files_moves_without_content(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    for number in range(50):
        a.write(f"old/{number}.txt", str(number))
    world.settle()
    versions = {file.id: file.version for file in a.remote.changes(None).files}

    (a.root / "old").rename(a.root / "new")
    b.write("old/created meanwhile.txt", "new")
    world.settle()

    assert a.tree() == b.tree()
    assert "new/created meanwhile.txt" in a.tree()
    assert "old" not in a.tree()
    kept = {f.id: f.version for f in a.remote.changes(None).files if f.kind.value == "file"}
    assert all(kept[i] == v for i, v in versions.items() if i in kept)


@pytest.mark.promise(5, 6)
def test_at_rest_nothing_is_written(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("x/note.txt", "one")
    b.write("y.txt", "two")
    world.settle()
    before = [device.journal.changes() for device in (a, b)]
    cursor = a.remote.status().cursor

    for _ in range(10):
        a.sync()
        b.sync()

    assert [device.journal.changes() for device in (a, b)] == before
    assert a.remote.status().cursor == cursor


def test_names_are_swapped(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("one.txt", "1")
    a.write("two.txt", "2 2")
    world.settle()

    (a.root / "one.txt").rename(a.root / "three.txt")
    (a.root / "two.txt").rename(a.root / "one.txt")
    (a.root / "three.txt").rename(a.root / "two.txt")
    world.settle()

    assert a.tree() == b.tree() == {"one.txt": "2 2", "two.txt": "1"}


@pytest.mark.fault("kind")
def test_a_file_becomes_a_folder_and_back(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    for number in range(4):
        a.write(f"other {number}.txt", "stays")
    a.write("thing", "file")
    world.settle()

    (a.root / "thing").unlink()
    a.write("thing/inside.txt", "now a folder")
    world.settle()
    assert a.tree() == b.tree()
    assert b.tree()["thing"] is None

    (a.root / "thing/inside.txt").unlink()
    (a.root / "thing").rmdir()
    a.write("thing", "file again")
    world.settle()
    assert a.tree() == b.tree()
    assert b.tree()["thing"] == "file again"


@pytest.mark.promise(11)
@pytest.mark.fault("created alike")
def test_two_devices_with_files_already_join_as_a_union(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("same.txt", "same")
    b.write("same.txt", "same")
    a.write("folder/only a.txt", "a")
    b.write("folder/only b.txt", "b")
    a.write("differs.txt", "of a", mtime=1_600_000_000)
    b.write("differs.txt", "of b, longer", mtime=1_600_000_001)

    world.settle()

    assert (
        a.tree()
        == b.tree()
        == {
            "differs.txt": "of a",
            "differs (conflict b 2020-09-13 122641).txt": "of b, longer",
            "folder": None,
            "folder/only a.txt": "a",
            "folder/only b.txt": "b",
            "same.txt": "same",
        }
    )
