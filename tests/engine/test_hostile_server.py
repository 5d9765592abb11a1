"""A server that sends what no honest server does: nothing of it lands, and the rest goes on."""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from dreamsync.core.nodes import Kind
from dreamsync.core.status import Reason
from dreamsync.engine.status import engine_status
from dreamsync.remotes.delegating import DelegatingRemote
from dreamsync.remotes.protocol import Page, Remote
from dreamsync.wire.sync_file import SyncFile
from tests.support.counting_remote import CountingRemote
from tests.support.devices import Device, World
from tests.support.hostile_names import ESCAPED, HARMLESS, REFUSED
from tests.support.snapshots import snapshot

pytestmark = pytest.mark.security(1)


@dataclass
class HostileRemote(DelegatingRemote):
    """Tells of `extra` items with each page that tells of anything."""

    wrapped: Remote
    extra: list[SyncFile] = field(default_factory=list)

    @property
    def inner(self) -> Remote:
        return self.wrapped

    def changes(self, since: str | None, *, limit: int = 1000) -> Page:
        page = self.wrapped.changes(since, limit=limit)
        return replace(page, files=(*self.extra, *page.files)) if page.files else page


@pytest.fixture
def hostile(world: World) -> HostileRemote:
    return HostileRemote(world.device("victim").remote)


@pytest.fixture
def victim(world: World, hostile: HostileRemote) -> Device:
    """A device of the world to which the server lies."""
    device = world.devices["victim"] = Device(
        "victim", world.folder / "victim", CountingRemote(hostile), world.clock
    )
    return device


def item(
    name: str, *, kind: Kind = Kind.FILE, key: str = "evil", parent: str | None = None
) -> SyncFile:
    return SyncFile(
        id=key,
        name=name,
        file_name=name,
        kind=kind,
        version=1,
        parent_id=parent,
        file_size=0,
        digest="e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    )


def everything_below(folder: Path) -> set[str]:
    return {os.path.relpath(path, folder) for path in folder.rglob("*")}


@pytest.mark.promise(20)
@pytest.mark.parametrize(
    "name",
    [
        "..",
        ".",
        "",
        "../x",
        "../../x",
        "/absolute",
        "a/b",
        "nul\0byte",
        "line\nbreak",
        "escape\x1b[2J",
        "\ud800",
        "e\u0301 decomposed",
        "x" * 256,
        ".dreamsync",
        ".DREAMSYNC",
        ".dreamsync.",
        ".dream\u200csync",
        "DREAMS~1",
    ],
)
@pytest.mark.parametrize("kind", Kind)
def test_a_name_that_is_not_allowed_lands_nowhere(
    world: World, victim: Device, hostile: HostileRemote, name: str, kind: Kind
) -> None:
    honest = world.device("honest")
    honest.write("good.txt", "good")
    honest.sync()
    ours_before = everything_below(victim.root)
    hostile.extra = [item(name, kind=kind), item("below.txt", key="child", parent="evil")]

    victim.sync()

    assert victim.tree() == {"good.txt": "good"}
    assert everything_below(victim.root) - ours_before <= {"good.txt"}
    assert set(os.listdir(world.folder)) == {"victim", "honest"}
    problems = engine_status(victim.context, victim.engine).problems
    assert [problem.reason for problem in problems] == [Reason.HOSTILE_NAME]
    assert problems[0].path.isprintable()


@pytest.mark.parametrize("kind", Kind)
def test_a_whole_feed_of_hostile_names_changes_nothing_outside_the_folder(
    world: World, victim: Device, hostile: HostileRemote, kind: Kind
) -> None:
    honest = world.device("honest")
    for name in HARMLESS:
        honest.write(f"folder/{name}", "harmless")
    honest.sync()
    live = world.live_paths()
    (world.folder / ESCAPED).write_text("outside")
    outside = snapshot(world.folder, leaving_out=victim.root)
    marker = (victim.root / ".dreamsync/root.json").read_bytes()
    hostile.extra = [
        each
        for number, name in enumerate(REFUSED)
        for each in (
            item(name, kind=kind, key=f"evil {number}"),
            item(ESCAPED, key=f"child {number}", parent=f"evil {number}"),
        )
    ]

    victim.sync()

    landed = victim.tree()
    assert (len(landed), set(landed.values())) == (len(HARMLESS) + 1, {None, "harmless"})
    assert world.live_paths() == live
    assert snapshot(world.folder, leaving_out=victim.root) == outside
    assert (victim.root / ".dreamsync/root.json").read_bytes() == marker
    assert set(os.listdir(victim.root / ".dreamsync")) <= {"root.json", "staging", "trash"}
    problems = engine_status(victim.context, victim.engine).problems
    assert {problem.reason for problem in problems} == {Reason.HOSTILE_NAME}


@pytest.mark.parametrize("name", ["C:", "C:x", "c:\\x", "CON", "nul.txt", "a:stream", "trailing. "])
def test_a_name_that_only_windows_cannot_hold_is_an_ordinary_one_here(
    world: World, victim: Device, hostile: HostileRemote, name: str
) -> None:
    world.device("honest").write(name, "fine")

    world.settle()

    assert victim.tree() == {name: "fine"}


def test_folders_that_lie_in_each_other_are_left_alone(
    world: World, victim: Device, hostile: HostileRemote
) -> None:
    world.device("honest").write("good.txt", "good")
    hostile.extra = [
        item("one", kind=Kind.FOLDER, key="one", parent="two"),
        item("two", kind=Kind.FOLDER, key="two", parent="one"),
        item("self", kind=Kind.FOLDER, key="self", parent="self"),
        item("inside.txt", key="inside", parent="one"),
    ]

    world.settle()

    assert victim.tree() == {"good.txt": "good"}


def test_an_item_in_a_file_or_in_nothing_is_left_alone(
    world: World, victim: Device, hostile: HostileRemote
) -> None:
    world.device("honest").write("good.txt", "good")
    hostile.extra = [
        item("a file", key="file"),
        item("in a file.txt", key="one", parent="file"),
        item("in nothing.txt", key="two", parent="never told of"),
    ]

    world.settle()

    assert victim.tree()["good.txt"] == "good"
    assert not any("in " in path for path in victim.tree())


@pytest.mark.promise(20)
def test_a_link_in_the_way_is_never_followed(world: World, victim: Device) -> None:
    outside = world.folder / "outside"
    outside.mkdir()
    honest = world.device("honest")
    honest.write("folder/note.txt", "one")
    world.settle()

    (victim.root / "folder/note.txt").unlink()
    (victim.root / "folder").rmdir()
    (victim.root / "folder").symlink_to(outside)
    honest.write("folder/new.txt", "new")
    honest.sync()
    victim.sync()

    assert list(outside.iterdir()) == []
