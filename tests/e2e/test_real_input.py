"""Real input: a large real tree crosses, then two people work on both sides at once."""

import shutil
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from tests.support.census import converge, sha256_of, take_census, tree_on_disk
from tests.support.chaos import Chaos, Desk
from tests.support.e2e import Instance, ServerProcess, Workbench, wait_until
from tests.support.server_view import FeedWatch, ServerView

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]

_OPERATIONS = 300


@dataclass
class Office:
    """Two computers, a server, and somebody who looks on."""

    a: Instance
    b: Instance
    server: ServerProcess
    view: ServerView

    @property
    def devices(self) -> tuple[Instance, Instance]:
        return (self.a, self.b)

    def confirm(self) -> None:
        for device in self.devices:
            device.confirm_holds()


@pytest.fixture
def office(workbench: Workbench) -> Iterator[Office]:
    server = workbench.server()
    a, b = workbench.device("a", server), workbench.device("b", server)
    with ServerView(server.url) as view:
        yield Office(a, b, server, view)


@pytest.mark.promise(1, 3, 8, 9)
def test_the_standard_library_and_then_300_mixed_operations(office: Office, seed: int) -> None:
    _the_library_crosses(office)
    library = tree_on_disk(office.a.folder / "library")
    chaos = _chaos(office, seed)

    with FeedWatch(office.view) as watch:
        _work(office, chaos)
        tree = converge(office.devices, office.view, seconds=120, meanwhile=office.confirm)

    print("operations:", dict(sorted(chaos.done.items())))
    assert {path: item for path, item in tree.items() if path.startswith("library/")} == {
        f"library/{path}": item for path, item in library.items()
    }
    folders = [desk.folder for desk in chaos.desks]
    print(take_census(chaos, folders, office.view, watch.digests))
    for device in office.devices:
        assert not list((device.folder / ".dreamsync" / "staging").iterdir())


def _the_library_crosses(office: Office) -> None:
    source = Path(sysconfig.get_path("stdlib"))
    started = time.monotonic()
    shutil.copytree(source, office.a.folder / "library", symlinks=True)

    tree = converge(office.devices, office.view, seconds=120)

    files = [path for path, item in tree.items() if item.digest is not None]
    print(f"{len(files)} files crossed in {time.monotonic() - started:.1f} s")
    assert tree_on_disk(office.b.folder / "library") == tree_on_disk(source)
    for path in files:
        here, there = office.a.folder / path, office.b.folder / path
        assert sha256_of(there) == sha256_of(here), path
        assert there.stat().st_mtime_ns == here.stat().st_mtime_ns, path


def _chaos(office: Office, seed: int) -> Chaos:
    desks = []
    for device in office.devices:
        (device.folder / "work").mkdir(exist_ok=True)
        desks.append(Desk(device.name, device.folder / "work"))
    return Chaos(Random(seed), (desks[0], desks[1]))


def _work(office: Office, chaos: Chaos) -> None:
    """Parts in which everybody is online, and parts in which one side or the server is away."""
    parts = [_online, _paused, _online, _daemon_stopped, _server_stopped, _online]
    for part in parts:
        with part(office):
            for _ in range(_OPERATIONS // len(parts)):
                chaos.step()
                _breathe(chaos.random)


def _breathe(random: Random) -> None:
    """People pause between two acts; now and then long enough for everything to cross."""
    time.sleep(random.choice((0.0, 0.0, 0.01, 0.05, 0.3)))


@contextmanager
def _online(office: Office) -> Iterator[None]:
    yield


@contextmanager
def _paused(office: Office) -> Iterator[None]:
    office.a.command("pause")
    yield
    office.a.command("resume")


@contextmanager
def _daemon_stopped(office: Office) -> Iterator[None]:
    office.b.stop()
    yield
    office.b.start()


@contextmanager
def _server_stopped(office: Office) -> Iterator[None]:
    office.server.stop()
    yield
    office.server.start()
    wait_until(lambda: office.view.cursor, "the server")
