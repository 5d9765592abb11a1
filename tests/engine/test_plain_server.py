"""Two devices against a server that has only the first rows of the contract."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dreamsync.remotes.memory import MemoryRemote
from dreamsync.remotes.rest import Connection, RestRemote
from dreamsync.remotes.rest.session import login
from tests.remotes.token_stores import MemoryTokenStore
from tests.support.counting_remote import CountingRemote
from tests.support.devices import Device, World
from tests.support.plain_server import EMAIL, PASSWORD, PlainServer, running_plain_server


@pytest.fixture
def server() -> Iterator[PlainServer]:
    with running_plain_server() as running:
        yield running


@pytest.fixture
def plain(tmp_path: Path, server: PlainServer) -> Iterator[World]:
    """A world whose devices `a` and `b` speak to the plain server."""
    world = World(tmp_path)
    for name in ("a", "b"):
        remote = CountingRemote(remote_of(server, name))
        world.devices[name] = Device(name, tmp_path / name, remote, world.clock)
    yield world
    for device in world.devices.values():
        device.remote.close()


def remote_of(server: PlainServer, name: str) -> RestRemote:
    connection = Connection(server.url)
    signed = login(connection, email=EMAIL, password=PASSWORD, device_id=name, device_name=name)
    return RestRemote(connection, MemoryTokenStore(signed.tokens), device_id=name)


def live(server: PlainServer) -> dict[str, str]:
    """Path to text of what the server has."""
    return {
        str(row["fileName"]): server.contents[str(row["id"])].decode()
        for row in server.rows.values()
        if row["deletedAt"] is None
    }


def test_files_and_their_folders_cross(plain: World, server: PlainServer) -> None:
    a, b = plain.device("a"), plain.device("b")
    a.write("top.txt", "of a")
    b.write("folder/below/deep.txt", "of b")

    plain.settle()

    assert (
        a.tree()
        == b.tree()
        == {
            "folder": None,
            "folder/below": None,
            "folder/below/deep.txt": "of b",
            "top.txt": "of a",
        }
    )
    assert live(server) == {"top.txt": "of a", "folder/below/deep.txt": "of b"}


def test_a_time_that_the_server_does_not_tell_is_not_1970(plain: World) -> None:
    plain.device("a").write("note.txt", "one")

    plain.settle()

    assert (plain.device("b").root / "note.txt").stat().st_mtime > 1_600_000_000


def test_an_edit_and_a_deletion_arrive(plain: World, server: PlainServer) -> None:
    a, b = plain.device("a"), plain.device("b")
    for name in ("edited", "deleted", "stays"):
        a.write(f"{name}.txt", name)
    plain.settle()

    b.write("edited.txt", "edited on b")
    (b.root / "deleted.txt").unlink()
    plain.settle()

    assert a.tree() == b.tree() == {"edited.txt": "edited on b", "stays.txt": "stays"}
    assert live(server) == {"edited.txt": "edited on b", "stays.txt": "stays"}


def rename_file(root: Path) -> None:
    (root / "folder/one.txt").rename(root / "folder/other.txt")


def rename_folder(root: Path) -> None:
    (root / "folder").rename(root / "other folder")


def move_into_another_folder(root: Path) -> None:
    (root / "target").mkdir()
    (root / "folder").rename(root / "target/folder")


def empty_folder(root: Path) -> None:
    (root / "folder/one.txt").unlink()
    (root / "folder/below/two.txt").unlink()
    (root / "folder/below").rmdir()
    (root / "folder").rmdir()


def folder_becomes_file(root: Path) -> None:
    empty_folder(root)
    (root / "folder").write_text("a file now")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (rename_file, ["folder/below/two.txt", "folder/other.txt"]),
        (rename_folder, ["other folder/below/two.txt", "other folder/one.txt"]),
        (move_into_another_folder, ["target/folder/below/two.txt", "target/folder/one.txt"]),
        (empty_folder, []),
        (folder_becomes_file, ["folder"]),
    ],
)
def test_changes_of_folders_leave_nothing_behind(
    plain: World, server: PlainServer, change: Callable[[Path], None], expected: list[str]
) -> None:
    a, b = plain.device("a"), plain.device("b")
    a.write("folder/one.txt", "one")
    a.write("folder/below/two.txt", "two")
    for number in range(4):
        a.write(f"stays {number}.txt", "stays")
    plain.settle()

    change(a.root)
    plain.settle()

    assert a.tree() == b.tree()
    assert sorted(path for path in live(server) if not path.startswith("stays")) == expected
    folders = {str(folder) for path in expected for folder in Path(path).parents} - {"."}
    assert {path for path, text in b.tree().items() if text is None} == folders


def test_an_empty_folder_stays_where_it_was_made(plain: World) -> None:
    a, b = plain.device("a"), plain.device("b")
    (a.root / "empty").mkdir()
    a.write("emptied/one.txt", "one")
    a.write("stays.txt", "stays")
    plain.settle()

    (a.root / "emptied/one.txt").unlink()
    plain.settle()

    assert a.tree() == {"empty": None, "emptied": None, "stays.txt": "stays"}
    assert b.tree() == {"stays.txt": "stays"}


def test_a_file_made_in_a_folder_that_goes_elsewhere_keeps_it(plain: World) -> None:
    a, b = plain.device("a"), plain.device("b")
    a.write("folder/one.txt", "one")
    for number in range(4):
        a.write(f"stays {number}.txt", "stays")
    plain.settle()

    (a.root / "folder/one.txt").unlink()
    (a.root / "folder").rmdir()
    b.write("folder/two.txt", "two")
    plain.settle()

    assert a.tree() == b.tree()
    assert a.tree()["folder/two.txt"] == "two"
    assert "folder/one.txt" not in a.tree()


def test_two_edits_make_one_conflict_copy(plain: World, server: PlainServer) -> None:
    a, b = plain.device("a"), plain.device("b")
    a.write("note.txt", "one")
    plain.settle()

    a.write("note.txt", "from a", mtime=1_600_000_000)
    b.write("note.txt", "from b, too", mtime=1_600_000_001)
    plain.settle()

    assert (
        a.tree()
        == b.tree()
        == live(server)
        == {
            "note.txt": "from a",
            "note (conflict b 2020-09-13 122641).txt": "from b, too",
        }
    )


@pytest.mark.promise(2)
def test_an_edit_beats_a_deletion(plain: World) -> None:
    a, b = plain.device("a"), plain.device("b")
    for name in ("edited", "stays", "stays too"):
        a.write(f"{name}.txt", name)
    plain.settle()

    (a.root / "edited.txt").unlink()
    a.sync()
    b.write("edited.txt", "edited after all")
    plain.settle()

    assert a.tree() == b.tree()
    assert b.tree()["edited.txt"] == "edited after all"


@pytest.mark.fault("case")
def test_a_case_only_rename_arrives(plain: World) -> None:
    a, b = plain.device("a"), plain.device("b")
    a.write("note.txt", "one")
    a.write("stays.txt", "stays")
    plain.settle()

    (a.root / "note.txt").rename(a.root / "Note.txt")
    plain.settle()

    assert a.tree() == b.tree() == {"Note.txt": "one", "stays.txt": "stays"}


def test_swapped_names_arrive(plain: World) -> None:
    a, b = plain.device("a"), plain.device("b")
    a.write("one.txt", "1")
    a.write("two.txt", "2 2")
    plain.settle()

    (a.root / "one.txt").rename(a.root / "three.txt")
    (a.root / "two.txt").rename(a.root / "one.txt")
    (a.root / "three.txt").rename(a.root / "two.txt")
    plain.settle()

    assert a.tree() == b.tree() == {"one.txt": "2 2", "two.txt": "1"}


@pytest.mark.promise(5)
def test_at_rest_nothing_is_sent_or_written(plain: World, server: PlainServer) -> None:
    a, b = plain.device("a"), plain.device("b")
    a.write("folder/note.txt", "one")
    (b.root / "empty").mkdir()
    plain.settle()
    before = [device.journal.changes() for device in (a, b)]
    rows = {key: dict(row) for key, row in server.rows.items()}

    for _ in range(10):
        a.sync()
        b.sync()

    assert [device.journal.changes() for device in (a, b)] == before
    assert server.rows == rows


def test_a_server_that_learns_the_whole_contract_costs_nothing(plain: World) -> None:
    """Its positions, ids and versions are all new: the devices join again as a union."""
    a, b = plain.device("a"), plain.device("b")
    a.write("folder/note.txt", "one")
    plain.settle()
    b.write("not sent yet.txt", "two")

    for device in (a, b):
        device.remote.close()
        device.remote = CountingRemote(MemoryRemote(plain.server, device.name, hint_wait_s=0.0))
        device.restart()
    plain.settle()
    plain.settle()  # what was refused with the old position is tried again after a while

    assert (
        a.tree()
        == b.tree()
        == {
            "folder": None,
            "folder/note.txt": "one",
            "not sent yet.txt": "two",
        }
    )


def test_a_server_that_forgets_most_of_the_contract_costs_nothing(
    world: World, server: PlainServer
) -> None:
    a = world.device("a")
    a.write("folder/note.txt", "one")
    a.sync()

    a.remote = CountingRemote(remote_of(server, "a"))
    a.restart()
    a.sync()

    assert a.tree() == {"folder": None, "folder/note.txt": "one"}
    assert live(server) == {"folder/note.txt": "one"}
    a.remote.close()
