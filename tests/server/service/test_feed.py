"""Cursors and pages, also while others write."""

import random
import threading
from pathlib import Path

import pytest

from dreamsync.server.service import Caller, ServiceError
from dreamsync.server.service.errors import FeedBroken, Invalid
from dreamsync.server.service.requests import DeleteRequest, ParentPlace
from tests.server.service.world import World

PAGE = 7


def test_a_listing_in_pages_has_every_live_node_once_and_no_tombstone(world: World) -> None:
    for number in range(10):
        world.put(f"f{number}", b"")
    world.delete(world.listing()[4])

    names = [file.file_name for file in world.listing(limit=2)]

    assert names == [f"f{number}" for number in range(10) if number != 4]


def test_the_last_cursor_of_a_listing_continues_the_feed(world: World) -> None:
    world.put("a", b"")
    page = world.service.feed.page(world.caller, None, 10)
    gone = world.delete(page.files[0])

    assert not page.has_more
    assert world.since(page.cursor) == [gone]
    assert world.since(world.cursor) == []


def test_each_node_is_told_once_in_its_latest_state(world: World) -> None:
    before = world.cursor
    file = world.put("a", b"1")
    world.put("b", b"")
    world.put("a", b"2", base=1)

    assert [(f.name, f.version) for f in world.since(before)] == [("b", 1), ("a", 2)]
    assert file.version == 1


def test_a_page_may_end_amid_a_commit(world: World) -> None:
    world.batch({f"f{number}": b"" for number in range(20)})

    pages = world.listing(limit=PAGE)

    assert [file.name for file in pages] == [f"f{number}" for number in range(20)]


@pytest.mark.parametrize("cursor", ["", "x", "1", "-1.a", "1.a b", "1.a.b.c", f"{10**20}.a"])
def test_what_is_no_cursor_is_refused_as_such(world: World, cursor: str) -> None:
    with pytest.raises(Invalid, match="invalidCursor"):
        world.since(cursor)


@pytest.mark.promise(15)
def test_an_unknown_commit_is_another_history(world: World) -> None:
    world.put("a", b"")
    sequence = world.cursor.partition(".")[0]

    for unknown in (f"{sequence}.0000", "0.0000", f"7{world.cursor}"):
        with pytest.raises(FeedBroken, match="historyReplaced"):
            world.since(unknown)


@pytest.mark.parametrize("limit", [0, -1, 5001])
def test_a_limit_outside_the_contract_is_refused(world: World, limit: int) -> None:
    with pytest.raises(Invalid, match="invalidRequest"):
        world.service.feed.page(world.caller, None, limit)


@pytest.mark.promise(14)
def test_purging_a_tombstone_expires_the_cursors_before_it_only(world: World) -> None:
    file = world.put("a", b"")
    before = world.cursor
    world.delete(file)
    after = world.cursor
    world.clock.pass_days(31)
    world.service.care.purge()

    with pytest.raises(FeedBroken, match="cursorExpired"):
        world.since(before)
    assert world.since(after) == []


def test_a_listing_under_way_outlives_a_purge_of_older_tombstones(world: World) -> None:
    gone = world.put("gone", b"")
    for number in range(5):
        world.put(f"f{number}", b"")
    world.delete(gone)
    first = world.service.feed.page(world.caller, None, 2)
    world.clock.pass_days(31)
    world.service.care.purge()

    rest = world.service.feed.page(world.caller, first.cursor, 10)

    assert [f.name for f in (*first.files, *rest.files)] == [f"f{n}" for n in range(5)]


def test_expired_cursors_are_known_and_a_new_listing_goes_on(world: World) -> None:
    world.put("a", b"")
    before = world.cursor
    world.service.care.expire_cursors()

    with pytest.raises(FeedBroken, match="cursorExpired"):
        world.since(before)
    world.upload("b", b"", mutation=world.mutation(cursor=before))
    assert world.tree() == {"a": 1, "b": 1}


def test_paths_follow_the_tree_even_where_parents_come_after_children(world: World) -> None:
    world.put("옛/하/파일.txt", b"")
    folder = world.listing()[0]
    world.move(folder, "새")

    assert [f.file_name for f in world.listing()] == ["새/하", "새/하/파일.txt", "새"]


@pytest.mark.promise(14)
def test_paging_from_any_cursor_reaches_the_live_set_while_four_writers_write(
    tmp_path: Path,
) -> None:
    world = World(str(tmp_path / "data"))
    stop = threading.Event()
    mirrors = [_follow(world, stop) for _ in range(2)]
    writers = [threading.Thread(target=_write_at_random, args=(world, seed)) for seed in range(4)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    live = {file.id: file.version for file in world.listing(limit=1000)}

    assert live
    for mirror in mirrors:
        assert mirror() == live
    world.close()


def _write_at_random(world: World, seed: int) -> None:
    chance = random.Random(seed)
    caller = Caller("ann", world.caller.space_id, f"device-{seed}")
    mine: dict[str, tuple[str, int]] = {}
    for number in range(40):
        if mine and chance.random() < 0.4:
            name, (file_id, version) = mine.popitem()
            request = DeleteRequest(file_id, version)
            world.service.files.delete(caller, world.mutation(), request)
        else:
            name = f"{seed}-{number}"
            file = world.put(ParentPlace(None, name), b"", caller=caller)
            mine[name] = file.id, file.version


def _follow(world: World, stop: threading.Event):  # type: ignore[no-untyped-def]
    """A device in its own thread; the result joins it and gives its mirror at the end."""
    mirror: dict[str, int] = {}

    def follow() -> None:
        cursor, finished = None, False
        while not finished:
            finished = stop.is_set()
            more = True
            while more:
                page = world.service.feed.page(world.caller, cursor, PAGE)
                for file in page.files:
                    if file.deleted:
                        mirror.pop(file.id, None)
                    else:
                        mirror[file.id] = file.version
                cursor, more = page.cursor, page.has_more

    thread = threading.Thread(target=follow)
    thread.start()

    def result() -> dict[str, int]:
        thread.join()
        return mirror

    return result


def test_two_racing_uploads_never_exceed_the_quota(tmp_path: Path) -> None:
    world = World(str(tmp_path / "data"), quota_limit=10)
    refused: list[str] = []

    def upload(name: str) -> None:
        try:
            world.upload(name, b"1234")
        except ServiceError as error:
            refused.append(error.code)

    threads = [threading.Thread(target=upload, args=(f"f{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert refused == ["quotaExceeded"] * 6
    assert (world.used, len(world.tree())) == (8, 2)
    world.close()
