"""Stories of a creation that the server has carried out, whose answer never came, and from which
another device has gone on under another name before this one is back: the feed then tells of it as
of something that this device has never heard of."""

from dataclasses import replace

import pytest

from dreamsync.engine.engine import Engine
from dreamsync.engine.events import Event, Hinted, Pushed, SyncAsked, Woken
from dreamsync.remotes.memory import FULL_CAPABILITIES
from tests.support.devices import Device, World, run_job
from tests.support.lost_answers import LossyRemote, losing_answers, with_remote

_SENT = {
    "in batches": FULL_CAPABILITIES,
    "one by one": replace(FULL_CAPABILITIES, batch_items=0),
    "in blocks": replace(FULL_CAPABILITIES, batch_items=0, upload_limit=4),
}


@pytest.fixture(params=["in batches"])
def two(world: World, request: pytest.FixtureRequest) -> tuple[World, Device, Device]:
    world.server.capabilities = _SENT[request.param]
    a, b = world.device("a"), world.device("b")
    a.sync()
    b.sync()
    return world, a, b


def _create_without_answer(device: Device, *paths: str, arriving: bool = True) -> None:
    with losing_answers(device, *paths, arriving=arriving):
        for path in paths:
            device.write(path, f"begun as {path}")


def _rename(device: Device, path: str, new: str) -> None:
    (device.root / new).parent.mkdir(exist_ok=True)
    (device.root / path).rename(device.root / new)
    device.sync()


@pytest.mark.promise(13)
@pytest.mark.fault("answer lost")
@pytest.mark.parametrize("two", _SENT, indirect=True)
def test_a_new_file_that_another_device_renames_before_its_answer_comes_is_one_file(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two

    _create_without_answer(a, "note.txt")
    b.sync()
    _rename(b, "note.txt", "renamed.txt")
    world.settle()

    assert a.tree() == b.tree() == {"renamed.txt": "begun as note.txt"}
    assert a.remote.mutations["upload"] == 1


@pytest.mark.promise(13)
@pytest.mark.fault("answer lost")
def test_so_is_each_of_a_batch_that_another_device_renames_before_its_answer_comes(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two
    names = [f"note {number}.txt" for number in range(8)]

    _create_without_answer(a, *names)
    b.sync()
    for name in names[::2]:
        _rename(b, name, f"folder/{name} of b")
    b.write("of b.txt", "begun as note 1.txt")
    b.sync()
    world.settle()

    kept = {name: f"begun as {name}" for name in names[1::2]}
    moved = {f"folder/{name} of b": f"begun as {name}" for name in names[::2]}
    other = {"folder": None, "of b.txt": "begun as note 1.txt"}
    assert a.tree() == b.tree() == kept | moved | other
    assert a.remote.mutations["upload"] == 8


@pytest.mark.promise(13)
@pytest.mark.fault("answer lost")
@pytest.mark.parametrize("two", ["in batches", "one by one"], indirect=True)
def test_a_new_folder_that_another_device_renames_before_its_answer_comes_is_one_folder(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two

    with losing_answers(a, "album"):
        a.write("album/one.txt", "one")
    b.sync()
    _rename(b, "album", "photos")
    b.write("photos/two.txt", "two")
    b.sync()
    world.settle()

    tree = {"photos": None, "photos/one.txt": "one", "photos/two.txt": "two"}
    assert a.tree() == b.tree() == tree


def test_a_new_file_renamed_elsewhere_is_one_where_the_process_goes_on(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two
    lossy = LossyRemote(a.remote, arriving=True)
    a.context = with_remote(a.context, lossy)
    a.engine = Engine(a.context)
    a.sync()
    a.write("note.txt", "begun as note.txt")
    lossy.losing = True
    a.live("note.txt", seconds=0.4)
    lossy.losing = False

    b.sync()
    _rename(b, "note.txt", "renamed.txt")
    world.settle()

    assert a.tree() == b.tree() == {"renamed.txt": "begun as note.txt"}
    assert a.remote.mutations["upload"] == 1


def test_a_new_file_renamed_elsewhere_is_one_where_its_answer_comes_late(
    two: tuple[World, Device, Device],
) -> None:
    """After the feed has told of the new name and the file was moved here."""
    world, a, b = two
    a.write("note.txt", "begun as note.txt")
    answer = _upload_unheard(a, "note.txt")
    b.sync()
    _rename(b, "note.txt", "renamed.txt")

    a.live_step(Pushed())
    assert a.tree() == {"renamed.txt": "begun as note.txt"}
    a.live_step(*answer)
    world.settle()

    assert a.tree() == b.tree() == {"renamed.txt": "begun as note.txt"}
    assert a.remote.mutations["upload"] == 1


def _upload_unheard(device: Device, path: str) -> list[Event]:
    """It is carried out; what came of it the engine is yet to be told."""
    device.engine.step([Hinted(path)])
    device.clock.seconds += 1.0
    (upload,) = device.engine.step([Woken()])
    return list(run_job(upload))


def test_an_edit_goes_to_the_file_that_another_device_has_renamed(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two

    _create_without_answer(a, "note.txt")
    b.sync()
    _rename(b, "note.txt", "renamed.txt")
    a.write("note.txt", "begun and ended")
    world.settle()

    assert a.tree() == b.tree() == {"renamed.txt": "begun and ended"}


def test_a_file_that_another_device_has_renamed_and_edited_is_no_conflict(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two

    _create_without_answer(a, "note.txt")
    b.sync()
    _rename(b, "note.txt", "renamed.txt")
    b.write("renamed.txt", "begun and ended")
    b.sync()
    world.settle()

    assert a.tree() == b.tree() == {"renamed.txt": "begun and ended"}


def test_it_is_one_file_too_where_another_has_come_into_its_place(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two

    _create_without_answer(a, "note.txt")
    b.sync()
    _rename(b, "note.txt", "renamed.txt")
    for text in ("of b", "of b, and on"):
        b.write("note.txt", text)
        b.sync()
    world.settle()

    tree = {"note.txt": "of b, and on", "renamed.txt": "begun as note.txt"}
    assert a.tree() == b.tree() == tree


def test_both_are_kept_where_there_is_a_new_file_under_the_new_name_as_well(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two

    _create_without_answer(a, "note.txt")
    b.sync()
    _rename(b, "note.txt", "renamed.txt")
    a.write("renamed.txt", "another")
    world.settle()

    assert a.tree() == b.tree()
    assert sorted(text or "" for text in a.tree().values()) == ["another", "begun as note.txt"]
    assert a.tree()["renamed.txt"] == "begun as note.txt"


def test_what_another_device_made_and_renamed_is_not_taken_for_what_never_arrived(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two

    _create_without_answer(a, "note.txt", arriving=False)
    b.write("note.txt", "begun as note.txt")
    b.sync()
    _rename(b, "note.txt", "renamed.txt")
    world.settle()

    text = "begun as note.txt"
    assert a.tree() == b.tree() == {"note.txt": text, "renamed.txt": text}


@pytest.mark.promise(9, 13)
def test_a_new_file_renamed_elsewhere_is_one_also_where_a_process_ends_before_it_has_asked(
    two: tuple[World, Device, Device],
) -> None:
    """The feed will not tell of the renamed file again."""
    world, a, b = two
    _create_without_answer(a, "note.txt")
    b.sync()
    _rename(b, "note.txt", "renamed.txt")

    _read_the_feed_and_end(a)
    world.settle()

    assert a.tree() == b.tree() == {"renamed.txt": "begun as note.txt"}


def _read_the_feed_and_end(device: Device) -> None:
    """The page is in the journal, and nothing that was to follow from it."""
    cursor = device.journal.settings.get("cursor")
    jobs = list(device.engine.step([SyncAsked()]))
    while device.journal.settings.get("cursor") == cursor:
        following = [event for job in jobs for event in run_job(job)]
        jobs = device.engine.step(following)
    device.restart()
