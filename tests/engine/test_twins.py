"""Stories of names that differ by normalisation only, which this disk tells apart."""

import unicodedata

from tests.support.devices import World

_MANY = 20
"""A folder lists its items in any order: among so many twins each order occurs."""


def test_a_twin_that_appears_later_hides_nobody(world: World) -> None:
    a, b = world.device("a"), world.device("b")
    for number in range(_MANY):
        decomposed = unicodedata.normalize("NFD", f"한글 {number}")
        a.write(decomposed, f"decomposed {number}")
        a.write(f"{decomposed} folder/in it", f"in decomposed {number}")
    world.settle()

    for number in range(_MANY):
        a.write(f"한글 {number}", f"composed {number}")
        a.write(f"한글 {number} folder/in it", f"in composed {number}")
    a.live("", seconds=5.0)
    assert a.journal.trees.local_files() == 4 * _MANY
    world.settle()

    wanted = {
        f"{where} {number}"
        for number in range(_MANY)
        for where in ("composed", "decomposed", "in composed", "in decomposed")
    }
    assert {text for text in a.tree().values() if text is not None} == wanted
    assert {text for text in b.tree().values() if text is not None} == wanted
    assert not a.remote.mutations["delete"]


def test_a_name_that_was_mapped_for_its_twin_is_its_own_once_the_twin_is_gone(
    world: World,
) -> None:
    """Although nothing has changed in the folder since it was seen last."""
    a, b = world.device("a"), world.device("b")
    a.write(unicodedata.normalize("NFD", "한글.txt"), "decomposed")
    a.write("한글.txt", "composed")
    a.write("other.txt", "so that not everything goes")
    world.settle()

    (b.root / "한글.txt").unlink()
    world.settle()

    assert world.live_paths() == {"한글.txt", "other.txt"}
    assert a.tree() == {
        unicodedata.normalize("NFD", "한글.txt"): "decomposed",
        "other.txt": "so that not everything goes",
    }


def test_a_folder_whose_name_is_composed_on_the_disk_keeps_what_comes_into_it(
    world: World,
) -> None:
    """On the wire its name is the same, and so is all else that a look shows of a folder."""
    a, b = world.device("a"), world.device("b")
    decomposed = b.root / unicodedata.normalize("NFD", "한글")
    decomposed.mkdir()
    world.settle()

    decomposed.rename(b.root / "한글")
    b.live(decomposed.name, "한글")
    a.write("한글/new.txt", "new")
    world.settle()

    assert b.tree() == {"한글": None, "한글/new.txt": "new"}
