"""Real devices against a server that has only the first rows of the contract."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.e2e import Instance, Workbench, wait_until
from tests.support.plain_server import EMAIL, PASSWORD, PlainServer, running_plain_server

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture
def server() -> Iterator[PlainServer]:
    with running_plain_server() as running:
        yield running


@pytest.fixture
def a(workbench: Workbench, server: PlainServer) -> Instance:
    return _device(workbench, "a", server)


@pytest.fixture
def b(workbench: Workbench, server: PlainServer) -> Instance:
    return _device(workbench, "b", server)


def _device(bench: Workbench, name: str, server: PlainServer) -> Instance:
    """It asks every second, since this server does not call."""
    device = bench.instance(name)
    device.login(server.url, email=EMAIL, password=PASSWORD)
    device.command("config", "set", "sync.poll_seconds", "1")
    return device.start()


@pytest.mark.promise(23)
def test_two_devices_converge_and_status_says_what_is_missing(a: Instance, b: Instance) -> None:
    def both_have(expected: dict[str, str]) -> Callable[[], bool]:
        return lambda: tree(a) == tree(b) == expected

    (a.folder / "folder").mkdir()
    (a.folder / "folder/note.txt").write_text("one")
    (b.folder / "from b.txt").write_text("b")
    (b.folder / "stays.txt").write_text("stays")
    wait_until(
        both_have({"folder/note.txt": "one", "from b.txt": "b", "stays.txt": "stays"}), "created"
    )

    (b.folder / "folder/note.txt").write_text("edited")
    wait_until(
        both_have({"folder/note.txt": "edited", "from b.txt": "b", "stays.txt": "stays"}), "edited"
    )

    (a.folder / "folder").rename(a.folder / "renamed")
    (b.folder / "from b.txt").unlink()
    wait_until(both_have({"renamed/note.txt": "edited", "stays.txt": "stays"}), "renamed")
    wait_until(lambda: not (b.folder / "folder").exists(), "the old folder gone")

    status = b.command("status").out
    assert "goes without: " in status
    for missing in ("push (changes are polled for)", "version history", "resumable uploads"):
        assert missing in status
    told = b.command("status", "--json").document
    assert told["push"] == "polling"


def test_two_edits_at_once_make_one_conflict_copy(a: Instance, b: Instance) -> None:
    (a.folder / "note.txt").write_text("one")
    wait_until((b.folder / "note.txt").exists, "the note in b")
    a.stop()
    b.stop()

    (a.folder / "note.txt").write_text("edited on a")
    (b.folder / "note.txt").write_text("edited on b, too")
    a.sync()
    b.sync()
    a.sync()

    assert tree(a) == tree(b)
    assert tree(a)["note.txt"] == "edited on a"
    (copy,) = set(tree(a)) - {"note.txt"}
    assert copy.startswith("note (conflict b ")
    assert tree(a)[copy] == "edited on b, too"


def tree(device: Instance) -> dict[str, str]:
    """Path to text of the files, ours left out."""
    found: dict[str, str] = {}
    for path in device.folder.rglob("*"):
        name = path.relative_to(device.folder)
        if name.parts[0] != ".dreamsync" and path.is_file():
            found[str(name)] = _text(path)
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        return "(just gone)"
