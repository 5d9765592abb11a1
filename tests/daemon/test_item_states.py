"""How single items stand, as file managers ask for it: the real engine on a real folder."""

import os
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from dreamsync.core.nodes import NodeKey
from dreamsync.core.status import ItemState, Problem, Reason
from dreamsync.daemon.item_states import ItemStates
from dreamsync.journal.told import NodeProblem
from tests.support.devices import Device, World

_FOLDERS = ["", "a", "a/b"]


@pytest.fixture
def device(tmp_path: Path) -> Device:
    """In sync, with two files."""
    one = World(tmp_path).device("desk")
    one.write("a/b/deep.txt", "1")
    one.write("top.txt", "2")
    one.sync()
    return one


def states(device: Device, *paths: str) -> list[ItemState]:
    return list(ItemStates(device.context).of_paths(paths, device.engine.observer.rules))


def node_of(device: Device, name: str) -> NodeKey:
    ((node, _entry),) = device.journal.trees.local_by_name(name)
    return node


def note_problem(device: Device, name: str) -> None:
    problem = Problem("a/b/" + name, Reason.NOT_PERMITTED, "Permission denied.", "", 0)
    with device.journal.transaction():
        device.journal.problems.put(NodeProblem(node_of(device, name), problem, 1, 0))


def test_folders_stand_as_the_worst_of_what_is_in_them(device: Device) -> None:
    everything = [*_FOLDERS, "a/b/deep.txt", "top.txt"]
    assert states(device, *everything) == [ItemState.SYNCED] * 5
    with device.journal.transaction():
        device.journal.trees.mark_dirty(node_of(device, "deep.txt"))

    assert states(device, *everything) == [ItemState.PENDING] * 4 + [ItemState.SYNCED]
    note_problem(device, "deep.txt")
    assert states(device, *everything) == [ItemState.PROBLEM] * 4 + [ItemState.SYNCED]


def test_a_file_that_waits_for_its_download_is_in_a_folder_that_is_pending(tmp_path: Path) -> None:
    world = World(tmp_path)
    here, there = world.device("here"), world.device("there")
    here.write("a/old.txt", "1")
    world.settle()
    there.write("a/new.txt", "2")
    there.sync()
    with here.journal.transaction():
        entry = there.journal.trees.remote(node_of(there, "new.txt"))
        assert entry is not None
        node = here.journal.trees.new_node()
        here.journal.trees.identify(node, entry.remote_id)
        here.journal.trees.put_remote(node, replace(entry, parent=node_of(here, "a")))

    assert states(here, "a", "a/old.txt") == [ItemState.PENDING, ItemState.SYNCED]


def test_what_is_left_out_is_ignored_and_what_is_new_is_pending(device: Device) -> None:
    device.write(".dreamsyncignore", "*.iso\nbuild/\n")
    device.write("big.iso", "x")
    device.write("build/out.o", "x")
    os.symlink("top.txt", device.root / "link")
    device.sync()
    device.write("unseen.txt", "x")

    assert states(device, "big.iso", "build", "build/out.o", "link") == [ItemState.IGNORED] * 4
    assert states(device, "unseen.txt") == [ItemState.PENDING]
    assert states(device, ".dreamsyncignore", "") == [ItemState.SYNCED] * 2


def test_names_are_those_on_the_disk(device: Device) -> None:
    composed, decomposed = "한글.txt", unicodedata.normalize("NFD", "한글.txt")
    device.write(composed, "composed")
    device.write(decomposed, "decomposed")
    device.sync()
    assert states(device, composed, decomposed) == [ItemState.SYNCED] * 2
    (twin,) = (
        node
        for node, entry in device.journal.trees.local_children(NodeKey(1)).values()
        if entry.disk_name == decomposed
    )
    with device.journal.transaction():
        device.journal.trees.mark_dirty(twin)

    assert states(device, composed, decomposed) == [ItemState.SYNCED, ItemState.PENDING]
    assert states(device, "no such folder/x", "\udcff") == [ItemState.PENDING, ItemState.IGNORED]


def test_a_held_deletion_shows_in_the_folder_it_waits_in(tmp_path: Path) -> None:
    device = World(tmp_path).device("desk")
    for number in range(60):
        device.write(f"many/{number}.txt", f"{number}")
    device.write("other/1.txt", "x")
    device.sync()
    for number in range(50):
        (device.root / f"many/{number}.txt").unlink()
    device.sync()

    assert states(device, "many", "many/59.txt", "other") == [
        ItemState.HELD,
        ItemState.SYNCED,
        ItemState.SYNCED,
    ]
