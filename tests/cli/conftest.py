"""The command line over an instance of canned answers, with what it printed."""

import json
import pathlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from dreamsync.cli.access import Access, StatusSource
from dreamsync.cli.app import run
from dreamsync.config.paths import InstancePaths
from dreamsync.control.address import not_running
from dreamsync.control.commands import Commands
from tests.support.fake_commands import IDLE, FakeCommands


class FakeAccess(Access):
    """Reaches `FakeCommands` instead of a daemon; `running` False: there is no daemon."""

    def __init__(self, paths: InstancePaths, fake: FakeCommands) -> None:
        super().__init__(paths)
        self.fake = fake
        self.running = True
        self.asked_to_change: bool | None = None

    @property
    def folder(self) -> str:
        return IDLE.folder

    @contextmanager
    def commands(self, *, changes: bool) -> Iterator[Commands]:
        self.asked_to_change = changes
        yield self.fake

    @contextmanager
    def status_source(self) -> Iterator[StatusSource]:
        yield self.fake

    @contextmanager
    def daemon(self) -> Iterator[Commands]:
        if not self.running:
            raise not_running()
        yield self.fake


@dataclass(frozen=True)
class Printed:
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, object]:
        """stdout as the one JSON document that it must be."""
        document: dict[str, object] = json.loads(self.out)
        return document


Call = Callable[..., Printed]


@pytest.fixture
def fake() -> FakeCommands:
    return FakeCommands()


@pytest.fixture
def paths(tmp_path: pathlib.Path) -> InstancePaths:
    return InstancePaths.under(str(tmp_path / "home"))


@pytest.fixture
def access(paths: InstancePaths, fake: FakeCommands) -> FakeAccess:
    return FakeAccess(paths, fake)


@pytest.fixture
def call(access: FakeAccess, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run one command line: `call("status", "--json")`."""

    def do(*arguments: str) -> Printed:
        capsys.readouterr()
        code = run(arguments, access)
        captured = capsys.readouterr()
        return Printed(code, captured.out, captured.err)

    return do
