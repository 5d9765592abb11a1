"""Client and server, killed at each of their durable steps, in the middle of real work.

Each story changes one thing of every kind on both computers, kills one process at a named point,
starts it again and lets it go on by itself. All changes are one-sided, so what must come of them is
known to the byte: no conflict, no second version, nothing left behind in staging or trash.
"""

import json
import os
import random
import re
import shutil
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from dreamsync.config.settings import SecretsKind
from dreamsync.core.digest import BLOCK, ContentHasher
from dreamsync.core.nodes import Kind
from dreamsync.daemon.account import NewSignIn, sign_in
from dreamsync.server.admin import add_user
from tests.support.census import walk
from tests.support.contents import compose, new_body, new_token
from tests.support.e2e import EMAIL, PASSWORD, Instance, Workbench, wait_until
from tests.support.failpoints import CLIENT, FIRST_START, SERVER, Failpoint
from tests.support.nursery import Child, Nursery
from tests.support.server_view import ServerView

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

_KILLED = -9


def _id(point: Failpoint) -> str:
    return point.name.replace(" ", "-")


_NAMES = ("edited.txt", "moved.txt", "gone.txt", "program.txt")


@dataclass
class Server:
    """`dreamsync serve` out of the nursery; it keeps its port."""

    nursery: Nursery
    data: Path
    environment: Mapping[str, str]
    url: str = ""
    child: Child | None = None

    def start(self, failpoint: str | None = None) -> None:
        address = self.data / "address.json"
        address.unlink(missing_ok=True)
        port = self.url.rpartition(":")[2] or "0"
        arguments = ("serve", "--data", str(self.data), "--port", port)
        log = self.data.with_suffix(".log")
        self.child = self.nursery.start(arguments, self.environment, log, failpoint=failpoint)
        self.url = str(json.loads(wait_until(lambda: _text(address), "the server"))["url"])

    def kill(self) -> None:
        assert self.child is not None
        os.kill(self.child.pid, signal.SIGKILL)
        self.ends()

    def ends(self) -> int:
        assert self.child is not None
        return self.nursery.wait(self.child)


@dataclass
class Desk:
    """One computer, what its folder must hold, and what its last story left to work on."""

    name: str
    instance: Instance
    number: int = 0

    @property
    def folder(self) -> Path:
        return self.instance.folder / self.name


@dataclass
class Office:
    nursery: Nursery
    server: Server
    view: ServerView
    here: Desk
    there: Desk
    random: random.Random
    expected: dict[str, bytes] = field(default_factory=dict)
    executable: set[str] = field(default_factory=set)
    replaced: dict[str, bytes] = field(default_factory=dict)

    def sync(self, desk: Desk, *, failpoint: str | None = None) -> Child:
        device = desk.instance
        log = device.home / "sync.log"
        return self.nursery.start(("sync",), device.environment, log, failpoint=failpoint)

    def syncs(self, desk: Desk) -> None:
        child = self.sync(desk)
        assert self.nursery.wait(child) == 0, child.words()

    def work(self, desk: Desk, *, large: int = 0) -> None:
        """One change of every kind, to what this desk has made in its last story; then new things
        for its next one."""
        before, desk.number = desk.folder / str(desk.number), desk.number + 1
        if before.is_dir():
            self._change(desk, before)
        new = desk.folder / str(desk.number)
        (new / "empty").mkdir(parents=True)
        for name in _NAMES:
            self._write(desk, new / name, 200)
        if large:
            self._write(desk, new / "large.bin", large)

    def _change(self, desk: Desk, folder: Path) -> None:
        edited, moved, gone, program = (folder / name for name in _NAMES)
        self.replaced[self._path(desk, edited)] = edited.read_bytes()
        self._write(desk, edited, 500)
        moved.rename(folder / "elsewhere.txt")
        self.expected[self._path(desk, folder / "elsewhere.txt")] = self.expected.pop(
            self._path(desk, moved)
        )
        gone.unlink()
        del self.expected[self._path(desk, gone)]
        program.chmod(0o755)
        self.executable.add(self._path(desk, program))
        (folder / "empty").rmdir()

    def _write(self, desk: Desk, path: Path, size: int) -> None:
        content = compose(new_token(self.random), new_body(self.random, size))
        path.write_bytes(content)
        self.expected[self._path(desk, path)] = content

    def _path(self, desk: Desk, path: Path) -> str:
        return str(path.relative_to(desk.instance.folder))

    def others_work(self) -> None:
        """The other computer hears what happened here, and has done something itself."""
        self.work(self.there)
        self.syncs(self.there)

    def check(self, *desks: Desk) -> None:
        """Server, history and these folders are as expected, and nothing else lies about."""
        live = self.view.live()
        files = {file.file_name: file for file in live if file.kind is Kind.FILE}
        assert {path: file.digest for path, file in files.items()} == {
            path: _digest(content) for path, content in self.expected.items()
        }
        assert {path for path, file in files.items() if file.executable} == self.executable
        folders = {file.file_name for file in live if file.kind is Kind.FOLDER}
        for desk in desks:
            self._check_folder(desk.instance.folder, folders)
        while self.replaced:
            path, old = self.replaced.popitem()
            self._check_history(files[path].id, [old, self.expected[path]])

    def _check_folder(self, folder: Path, folders: set[str]) -> None:
        found = {path: item for item, path in walk(folder)}
        files = {path: item for path, item in found.items() if item.is_file()}
        assert {path: item.read_bytes() for path, item in files.items()} == self.expected
        assert self.executable == {
            path for path, item in files.items() if item.stat().st_mode & 0o100
        }
        assert found.keys() - files.keys() == folders
        assert not list((folder / ".dreamsync/staging").iterdir())
        self._check_trash(folder / ".dreamsync/trash")

    def _check_trash(self, trash: Path) -> None:
        """What a person lost is there, and nothing that never was anybody's."""
        live = set(self.expected.values())
        for item in trash.glob("*/*"):
            assert item.name == "item.json" or item.is_dir() or item.read_bytes() not in live, item

    def _check_history(self, file_id: str, contents: list[bytes]) -> None:
        """Exactly these versions: no change was made twice, and none is lost."""
        versions = sorted(int(str(one["version"])) for one in self.view.versions(file_id))
        assert [self.view.download(file_id, version) for version in versions] == contents


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Synced, with things to work on; it serves all stories of this file, one after the other."""
    folder = tmp_path_factory.mktemp("failpoints")
    with Nursery() as nursery, Workbench(folder) as bench:
        server = Server(nursery, folder / "server", bench.environment)
        server.start()
        add_user(str(server.data), EMAIL, PASSWORD)
        here, there = (Desk(name, bench.instance(name)) for name in ("here", "there"))
        with ServerView(server.url) as view:
            office = Office(nursery, server, view, here, there, random.Random(20261125))
            for desk in (here, there):
                signed_in(server, desk.instance)
                office.work(desk)
                office.syncs(desk)
            yield office
            office.syncs(there)
            office.syncs(here)
            office.check(here, there)
        server.kill()


@pytest.mark.fault("killed")
@pytest.mark.parametrize("point", CLIENT, ids=_id)
def test_a_client_killed_anywhere_goes_on_by_itself(office: Office, point: Failpoint) -> None:
    office.others_work()
    office.work(office.here, large=_large(point))

    killed = office.sync(office.here, failpoint=point.name)
    assert office.nursery.wait(killed) == _KILLED, killed.words()

    office.syncs(office.here)
    office.check(office.here)


@pytest.mark.fault("killed")
@pytest.mark.parametrize("point", FIRST_START, ids=_id)
def test_a_client_killed_at_its_first_start_begins_by_itself(
    office: Office, workbench: Workbench, point: Failpoint
) -> None:
    """It comes with some of the files that the server has, and one of its own."""
    new = Desk(point.name, workbench.instance("new"))
    signed_in(office.server, new.instance)
    shutil.copytree(office.there.folder, new.instance.folder / office.there.name)
    office.work(new)

    killed = office.sync(new, failpoint=point.name)
    assert office.nursery.wait(killed) == _KILLED, killed.words()

    office.syncs(new)
    office.check(new)


@pytest.mark.fault("server restart")
@pytest.mark.parametrize("point", SERVER, ids=_id)
def test_a_server_killed_anywhere_goes_on_by_itself(office: Office, point: Failpoint) -> None:
    office.server.kill()
    office.server.start(failpoint=point.name)
    if "tokens" in point.name:
        forget_access_token(office.here.instance)
    office.work(office.here, large=_large(point))

    interrupted = office.sync(office.here)
    assert office.server.ends() == _KILLED
    office.server.start()
    assert office.nursery.wait(interrupted) in (0, 1), interrupted.words()

    office.syncs(office.here)
    office.check(office.here)


def signed_in(server: Server, device: Instance) -> None:
    """As `login` does it, without a process of its own."""
    wanted = NewSignIn(server.url, str(device.folder), SecretsKind.FILE, device.name)
    sign_in(device.paths, wanted, email=EMAIL, password=PASSWORD)


def forget_access_token(device: Instance) -> None:
    """As if its time were over: the next request needs another one."""
    secrets = Path(device.paths.secrets_file)
    tokens = json.loads(secrets.read_text())
    secrets.write_text(json.dumps({**tokens, "access": "over"}))


def _text(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


@cache
def _digest(content: bytes) -> str:
    hasher = ContentHasher(len(content))
    hasher.update(content)
    return hasher.digest


def _large(point: Failpoint) -> int:
    """The size of a file that makes the work come by this point."""
    words = set(re.split(r"\W+", point.name))
    if words & {"session", "block"}:
        return BLOCK + 1024
    return 300 * 1024 if words & {"file", "blob", "blobs"} else 0
