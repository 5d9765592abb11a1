"""`dreamsync tray` as a process, on a bus and with an instance of our own."""

import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from dreamsync.config.file import save_config
from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import (
    AccountSettings,
    Config,
    DesktopSettings,
    FolderSettings,
    SecretsKind,
)
from dreamsync.control.server import ControlServer
from tests.support.e2e import OwnedProcess, isolated_environment
from tests.support.live_commands import LiveCommands
from tests.support.session_bus import session_bus


@dataclass
class Desk:
    """A signed-in computer with a session bus; `opened` is what was to be opened by xdg-open."""

    paths: InstancePaths
    environment: dict[str, str]
    bus: str
    folder: Path
    tray: OwnedProcess

    def start_tray(self) -> None:
        self.tray.spawn(("tray",), self.environment)

    def opened(self) -> list[str]:
        log = Path(self.environment["OPENED"])
        return log.read_text().splitlines() if log.exists() else []


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    home = tmp_path / "instance"
    environment = isolated_environment(tmp_path) | {
        "DREAMSYNC_HOME": str(home),
        "OPENED": str(tmp_path / "opened"),
    }
    _note_what_is_opened(tmp_path / "programs", environment)
    paths = InstancePaths.under(str(home))
    folder = tmp_path / "folder"
    folder.mkdir()
    save_config(_signed_in(folder), paths.config_file)
    with session_bus(environment) as bus:
        environment["DBUS_SESSION_BUS_ADDRESS"] = bus
        tray = OwnedProcess(tmp_path / "tray.log")
        try:
            yield Desk(paths, environment, bus, folder, tray)
        finally:
            tray.kill()


def _signed_in(folder: Path) -> Config:
    """At a server that nobody answers for: port 9 is `discard`."""
    return replace(
        Config(),
        account=AccountSettings("http://127.0.0.1:9", "mina@example.com", "acc", "dev", "laptop"),
        folder=FolderSettings(str(folder)),
        desktop=DesktopSettings(SecretsKind.FILE),
    )


def _note_what_is_opened(programs: Path, environment: dict[str, str]) -> None:
    programs.mkdir()
    opener = programs / "xdg-open"
    opener.write_text('#!/bin/sh\necho "$1" >> "$OPENED"\n')
    opener.chmod(opener.stat().st_mode | stat.S_IXUSR)
    environment["PATH"] = os.pathsep.join([str(programs), environment["PATH"]])


@pytest.fixture
def commands(desk: Desk) -> Iterator[LiveCommands]:
    """A daemon of canned answers behind the desk's control channel."""
    live = LiveCommands()
    live.state = replace(live.state, folder=str(desk.folder))
    server = ControlServer(live, desk.paths)
    server.start()
    try:
        yield live
    finally:
        server.stop()


if sys.platform != "linux":
    collect_ignore = ["test_notifications.py", "test_over_dbus.py", "test_with_pystray.py"]
