"""Stories in which the server does what it was asked, and its answer never comes."""

import pytest

from dreamsync.journal.journal import Journal
from tests.support.devices import Device, World
from tests.support.lost_answers import LossyRemote, losing_answers, with_remote


@pytest.fixture
def two(world: World) -> tuple[World, Device, Device]:
    """A and B with the same note, and what A sends may be lost."""
    a, b = world.device("a"), world.device("b")
    a.write("note.txt", "one")
    world.settle()
    return world, a, b


def _send_without_answer(device: Device, path: str, text: str, *, arriving: bool = True) -> None:
    with losing_answers(device, path, arriving=arriving):
        device.write(path, text)


@pytest.mark.promise(13)
@pytest.mark.fault("answer lost")
def test_an_edit_after_a_lost_answer_is_not_taken_for_what_had_arrived(
    two: tuple[World, Device, Device],
) -> None:
    _, a, b = two

    _send_without_answer(a, "note.txt", "second")
    a.write("note.txt", "third!")
    a.sync()
    b.sync()

    assert b.tree()["note.txt"] == "third!"


def test_an_edit_that_another_device_went_on_from_is_no_conflict(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two

    _send_without_answer(a, "note.txt", "second")
    b.sync()
    b.write("note.txt", "second and third")
    b.sync()
    world.settle()

    assert a.tree() == b.tree() == {"note.txt": "second and third"}


def test_an_edit_that_another_device_saw_and_deleted_stays_deleted(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two

    _send_without_answer(a, "note.txt", "second")
    b.sync()
    (b.root / "note.txt").unlink()
    b.sync()
    world.settle()

    assert a.tree() == b.tree() == {}


def test_a_new_file_that_another_device_went_on_from_is_no_conflict(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two

    _send_without_answer(a, "new.txt", "begun")
    b.sync()
    b.write("new.txt", "begun and ended")
    b.sync()
    world.settle()

    assert a.tree() == b.tree() == {"note.txt": "one", "new.txt": "begun and ended"}


def test_both_edits_are_kept_where_this_device_went_on_as_well(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two

    _send_without_answer(a, "note.txt", "second")
    b.sync()
    b.write("note.txt", "third of b")
    b.sync()
    a.write("note.txt", "the third of a")
    world.settle()

    assert a.tree() == b.tree()
    assert sorted(text or "" for text in a.tree().values()) == ["the third of a", "third of b"]


def test_both_edits_are_kept_where_what_was_sent_never_arrived(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two

    _send_without_answer(a, "note.txt", "the second of a", arriving=False)
    for text in ("second of b", "third of b"):
        b.write("note.txt", text)
        b.sync()
    world.settle()

    assert a.tree() == b.tree()
    assert sorted(text or "" for text in a.tree().values()) == ["the second of a", "third of b"]


def test_a_file_moved_after_the_answer_of_its_creation_was_lost_is_one_file(world: World) -> None:
    a = world.device("a")
    a.sync()
    lossy = LossyRemote(a.remote, arriving=True)
    a.context = with_remote(a.context, lossy)
    a.engine = type(a.engine)(a.context)
    a.sync()
    a.write("note.txt", "one")
    lossy.losing = True
    a.live("note.txt", seconds=0.4)
    lossy.losing = False

    (a.root / "note.txt").rename(a.root / "moved.txt")
    a.live("note.txt", "moved.txt", seconds=0.4)
    a.sync()

    assert a.tree() == {"moved.txt": "one"}
    assert world.live_paths() == {"moved.txt"}
    assert a.remote.mutations["upload"] == 1


@pytest.mark.promise(13)
@pytest.mark.fault("answer lost")
def test_a_second_rename_holds_where_the_answer_to_the_first_was_lost(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two

    with losing_answers(a, "note.txt", "first.txt"):
        (a.root / "note.txt").rename(a.root / "first.txt")
    (a.root / "first.txt").rename(a.root / "second.txt")
    world.settle()

    assert a.tree() == b.tree() == {"second.txt": "one"}


def test_a_second_rename_holds_where_another_device_went_on_from_the_first(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two

    with losing_answers(a, "note.txt", "first.txt"):
        (a.root / "note.txt").rename(a.root / "first.txt")
    b.sync()
    b.write("first.txt", "one and two")
    b.sync()
    (a.root / "first.txt").rename(a.root / "second.txt")
    world.settle()

    assert a.tree() == b.tree() == {"second.txt": "one and two"}


def test_a_mode_that_is_set_back_holds_where_the_answer_was_lost(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two

    with losing_answers(a, "note.txt"):
        (a.root / "note.txt").chmod(0o755)
    (a.root / "note.txt").chmod(0o644)
    world.settle()

    assert not (a.root / "note.txt").stat().st_mode & 0o100
    assert not (b.root / "note.txt").stat().st_mode & 0o100


def test_a_rename_that_never_arrived_is_sent_again(two: tuple[World, Device, Device]) -> None:
    world, a, b = two

    with losing_answers(a, "note.txt", "first.txt", arriving=False):
        (a.root / "note.txt").rename(a.root / "first.txt")
    b.write("note.txt", "one and two")
    b.sync()
    world.settle()

    assert a.tree() == b.tree() == {"first.txt": "one and two"}


@pytest.mark.promise(1, 2)
@pytest.mark.fault("answer lost")
@pytest.mark.parametrize("name", ["note.txt", "back.txt"])
def test_a_file_that_comes_back_after_its_deletion_was_sent_unheard_stays(
    two: tuple[World, Device, Device], name: str
) -> None:
    world, a, b = two
    a.write("other.txt", "so that not everything goes")
    world.settle()

    with losing_answers(a, "note.txt", seconds=3.0):
        (a.root / "note.txt").rename(a.root.parent / "outside")
    assert world.live_paths() == {"other.txt"}
    (a.root.parent / "outside").rename(a.root / name)
    world.settle()

    assert a.tree() == b.tree() == {name: "one", "other.txt": "so that not everything goes"}


def test_what_another_device_brings_back_after_its_deletion_was_sent_unheard_comes_back(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two
    a.write("other.txt", "so that not everything goes")
    world.settle()

    with losing_answers(a, "note.txt", seconds=3.0):
        (a.root / "note.txt").unlink()
    (gone,) = b.remote.trash()
    b.remote.restore(gone.id, version=1, base_version=2, key="brought back")
    world.settle()

    assert a.tree() == b.tree() == {"note.txt": "one", "other.txt": "so that not everything goes"}


@pytest.mark.promise(2, 11)
def test_what_an_older_journal_sends_unheard_is_not_taken_for_what_a_newer_one_had_sent(
    two: tuple[World, Device, Device],
) -> None:
    """Both are this device's, and both were sent on the same version."""
    world, a, b = two
    older = a.journal.image()
    a.write("note.txt", "second")
    a.sync()

    a.journal = Journal(":memory:", image=older)
    a.restart()
    a.write("note.txt", "third!")
    _go_unheard(a, "note.txt")
    world.settle()

    assert a.tree() == b.tree() == {"note.txt": "third!"}


def _made_by_a_once_and_revived_by_b(world: World, a: Device, b: Device) -> None:
    """The server's node there begins with a version of A's, and A has not heard of the latest."""
    a.write("new.txt", "long ago")
    world.settle()
    (a.root / "new.txt").unlink()
    b.write("new.txt", "long ago and edited")
    a.sync()
    b.sync()


def _go_unheard(device: Device, path: str) -> None:
    """Nothing of what is sent now arrives, and the feed is not read before."""
    lossy = LossyRemote(device.remote, arriving=False)
    lossy.losing = True
    lossy.use_cursor(device.context.journal.settings.get("cursor"))
    device.context.remote, before = lossy, device.context.remote
    device.live(path)
    device.context.remote = before


def test_a_new_file_is_not_taken_for_what_this_device_once_made_there(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two
    _made_by_a_once_and_revived_by_b(world, a, b)

    a.write("new.txt", "quite another text")
    _go_unheard(a, "new.txt")
    world.settle()

    assert a.tree() == b.tree()
    texts = {text for text in a.tree().values() if text != "one"}
    assert texts == {"long ago and edited", "quite another text"}


def test_a_new_folder_is_not_taken_for_a_file_that_this_device_once_made_there(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two
    _made_by_a_once_and_revived_by_b(world, a, b)

    (a.root / "new.txt").mkdir()
    _go_unheard(a, "new.txt")
    world.settle()

    assert a.tree() == b.tree()
    assert "long ago and edited" in a.tree().values()
    assert None in a.tree().values()
