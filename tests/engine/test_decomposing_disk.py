"""Stories of disks that fold names, or keep them decomposed whatever they are given."""

import unicodedata

from dreamsync.core.mapping import quote
from dreamsync.core.nodes import ROOT, Side
from tests.support.devices import World
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
