"""Kept versions, restore, the trash, retention, receipts."""

import pytest

from dreamsync.server.metadata.records import Change
from dreamsync.server.service.errors import Conflict, FeedBroken, Invalid, NotFound
from dreamsync.server.service.requests import MoveRequest, PathPlace, Place, RestoreRequest
from dreamsync.wire.sync_file import SyncFile
from tests.server.service.world import World


def test_every_change_is_a_version_with_device_and_time(world: World) -> None:
    file = world.put("a", b"one")
    file = world.put("a", b"two", base=1)
    file = world.move(file, "b")
    request = MoveRequest(file.id, file.version, executable=True)
    file = world.service.files.move(world.caller, world.mutation(), request).file
    file = world.delete(file)
    file = _restore(world, file, version=1)

    versions = world.service.versions.of(world.caller, file.id)

    changes = [version.change for version in reversed(versions)]
    assert changes == [
        *(Change.CREATED, Change.CONTENT, Change.MOVED),
        *(Change.EXECUTABLE, Change.DELETED, Change.RESTORED),
    ]
    assert [version.version for version in versions] == [6, 5, 4, 3, 2, 1]
    assert all(version.available and version.device_id == "laptop" for version in versions)
    assert [version.name for version in versions] == ["b", "b", "b", "b", "a", "a"]


def test_an_older_version_comes_back_as_the_newest(world: World) -> None:
    world.put("a", b"one", modified_ns=111)
    file = world.put("a", b"two", base=1, modified_ns=222)

    restored = _restore(world, file, version=1)

    assert (restored.version, restored.modified_ns) == (3, 111)
    assert world.read(restored) == b"one"
    assert world.read(restored, version=2) == b"two"
    assert world.used == 6


def test_restoring_a_tombstone_puts_it_at_its_old_place_or_another(world: World) -> None:
    gone = world.delete(world.put("a", b"one"))
    other = world.delete(world.put("b", b"two"))

    assert _restore(world, gone, version=1).file_name == "a"
    assert _restore(world, other, version=1, place=PathPlace("x/c")).file_name == "x/c"


def test_restoring_onto_a_name_in_use_is_refused(world: World) -> None:
    gone = world.delete(world.put("a", b"one"))
    taken = world.put("a", b"two")

    with pytest.raises(Conflict, match="nameTaken") as caught:
        _restore(world, gone, version=1)

    assert caught.value.current == taken


def test_restoring_is_compare_and_swap(world: World) -> None:
    file = world.put("a", b"one")
    world.put("a", b"two", base=1)

    with pytest.raises(Conflict, match="stale"):
        _restore(world, file, version=1)


def test_a_version_that_never_was_is_not_found(world: World) -> None:
    file = world.put("a", b"one")

    with pytest.raises(NotFound):
        _restore(world, file, version=9)
    with pytest.raises(NotFound):
        world.read(file, version=9)


def test_a_deleted_folder_is_restored(world: World) -> None:
    gone = world.delete(world.folder("a"))

    assert not _restore(world, gone, version=1).deleted


def test_the_trash_lists_the_latest_deleted_first_in_pages(world: World) -> None:
    for name in ("a", "b", "c", "d", "e"):
        world.delete(world.put(name, b""))
        world.clock.at_ms += 1

    pages = [world.service.versions.trash(world.caller, None, 2)]
    while pages[-1].next is not None:
        pages.append(world.service.versions.trash(world.caller, pages[-1].next, 2))

    assert [[file.name for file in page.items] for page in pages] == [["e", "d"], ["c", "b"], ["a"]]
    with pytest.raises(Invalid):
        world.service.versions.trash(world.caller, "nonsense", 2)


def test_the_trash_shows_where_a_file_was_although_its_folder_is_gone_too(world: World) -> None:
    world.delete(world.put("a/b", b""))
    world.delete(world.listing()[0])

    names = {file.file_name for file in world.service.versions.trash(world.caller, None, 9).items}

    assert names == {"a", "a/b"}


@pytest.mark.promise(1)
def test_deletions_and_old_versions_are_kept_thirty_days_and_then_forgotten(world: World) -> None:
    world.put("kept", b"old")
    kept = world.put("kept", b"new", base=1)
    gone = world.delete(world.put("gone", b"bytes"))
    world.clock.pass_days(29)
    world.service.care.purge()
    assert (world.used, world.read(kept, version=1), world.read(gone)) == (11, b"old", b"bytes")

    world.clock.pass_days(2)
    world.service.care.purge()

    assert world.used == 3
    assert world.read(kept) == b"new"
    with pytest.raises(NotFound):
        world.read(kept, version=1)
    with pytest.raises(NotFound):
        world.service.feed.file(world.caller, gone.id)
    assert [v.version for v in world.service.versions.of(world.caller, kept.id)] == [2]


def test_content_that_moved_with_its_node_outlives_the_purge_of_the_upload(world: World) -> None:
    moved = world.move(world.put("a", b"one"), "b")
    world.clock.pass_days(31)
    world.service.care.purge()
    world.service.care.collect_garbage(grace_ms=0)

    assert world.read(moved) == b"one"


def test_a_receipt_tells_how_far_a_device_is(world: World) -> None:
    file = world.put("a", b"")
    world.service.acks.note(world.caller, world.cursor, [file.id])

    receipt = world.service.acks.receipts(world.caller)[0]
    world.put("b", b"")
    later = world.service.acks.receipts(world.caller)[0]

    assert (receipt.device_id, receipt.at_head, receipt.missing) == ("laptop", True, (file.id,))
    assert not later.at_head
    with pytest.raises(FeedBroken):
        world.service.acks.note(world.caller, "3.unknown", [])


def _restore(world: World, file: SyncFile, *, version: int, place: Place | None = None) -> SyncFile:
    request = RestoreRequest(file.id, version, file.version, place)
    return world.service.files.restore(world.caller, world.mutation(), request).file
