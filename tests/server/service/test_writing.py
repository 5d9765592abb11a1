"""Compare-and-swap, positions, idempotency: one node at a time."""

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from dreamsync.core.nodes import Kind
from dreamsync.server.service import Caller, Mutation, ServiceError
from dreamsync.server.service.errors import (
    Conflict,
    FeedBroken,
    Invalid,
    KeyReused,
    Mismatch,
    NotFound,
    QuotaExceeded,
    TooLarge,
)
from dreamsync.server.service.requests import (
    DeleteRequest,
    FolderRequest,
    MoveRequest,
    ParentPlace,
    PathPlace,
    RestoreRequest,
)
from tests.server.service.world import World, in_folder


def test_an_upload_by_path_makes_its_missing_parents(world: World) -> None:
    answer = world.upload("a/b/c.txt", b"hello")

    assert answer.status == 201
    assert answer.file.file_name == "a/b/c.txt"
    assert world.tree() == {"a": 1, "a/b": 1, "a/b/c.txt": 1}
    assert world.read(answer.file) == b"hello"


def test_new_content_is_the_next_version_with_everything_known_of_it(world: World) -> None:
    first = world.put("a.txt", b"one", executable=True)

    answer = world.upload("a.txt", b"two!", base=1, modified_ns=1_600_000_000_123_456_789)

    assert answer.status == 200
    assert answer.file.id == first.id
    assert answer.file.version == 2
    assert answer.file.file_size == 4
    assert answer.file.modified_ns == 1_600_000_000_123_456_789
    assert answer.file.executable is True
    assert answer.file.device_id == "laptop"


def test_the_same_bytes_again_make_no_version_and_no_commit(world: World) -> None:
    world.put("a.txt", b"one")
    before = world.cursor

    again = world.upload("a.txt", b"one", base=1)

    assert again.file.version == 1
    assert world.cursor == before


def test_an_empty_file_has_the_digest_of_nothing(world: World) -> None:
    file = world.put("empty")

    assert file.checksum == "d41d8cd98f00b204e9800998ecf8427e"
    assert file.digest is not None
    assert file.digest.startswith("e3b0c44298fc1c14")
    assert world.read(file) == b""


@pytest.mark.promise(13)
def test_a_stale_base_version_is_refused_with_the_current_node(world: World) -> None:
    world.put("a.txt", b"one")
    newest = world.put("a.txt", b"two", base=1)

    with pytest.raises(Conflict, match="stale") as caught:
        world.upload("a.txt", b"three", base=1)

    assert caught.value.current == newest
    assert world.read(newest) == b"two"


def test_a_name_in_use_is_refused_with_the_node_that_has_it(world: World) -> None:
    taken = world.put("a.txt", b"one")

    with pytest.raises(Conflict, match="nameTaken") as caught:
        world.upload("a.txt", b"two")

    assert caught.value.current == taken


def test_a_base_version_of_nothing_is_stale(world: World) -> None:
    with pytest.raises(Conflict, match="stale") as caught:
        world.upload("a.txt", b"one", base=3)

    assert caught.value.current is None


def test_an_upload_over_a_tombstone_revives_the_same_node(world: World) -> None:
    first = world.put("a.txt", b"one")
    gone = world.delete(first)

    by_id = world.upload(None, b"two", file_id=first.id, base=gone.version)

    assert by_id.status == 200
    assert by_id.file.id == first.id
    assert by_id.file.version == 3
    assert not by_id.file.deleted


def test_a_tombstone_is_revived_by_its_position_and_version_too(world: World) -> None:
    gone = world.delete(world.put("a.txt", b"one"))

    revived = world.put("a.txt", b"two", base=gone.version)

    assert revived.id == gone.id


def test_a_revived_node_goes_to_the_position_given(world: World) -> None:
    gone = world.delete(world.put("a.txt", b"one"))

    revived = world.put("new/b.txt", b"one", file_id=gone.id, base=gone.version)

    assert revived.file_name == "new/b.txt"
    assert world.tree() == {"new": 1, "new/b.txt": 3}


def test_a_revival_below_a_deleted_parent_is_refused(world: World) -> None:
    file = world.put("a/b.txt", b"one")
    gone = world.delete(file)
    world.delete(world.listing()[0])

    with pytest.raises(Conflict, match="parentDeleted"):
        world.upload(None, b"one", file_id=gone.id, base=gone.version)


def test_a_file_id_means_the_node_wherever_it_is_now(world: World) -> None:
    file = world.put("a.txt", b"one")
    moved = world.move(file, "b.txt")

    changed = world.put("a.txt", b"two", file_id=file.id, base=moved.version)

    assert changed.file_name == "b.txt"


@pytest.mark.parametrize(
    ("announced", "code"),
    [
        ({"checksum": "0" * 32}, "checksumMismatch"),
        ({"digest": "0" * 64}, "digestMismatch"),
        ({"file_size": 4}, "sizeMismatch"),
    ],
)
def test_bytes_other_than_announced_have_no_effect(
    world: World, announced: dict[str, Any], code: str
) -> None:
    before = world.cursor

    with pytest.raises(Mismatch, match=code):
        world.upload("a.txt", b"one", **announced)

    assert (world.tree(), world.cursor) == ({}, before)


def test_an_upload_above_one_block_is_too_large(world: World) -> None:
    piece = bytes(1024 * 1024)
    with world.service.files.receive(world.caller) as sink:
        for _ in range(8):
            sink.write(piece)
        with pytest.raises(TooLarge):
            sink.write(b"x")

    assert world.blob_files() == []


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "a/b", "a\0", "a\x1f", "\x7f", "x" * 256, "하" * 86, "\ud800"),
        *("\u1112\u1161", ".dreamsync", ".DreamSync", ".dream\u200dsync", "DREAMS~1"),
        ".dreamsync::$DATA",
    ],
)
def test_names_outside_the_contract_are_refused(world: World, name: str) -> None:
    with pytest.raises(Invalid, match="invalidName"):
        world.upload(ParentPlace(None, name), b"")


@pytest.mark.parametrize("name", ["a:b", "CON", "x" * 255, "하" * 85, "한글.txt", " ", "a\\b"])
def test_names_illegal_on_some_system_only_are_fine(world: World, name: str) -> None:
    assert world.put(ParentPlace(None, name)).name == name


def test_a_path_of_a_hundred_levels_is_the_deepest(world: World) -> None:
    world.upload("/".join(["d"] * 100), b"")

    with pytest.raises(Invalid, match="invalidName"):
        world.upload("/".join(["e"] * 101), b"")


def test_a_folder_does_not_move_where_its_children_would_be_too_deep(world: World) -> None:
    world.put("/".join(["d"] * 98), b"")
    folder = world.folder("top")
    world.put("top/file", b"")

    with pytest.raises(Invalid, match="invalidName"):
        world.move(folder, "/".join(["d"] * 97 + ["x", "y", "top"]))

    assert world.move(folder, "/".join(["d"] * 97 + ["top"])).version == 2


def test_a_file_among_the_parents_is_no_parent(world: World) -> None:
    world.put("a", b"")

    with pytest.raises(Conflict, match="parentDeleted"):
        world.upload("a/b", b"")


def test_a_moved_folder_is_one_change_and_its_children_keep_their_versions(world: World) -> None:
    world.put("a/x/f.txt", b"")
    folder = world.listing()[0]
    before = world.cursor

    world.move(folder, "b/c")

    assert world.tree() == {"b": 1, "b/c": 2, "b/c/x": 1, "b/c/x/f.txt": 1}
    assert [file.file_name for file in world.since(before)] == ["b", "b/c"]


def test_a_folder_cannot_move_into_itself(world: World) -> None:
    folder = world.folder("a")
    world.folder("a/b")

    with pytest.raises(Conflict, match="cycle"):
        world.move(folder, "a/b/c/a")
    with pytest.raises(Conflict, match="cycle"):
        world.move(folder, in_folder(folder, "a"))


def test_a_move_onto_another_name_is_refused(world: World) -> None:
    world.put("a", b"")
    taken = world.put("b", b"")

    with pytest.raises(Conflict, match="nameTaken") as caught:
        world.move(world.listing()[0], "b")

    assert caught.value.current == taken


def test_a_move_to_where_it_is_changes_nothing(world: World) -> None:
    file = world.put("a", b"")
    before = world.cursor

    assert world.move(file, "a") == file
    assert world.cursor == before


def test_a_name_may_change_in_case_only(world: World) -> None:
    assert world.move(world.put("readme", b""), "README").name == "README"


def test_the_executable_bit_is_a_change_of_its_own(world: World) -> None:
    file = world.put("run.sh", b"")
    request = MoveRequest(file.id, 1, executable=True)

    changed = world.service.files.move(world.caller, world.mutation(), request).file

    assert (changed.executable, changed.version) == (True, 2)


def test_only_an_empty_folder_is_deleted(world: World) -> None:
    file = world.put("a/b", b"")
    folder = world.listing()[0]

    with pytest.raises(Conflict, match="notEmpty"):
        world.delete(folder)

    world.delete(file)
    assert world.delete(folder).deleted


def test_a_confirmed_deletion_says_so_on_its_tombstone(world: World) -> None:
    gone = world.delete(world.put("a", b""), confirmed=True)

    assert gone.confirmed
    assert world.service.feed.file(world.caller, gone.id) == gone


def test_deleting_a_tombstone_at_its_version_is_done_already(world: World) -> None:
    gone = world.delete(world.put("a", b""))

    assert world.delete(gone) == gone
    with pytest.raises(Conflict, match="stale"):
        world.delete(dataclasses.replace(gone, version=1))


def test_an_existing_folder_is_name_taken_with_itself_as_current(world: World) -> None:
    folder = world.folder("a")

    with pytest.raises(Conflict, match="nameTaken") as caught:
        world.folder("a")

    assert caught.value.current == folder


def test_a_deleted_folder_comes_back_as_the_same_node(world: World) -> None:
    gone = world.delete(world.folder("a"))
    request = FolderRequest(None, gone.id, gone.version)

    back = world.service.files.make_folder(world.caller, world.mutation(), request).file

    assert (back.id, back.version, back.kind) == (gone.id, 3, Kind.FOLDER)


@pytest.mark.promise(13)
def test_the_same_key_and_request_give_the_same_answer_with_no_second_effect(
    world: World,
) -> None:
    mutation = world.mutation()
    first = world.upload("a", b"one", mutation=mutation)
    head = world.cursor
    world.put("a", b"two", base=1)

    assert world.upload("a", b"one", mutation=mutation) == first
    assert world.tree() == {"a": 2}
    assert head != world.cursor


def test_the_same_key_with_another_request_is_refused(world: World) -> None:
    mutation = world.mutation()
    world.upload("a", b"one", mutation=mutation)

    with pytest.raises(KeyReused):
        world.upload("b", b"one", mutation=mutation)
    with pytest.raises(KeyReused):
        world.upload("a", b"other", mutation=mutation)


def test_a_key_is_forgotten_after_seven_days(world: World) -> None:
    mutation = world.mutation()
    world.upload("a", b"one", mutation=mutation)
    world.clock.pass_days(7.1)
    world.service.care.purge()

    with pytest.raises(Conflict):
        world.upload("a", b"one", mutation=mutation)


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "with space", "줄바꿈열쇠입니다요"])
def test_a_key_outside_the_contract_is_refused(world: World, key: str) -> None:
    with pytest.raises(Invalid, match="invalidRequest"):
        world.upload("a", b"", mutation=Mutation(key))


def test_an_unknown_cursor_refuses_a_mutation_before_any_effect(world: World) -> None:
    with pytest.raises(FeedBroken, match="historyReplaced"):
        world.upload("a", b"", mutation=world.mutation(cursor="0.unknown"))
    with pytest.raises(Invalid, match="invalidCursor"):
        world.upload("a", b"", mutation=world.mutation(cursor="nonsense"))

    assert world.tree() == {}


def test_what_belongs_to_others_is_not_found_like_what_is_not_there(world: World) -> None:
    file = world.put("mine", b"secret")
    other = world.service.spaces.create("bob", "Bob's")
    bob = Caller("bob", other.space_id, "phone")
    files, mutation = world.service.files, world.mutation

    for file_id in (file.id, "no-such-node"):
        calls: list[Callable[[], object]] = [
            partial(world.service.feed.file, bob, file_id),
            partial(world.service.contents.describe, bob, file_id),
            partial(world.service.contents.blocks, bob, file_id),
            partial(world.service.versions.of, bob, file_id),
            partial(files.delete, bob, mutation(), DeleteRequest(file_id, 1)),
            partial(files.move, bob, mutation(), MoveRequest(file_id, 1, PathPlace("x"))),
            partial(files.restore, bob, mutation(), RestoreRequest(file_id, 1, 1)),
            partial(world.upload, None, b"", caller=bob, file_id=file_id, base=1),
        ]
        for call in calls:
            with pytest.raises(NotFound) as caught:
                call()
            assert caught.value.detail == NotFound().detail
    with pytest.raises(NotFound):
        world.service.spaces.resolve("bob", world.caller.space_id)


def test_the_quota_is_the_limit_of_everything_kept(world: World) -> None:
    world.service.spaces.set_quota(world.caller.space_id, 10)
    file = world.put("a", b"12345")
    world.put("a", b"54321", base=1)

    with pytest.raises(QuotaExceeded):
        world.upload("b", b"1")

    assert world.used == 10
    assert world.tree() == {"a": 2}
    world.upload("empty", b"")
    assert world.read(file, version=1) == b"12345"


def test_an_upload_without_any_position_is_refused(world: World) -> None:
    with pytest.raises(ServiceError, match="invalidRequest"):
        world.upload(None, b"")
    file = world.put("a", b"")
    with pytest.raises(ServiceError, match="invalidRequest"):
        world.service.files.make_folder(
            world.caller, world.mutation(), FolderRequest(None, file.id, 1)
        )


def test_listeners_hear_of_each_commit_until_they_leave(world: World) -> None:
    heard: list[tuple[str, str]] = []
    leave = world.service.commits.subscribe(lambda space, cursor: heard.append((space, cursor)))

    world.put("a", b"one")
    world.put("a", b"one", base=1)
    leave_at = world.cursor
    leave()
    world.put("b", b"")

    assert heard == [(world.caller.space_id, leave_at)]


def test_an_upload_is_there_after_the_server_starts_again(world: World) -> None:
    file = world.put("a", b"kept", modified_ns=5)
    world.reopen()

    assert world.listing() == [file]
    assert world.read(file) == b"kept"
