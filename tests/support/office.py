"""Two computers and a server on which a seeded script works, and somebody who looks on."""

import shutil
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.support.census import Figures, Tree, converge, take_census
from tests.support.chaos import Chaos, Desk
from tests.support.e2e import Instance, ServerProcess, Workbench, wait_until
from tests.support.server_view import FeedWatch, ServerView

_NOT_OF_THE_LIBRARY = ("site-packages", "dist-packages", "__pycache__")
"""What else was installed or compiled into the standard library's folder."""
_PACES = (0.0, 0.3, 1.0, 1.5)
_CONVERGED_S = 300.0
"""Far more than it takes: it only ends a story in which something waits for ever."""


@dataclass
class Office:
    """`script` is where the script's log goes, for whoever looks for the cause of a failure."""

    a: Instance
    b: Instance
    server: ServerProcess
    view: ServerView
    script: Path

    @property
    def devices(self) -> tuple[Instance, Instance]:
        return (self.a, self.b)

    @property
    def folders(self) -> tuple[Path, Path]:
        return (self.a.folder / "work", self.b.folder / "work")

    def chaos(self, seed: int) -> Chaos:
        for folder in self.folders:
            folder.mkdir(exist_ok=True)
        desks = [Desk(device.name, device.folder / "work") for device in self.devices]
        return Chaos(Random(seed), (desks[0], desks[1]))

    def act(self, chaos: Chaos) -> None:
        """One step of the script."""
        said = len(chaos.log)
        try:
            chaos.step()
        finally:
            with self.script.open("a") as log:
                log.writelines(f"{line}\n" for line in chaos.log[said:])

    def wait_until_all_answer(self) -> None:
        wait_until(self.view.try_cursor, "the server")
        for device in self.devices:
            wait_until(device.answer, f"the daemon of {device.name}")

    def converge(self) -> Tree:
        """All trees equal, whatever is on hold being confirmed; that tree."""
        return converge(self.devices, self.view, seconds=_CONVERGED_S, meanwhile=self._confirm)

    def take_census(self, chaos: Chaos, watch: FeedWatch) -> Figures:
        figures = take_census(chaos, self.folders, self.view, watch.digests)
        for device in self.devices:
            left = list((device.folder / ".dreamsync" / "staging").iterdir())
            assert not left, f"{device.name} has left staged files behind: {left}"
        return figures

    def _confirm(self) -> None:
        for device in self.devices:
            device.confirm_holds()


@contextmanager
def open_office(workbench: Workbench) -> Iterator[Office]:
    server = workbench.server()
    a, b = workbench.device("a", server), workbench.device("b", server)
    with ServerView(server.url) as view:
        yield Office(a, b, server, view, workbench.folder / "script.log")


def work_in_parts(office: Office, chaos: Chaos, operations: int) -> None:
    """Parts in which everybody is online, and parts in which one side or the server is away."""
    parts = [_online, _paused, _online, _daemon_stopped, _server_stopped, _online]
    for part in parts:
        pace = chaos.random.choice(_PACES)
        with part(office):
            for _ in range(operations // len(parts)):
                office.act(chaos)
                breathe(chaos.random, pace)


def breathe(random: Random, pace: float = 1.0) -> None:
    """People pause between two acts; now and then long enough for everything to cross."""
    time.sleep(pace * random.choice((0.0, 0.0, 0.01, 0.05, 0.3)))


def copy_library(folder: Path) -> None:
    """Python's own library, as real input: the modules, packages and data that it comes with."""
    source = Path(sysconfig.get_path("stdlib"))
    ignored = shutil.ignore_patterns(*_NOT_OF_THE_LIBRARY)
    shutil.copytree(source, folder, symlinks=True, ignore=ignored)


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
    office.wait_until_all_answer()
