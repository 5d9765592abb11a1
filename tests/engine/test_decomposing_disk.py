"""Stories of disks that fold names, or keep them decomposed whatever they are given."""

import unicodedata

from dreamsync.core.mapping import quote
from dreamsync.core.nodes import ROOT, Kind, Side
from dreamsync.engine.events import Hinted, Pushed
from tests.support.devices import World, jobs_on_nodes, run_job
from tests.support.simulated_disks import simulated


def test_a_folder_that_stands_decomposed_is_still_the_one_that_was_made(world: World) -> None:
    a = world.device("a")
    b, files = simulated(world, "b", decomposes=True)
    a.write("사진/하나.jpg", "one")
    a.sync()
    b.sync()
    folder = b.journal.trees.child(Side.LOCAL, ROOT, "사진")

    b.sync()

    assert folder is not None
    assert b.journal.trees.child(Side.LOCAL, ROOT, "사진") == folder
    assert [path for path, _ in files.walk()] == [
        unicodedata.normalize("NFD", path) for path in ("사진", "사진/하나.jpg")
    ]
    assert not b.remote.mutations


def test_a_file_that_moves_to_where_its_twin_stands_gets_a_name_of_its_own(world: World) -> None:
    """Also one whose name stays the same."""
    a = world.device("a")
    b, files = simulated(world, "b", folds_case=True)
    a.write("box/c", "small")
    a.write("C", "capital")
    a.sync()
    b.sync()

    (a.root / "C").rename(a.root / "box/C")
    world.settle()

    assert world.live_paths() == {"box", "box/c", "box/C"}
    contents = {path: inode.data for path, inode in files.walk() if inode.data}
    assert contents == {"box/c": b"small", f"box/{quote('C')}": b"capital"}


def test_folders_that_are_twins_are_made_side_by_side(world: World) -> None:
    """Although they come together, so that neither is there when the names are chosen."""
    a = world.device("a")
    b, files = simulated(world, "b", folds_case=True)
    a.write("box/inside.txt", "small")
    a.write("Box/inside.txt", "capital")
    a.sync()

    world.settle()

    paths = {"box", "Box", "box/inside.txt", "Box/inside.txt"}
    assert world.live_paths() == paths
    contents = {path: inode.data for path, inode in files.walk() if inode.data}
    assert sorted(contents.values()) == [b"capital", b"small"]
    assert len({path.rpartition("/")[0].casefold() for path in contents}) == 2
    assert not b.remote.mutations


def test_a_folder_is_not_made_where_only_its_twin_stands(world: World) -> None:
    """It came just before, and nobody has looked yet."""
    a = world.device("a")
    b, files = simulated(world, "b", folds_case=True)
    b.sync()
    a.write("Box/below/inside.txt", "of a")
    a.sync()
    (creation,) = jobs_on_nodes(b, Pushed())

    files.change(files.cell(files.root, "box", files.new(Kind.FOLDER)), durable=True)
    b.live_step(*run_job(creation))
    b.live("box", seconds=10.0)
    world.settle()

    assert world.live_paths() == {"box", "Box", "Box/below", "Box/below/inside.txt"}
    assert set(a.tree()) == world.live_paths()
    assert [path for path, inode in files.walk() if inode.data] == [
        f"{quote('B')}ox/below/inside.txt"
    ]


def test_a_name_of_which_only_the_case_changes_is_still_the_same_file(world: World) -> None:
    a = world.device("a")
    b, files = simulated(world, "b", folds_case=True)
    a.write("note.txt", "one")
    a.sync()
    b.sync()

    files.change(
        files.cell(files.root, "note.txt", None),
        files.cell(files.root, "Note.txt", files.resolve("note.txt")),
    )
    b.live("note.txt", "Note.txt")
    b.live(seconds=5.0)

    assert world.live_paths() == {"Note.txt"}
    assert dict(b.remote.mutations) == {"move": 1}


def test_what_is_landing_decomposed_is_not_taken_for_new_when_it_is_renamed_elsewhere(
    world: World,
) -> None:
    """It is on the disk under the old name, whose node has another one on the server by now."""
    a = world.device("a")
    b, files = simulated(world, "b", decomposes=True)
    b.sync()
    a.write("하나.txt", "one")
    a.sync()
    (download,) = jobs_on_nodes(b, Pushed())
    while files.find("하나.txt") is None:
        next(download.effects)

    (a.root / "하나.txt").rename(a.root / "둘.txt")
    a.sync()
    b.live_step(Hinted(unicodedata.normalize("NFD", "하나.txt")), Pushed())
    b.live(seconds=2.0)
    b.live_step(*run_job(download))
    b.live(seconds=10.0)

    assert world.live_paths() == {"둘.txt"}
    assert [path for path, _ in files.walk()] == [unicodedata.normalize("NFD", "둘.txt")]
    assert not b.remote.mutations
