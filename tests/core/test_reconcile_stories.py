"""The planner's table and its hard cases as stories: three trees in, one tree out.

`after` settles the trees with a model server and answers what both sides then hold.
"""

from dataclasses import replace

import pytest

from dreamsync.core.decisions import Policy
from dreamsync.core.nodes import Kind, Side
from dreamsync.core.operations import (
    CreateRemoteFolder,
    DeleteRemote,
    Detach,
    Download,
    MoveLocal,
    MoveRemote,
    Operation,
    Pair,
    ReadContent,
    SetAside,
    SetLocalExecutable,
    SetRemoteExecutable,
    TrashLocal,
    Upload,
)
from dreamsync.core.reconcile import reconcile
from tests.support.model import Device, device_of
from tests.support.trees import describe, make_trees

BYTES = (Upload, Download, SetAside)
BUILD_IGNORED = Policy("laptop", ignores=lambda path, _kind: path.split("/")[-1] == "build")
PLAIN = Policy("laptop", moves_remotely=False)


def settled(
    base: str = "",
    local: str | None = None,
    remote: str | None = None,
    policy: Policy | None = None,
) -> Device:
    return device_of(make_trees(base, local, remote), policy).settle()


def after(device: Device) -> str:
    """What both sides hold, conflict copies with their moment left out."""
    here, there = (describe(device.trees, side) for side in (Side.LOCAL, Side.REMOTE))
    assert here == there
    return here


def did(device: Device, *kinds: type) -> list[Operation]:
    return [operation for operation in device.done if isinstance(operation, kinds)]


TABLE = [
    # base, local, remote, after, the operation that does it
    ("f:1", "f:1", "f:1", "f:1", None),
    ("f:1", "f:1", "f:2", "f:2", Download),
    ("f:1", "f:1", "", "", TrashLocal),
    ("f:1", "f:2", "f:1", "f:2", Upload),
    ("f:1", "f:2", "f:2", "f:2", None),
    ("f:1", "f:2", "", "f:2", Upload),
    ("f:1", "", "f:1", "", DeleteRemote),
    ("f:1", "", "f:2", "f:2", Download),
    ("f:1", "", "", "", None),
    ("", "f:1", "", "f:1", Upload),
    ("", "", "f:1", "f:1", Download),
    ("", "f#mine:1", "f#theirs:1", "f:1", None),
    ("d/", "", "d/", "", DeleteRemote),
    ("d/", "d/", "", "", TrashLocal),
    ("d/", "", "", "", None),
    ("", "d/", "", "d/", CreateRemoteFolder),
    ("", "d/#mine", "d/#theirs", "d/", None),
]


@pytest.mark.promise(2, 7)
@pytest.mark.parametrize(("base", "local", "remote", "wanted", "effect"), TABLE)
def test_each_cell_of_the_table(
    base: str, local: str, remote: str, wanted: str, effect: type | None
) -> None:
    device = settled(base, local, remote)

    effects = did(device, *BYTES, TrashLocal, DeleteRemote, CreateRemoteFolder)
    assert after(device) == wanted
    assert [type(done) for done in effects] == ([effect] if effect else [])


@pytest.mark.promise(1)
def test_two_edits_leave_the_servers_under_the_name_and_ours_as_a_copy() -> None:
    device = settled("f.txt:1", "f.txt:2", "f.txt:3")

    copy, original = after(device).rsplit(" f.txt:3", 1)[0], "f.txt:3"
    assert copy.startswith("f (conflict laptop ")
    assert copy.endswith(".txt:2")
    assert original in after(device)


MERGED = [
    ("rename here, edit there", "a:1", "b#a:1", "a:2", "b:2"),
    ("edit here, rename there", "a:1", "a:2", "b#a:1", "b:2"),
    ("both moved it: the server's place stands", "a:1", "b#a:1", "c#a:1", "c:1"),
    ("both moved it to one place", "a:1", "b#a:1", "b#a:1", "b:1"),
    ("a survivor recreates its parents there", "d/e/f:1", "d/e/f:2", "", "d/ d/e/ d/e/f:2"),
    ("a survivor recreates its parents here", "d/e/f:1", "", "d/e/f:2", "d/ d/e/ d/e/f:2"),
    ("only what was edited survives", "d/f:1 d/g:1", "d/f:2 d/g:1", "", "d/ d/f:2"),
    ("created in a folder deleted there", "d/", "d/ d/n:1", "", "d/ d/n:1"),
    ("created in a folder deleted here", "d/", "", "d/ d/n:1", "d/ d/n:1"),
    ("moved into a folder deleted there", "d/ a:1", "d/ d/a#a:1", "a:1", "d/ d/a:1"),
    ("moved out of a folder deleted there", "d/a:1", "d/ a#d/a:1", "d/a:1", "a:1 d/"),
    ("swap of files here", "a:1 b:2", "b#a:1 a#b:2", None, "a:2 b:1"),
    ("swap of files there", "a:1 b:2", None, "b#a:1 a#b:2", "a:2 b:1"),
    ("ring of names", "a:1 b:2 c:3", "b#a:1 c#b:2 a#c:3", None, "a:3 b:1 c:2"),
    ("swap of folders", "a/x:1 b/y:2", "b/#a b/x#a/x:1 a/#b a/y#b/y:2", None, "a/ a/y:2 b/ b/x:1"),
    ("folder and its parent swap names", "a/b/", "a/#a/b a/b/#a", None, "a/ a/b/"),
    ("the same there", "a/b/", None, "a/#a/b a/b/#a", "a/ a/b/"),
    ("a file goes into a new folder of its name", "x:1", "x/#new x/x#x:1", None, "x/ x/x:1"),
    ("the same there", "x:1", None, "x/#new x/x#x:1", "x/ x/x:1"),
    ("file becomes folder here", "x:1", "x/#new x/y:2", None, "x/ x/y:2"),
    ("folder becomes file there", "x/y:1", None, "x#new:2", "x:2"),
    ("a move cycle: the server's stands", "a/ b/", "b/ b/a/#a", "a/ a/b/#b", "a/ a/b/"),
    ("folders of one name merge", "", "d/#mine d/x:1", "d/#theirs d/y:2", "d/ d/x:1 d/y:2"),
    (
        "a renamed folder merges into a new one there",
        "o/x:1",
        "d/#o d/x#o/x:1",
        "o/x:1 d/#new d/y:2",
        "d/ d/x:1 d/y:2",
    ),
    ("folder deleted and made anew", "d/x:1", "d/#new d/y:2", None, "d/ d/y:2"),
    ("what is in a deleted folder gets its name", "a/ b:1", "a/ a/a#b:1", "a#b:1", "a:1"),
    ("deleted here, moved there", "a:1", "", "b#a:1", ""),
]


@pytest.mark.fault("move and change")
@pytest.mark.parametrize(
    ("base", "local", "remote", "wanted"),
    [pytest.param(*story[1:], id=f"{number} {story[0]}") for number, story in enumerate(MERGED)],
)
def test_both_sides_changes_merge(
    base: str, local: str | None, remote: str | None, wanted: str
) -> None:
    assert after(settled(base, local, remote)) == wanted


@pytest.mark.promise(16)
@pytest.mark.parametrize("story", [s for s in MERGED if "swap" in s[0] or "ring" in s[0]])
def test_moves_send_no_bytes(story: tuple[str, str, str, str]) -> None:
    assert not did(settled(story[1], story[2], story[3]), *BYTES)


@pytest.mark.promise(16)
@pytest.mark.fault("move and move")
def test_what_hangs_below_a_cycle_of_moves_makes_no_second_cycle() -> None:
    device = settled("u/v/ c/", "c/ c/v/#u/v c/v/u/#u", "u/ u/v/ u/v/c/#c")

    assert after(device) == "u/ u/v/ u/v/c/"


def test_a_merely_touched_file_does_not_bring_a_deleted_folder_back() -> None:
    device = settled("d/f:1", "d/f:?1~", "")

    assert after(device) == ""
    assert not did(device, CreateRemoteFolder)


@pytest.mark.fault("safe-save")
def test_a_file_deleted_and_made_anew_is_an_edit_of_the_same_node() -> None:
    device = settled("f:1", "f#new:2", None)

    assert after(device) == "f:2"
    assert not did(device, DeleteRemote)
    assert device.server.nodes.keys() == {"id-2"}


def test_unread_content_is_read_once_where_it_decides() -> None:
    device = settled("", "f#mine:?1", "f#theirs:1")

    assert after(device) == "f:1"
    assert len(did(device, ReadContent)) == 1
    assert not did(device, *BYTES)


def test_reading_one_file_does_not_hold_up_the_others() -> None:
    trees = make_trees("", "f#mine:?1 other:2", "f#theirs:1")

    plan = reconcile(trees, trees.nodes(), Policy("laptop"))

    assert {type(operation) for operation in plan.operations} == {ReadContent, Upload}


def test_a_new_file_under_a_name_taken_on_the_server_steps_aside() -> None:
    device = settled("", "f.txt#mine:1", "f.txt#theirs:22")

    assert "f.txt:22" in after(device)
    assert "f (conflict laptop " in after(device)


@pytest.mark.promise(7)
def test_an_identical_conflict_copy_on_the_server_is_adopted() -> None:
    name = next(
        operation.place.name
        for operation in settled("f:1", "f:2", "f:3").done
        if isinstance(operation, SetAside)
    )
    trees = make_trees("f:1", "f:2", "f:3 copy:2")
    copy = trees.labels["copy"]
    trees.remotes[copy] = replace(trees.remotes[copy], name=name)
    device = device_of(trees).settle()

    assert after(device) == f"{name}:2 f:3"
    assert not did(device, Upload)


IGNORED_MOVES = [
    ("a file", "a:1", None, "build#a:1", ""),
    ("an edited file comes back", "a:1", "a:2", "build#a:1", "a:2"),
    ("a folder with all in it", "d/x:1", None, "build/#d build/x#d/x:1", ""),
    (
        "a folder with an edited file comes back",
        "d/x:1",
        "d/x:2",
        "build/#d build/x#d/x:1",
        "d/ d/x:2",
    ),
]


@pytest.mark.parametrize(
    ("base", "local", "remote", "wanted"), [story[1:] for story in IGNORED_MOVES]
)
def test_moved_on_the_server_to_a_name_ignored_here(
    base: str, local: str | None, remote: str, wanted: str
) -> None:
    device = settled(base, local, remote, BUILD_IGNORED)

    assert describe(device.trees, Side.LOCAL) == wanted
    assert not did(device, DeleteRemote)


@pytest.mark.promise(1)
def test_a_change_of_the_ignore_rules_deletes_nothing() -> None:
    device = settled("build/x:1", policy=BUILD_IGNORED)

    assert not did(device, TrashLocal, DeleteRemote)


def test_what_is_newly_ignored_and_gone_from_view_only_loses_its_base() -> None:
    device = settled("build:1", "", None, BUILD_IGNORED)

    assert not did(device, DeleteRemote)
    assert not device.trees.bases


def test_a_folder_deleted_here_stays_while_the_server_has_ignored_files_in_it() -> None:
    device = settled("d/", "", "d/ d/build:1", BUILD_IGNORED)

    assert describe(device.trees, Side.REMOTE) == "d/ d/build:1"
    assert describe(device.trees, Side.LOCAL) == "d/"


def test_a_plain_server_gets_a_new_file_and_a_deletion_for_a_move() -> None:
    device = settled("d/x:1 y:2", "e/#d e/x#d/x:1 y:2", None, PLAIN)

    assert after(device) == "e/ e/x:1 y:2"
    assert did(device, Detach)
    assert not did(device, MoveRemote)


def test_a_plain_server_gets_an_edited_file_back_out_of_an_ignored_name_as_a_new_one() -> None:
    policy = replace(BUILD_IGNORED, moves_remotely=False)

    device = settled("a:1", "a:2", "build#a:1", policy)

    assert describe(device.trees, Side.LOCAL) == "a:2"
    assert describe(device.trees, Side.REMOTE) == "a:2 build:1"
    assert not did(device, MoveRemote, DeleteRemote)


def test_a_name_that_a_busy_node_may_be_leaving_is_waited_for() -> None:
    trees = make_trees("thing/#d", "thing#new:2", "thing/#d")

    plan = reconcile(trees, trees.nodes(), Policy("laptop"), busy={trees.labels["d"]})

    assert plan.operations == ()
    assert plan.blocked == (trees.labels["new"],)


def test_a_deleted_folder_waits_for_what_is_in_flight_in_it() -> None:
    trees = make_trees("d/f:1 g:1", "", None)
    busy = {trees.labels["d/f"]}

    plan = reconcile(trees, trees.nodes(), Policy("laptop"), busy=busy)

    assert plan.operations == ()
    assert plan.blocked == (trees.labels["d"],)
    assert [each.node for each in plan.deletions] == [trees.labels["g"]]


def test_a_folder_deleted_there_is_not_made_again_for_a_file_that_is_still_being_fetched() -> None:
    trees = make_trees("d/f:1", None, "")

    plan = reconcile(trees, trees.nodes(), Policy("laptop"), busy={trees.labels["d/f"]})

    assert plan.operations == plan.deletions == ()
    assert plan.blocked == (trees.labels["d"],)


def test_nothing_is_sent_into_a_folder_that_is_still_being_made() -> None:
    trees = make_trees("", "d/ d/f:1", "")

    plan = reconcile(trees, trees.nodes(), Policy("laptop"), busy={trees.labels["d"]})

    assert plan.operations == ()
    assert plan.blocked == (trees.labels["d/f"],)


def test_a_folder_is_deleted_only_with_all_that_is_in_it() -> None:
    trees = make_trees("d/f:1", "", None)

    plan = reconcile(trees, [trees.labels["d"]], Policy("laptop"))

    assert plan.deletions == ()
    assert plan.blocked == (trees.labels["d"],)


@pytest.mark.promise(2)
def test_deletions_come_deepest_first() -> None:
    trees = make_trees("d/e/f:1", "", None)

    plan = reconcile(trees, trees.nodes(), Policy("laptop"))

    assert [each.kind for each in plan.deletions] == [Kind.FILE, Kind.FOLDER, Kind.FOLDER]


EXECUTABLES = [
    ("set here", "f:1-x", "f:1+x", "f:1-x", SetRemoteExecutable),
    ("set there", "f:1-x", "f:1-x", "f:1+x", SetLocalExecutable),
    ("unknown here: not echoed", "f:1+x", "f:1", "f:1+x", None),
    ("unknown there", "f:1", "f:1+x", "f:1", None),
    ("set on both", "f:1-x", "f:1+x", "f:1+x", None),
]


@pytest.mark.parametrize(
    ("base", "local", "remote", "effect"), [story[1:] for story in EXECUTABLES]
)
def test_the_executable_bit(base: str, local: str, remote: str, effect: type | None) -> None:
    device = settled(base, local, remote)

    effects = did(device, SetLocalExecutable, SetRemoteExecutable, *BYTES)
    assert [type(done) for done in effects] == ([effect] if effect else [])


def test_pairing_prefers_the_servers_key() -> None:
    device = settled("", "d/#mine d/x#mine-x:1", "d/#theirs d/x#theirs-x:1")

    assert len(did(device, Pair)) == 2
    assert not did(device, *BYTES, MoveLocal, MoveRemote)
