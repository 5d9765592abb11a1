"""Work on two computers whose outcome is known to the byte, whatever goes wrong meanwhile.

Each computer changes only what it has made itself, so nothing conflicts: all of it must be there in
the end, once, with exactly its versions, and nothing else.
"""

import json
import os
import random
import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from dreamsync.config.settings import SecretsKind
from dreamsync.core.digest import ContentHasher
from dreamsync.core.nodes import Kind
from dreamsync.daemon.account import NewSignIn, sign_in
from dreamsync.server.admin import add_user
from tests.support.census import walk
from tests.support.contents import compose, new_body, new_token
from tests.support.e2e import EMAIL, PASSWORD, Instance, Workbench, wait_until
from tests.support.nursery import Child, Nursery
from tests.support.server_view import ServerView

_NAMES = ("edited.txt", "moved.txt", "gone.txt", "program.txt")


@dataclass
class NurseryServer:
    """`dreamsync serve` out of the nursery; it keeps its port."""

    nursery: Nursery
    data: Path
    environment: Mapping[str, str]
    url: str = ""
    child: Child | None = None

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2]) if self.url else 0

    def start(self, failpoint: str | None = None) -> None:
        address = self.data / "address.json"
        address.unlink(missing_ok=True)
        arguments = ("serve", "--data", str(self.data), "--port", str(self.port))
        log = self.data.with_suffix(".log")
        self.child = self.nursery.start(arguments, self.environment, log, failpoint=failpoint)
        self.url = str(json.loads(wait_until(lambda: _text(address), "the server"))["url"])

    def kill(self) -> None:
        if self.child is not None:
            os.kill(self.child.pid, signal.SIGKILL)
            self.ends()

    def ends(self) -> int:
        assert self.child is not None
        child, self.child = self.child, None
        return self.nursery.wait(child)


@dataclass
class Computer:
    """`folder` is its own part of the synced folder: nobody else changes anything there. `number`
    counts what it has done."""

    name: str
    instance: Instance
    number: int = 0

    @property
    def folder(self) -> Path:
        return self.instance.folder / self.name


@dataclass
class KnownWork:
    """Two computers that sync, and what must come of their work."""

    nursery: Nursery
    server: NurseryServer
    view: ServerView
    here: Computer
    there: Computer
    random: random.Random
    expected: dict[str, bytes] = field(default_factory=dict)
    executable: set[str] = field(default_factory=set)
    replaced: dict[str, bytes] = field(default_factory=dict)

    def sync(self, computer: Computer, *, failpoint: str | None = None) -> Child:
        device = computer.instance
        log = device.home / "sync.log"
        return self.nursery.start(("sync",), device.environment, log, failpoint=failpoint)

    def syncs(self, computer: Computer) -> None:
        child = self.sync(computer)
        assert self.nursery.wait(child) == 0, child.words()

    def goes_on(self, computer: Computer, *, large: int = 0) -> None:
        """New things for the next time, then one change of every kind to what this computer made
        last time. In the other order the new empty folder may get the inode of the one removed:
        then it is that one, moved."""
        before, computer.number = computer.folder / str(computer.number), computer.number + 1
        new = computer.folder / str(computer.number)
        (new / "empty").mkdir(parents=True)
        for name in _NAMES:
            self._write(computer, new / name, 200)
        if large:
            self._write(computer, new / "large.bin", large)
        if before.is_dir():
            self._change(computer, before)

    def _change(self, computer: Computer, folder: Path) -> None:
        edited, moved, gone, program = (folder / name for name in _NAMES)
        self.replaced[self._path(computer, edited)] = edited.read_bytes()
        self._write(computer, edited, 500)
        moved.rename(folder / "elsewhere.txt")
        self.expected[self._path(computer, folder / "elsewhere.txt")] = self.expected.pop(
            self._path(computer, moved)
        )
        gone.unlink()
        del self.expected[self._path(computer, gone)]
        program.chmod(0o755)
        self.executable.add(self._path(computer, program))
        (folder / "empty").rmdir()

    def _write(self, computer: Computer, path: Path, size: int) -> None:
        content = compose(new_token(self.random), new_body(self.random, size))
        path.write_bytes(content)
        self.expected[self._path(computer, path)] = content

    def _path(self, computer: Computer, path: Path) -> str:
        return str(path.relative_to(computer.instance.folder))

    def others_work(self) -> None:
        """The other computer hears what happened here, and has done something itself."""
        self.goes_on(self.there)
        self.syncs(self.there)

    def check(self, *computers: Computer) -> None:
        """Server, history and these folders are as expected, and nothing else lies about."""
        live = self.view.live()
        files = {file.file_name: file for file in live if file.kind is Kind.FILE}
        on_server = {path: file.digest for path, file in files.items()}
        wanted = {path: _digest(content) for path, content in self.expected.items()}
        assert not _differing(on_server, wanted), "the server differs"
        assert {path for path, file in files.items() if file.executable} == self.executable
        folders = {file.file_name for file in live if file.kind is Kind.FOLDER}
        for computer in computers:
            self._check_folder(computer.instance.folder, folders)
        while self.replaced:
            path, old = self.replaced.popitem()
            self._check_history(files[path].id, [old, self.expected[path]])

    def _check_folder(self, folder: Path, folders: set[str]) -> None:
        found = {path: item for item, path in walk(folder)}
        files = {path: item for path, item in found.items() if item.is_file()}
        contents = {path: item.read_bytes() for path, item in files.items()}
        assert not _differing(contents, self.expected), f"{folder} differs"
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


@contextmanager
def known_work(folder: Path, seed: int) -> Iterator[KnownWork]:
    """A server and two computers that have made things to work on, and know of each other's."""
    with Nursery() as nursery, Workbench(folder) as bench, ExitStack() as stack:
        server = NurseryServer(nursery, folder / "server", bench.environment)
        stack.callback(server.kill)
        server.start()
        add_user(str(server.data), EMAIL, PASSWORD)
        here, there = (Computer(name, bench.instance(name)) for name in ("here", "there"))
        with ServerView(server.url) as view:
            work = KnownWork(nursery, server, view, here, there, random.Random(seed))
            for computer in (here, there):
                signed_in(server.url, computer.instance)
                work.goes_on(computer)
                work.syncs(computer)
            yield work


def signed_in(url: str, device: Instance) -> None:
    """As `login` does it, without a process of its own."""
    wanted = NewSignIn(url, str(device.folder), SecretsKind.FILE, device.name)
    sign_in(device.paths, wanted, email=EMAIL, password=PASSWORD)


@cache
def _digest(content: bytes) -> str:
    hasher = ContentHasher(len(content))
    hasher.update(content)
    return hasher.digest


def _differing(found: Mapping[str, object], wanted: Mapping[str, object]) -> list[str]:
    paths = {*found, *wanted}
    return sorted(path for path in paths if found.get(path) != wanted.get(path))


def _text(path: Path) -> str | None:
    return path.read_text() if path.exists() else None
