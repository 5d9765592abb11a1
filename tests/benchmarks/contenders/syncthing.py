"""Syncthing: two instances on loopback, connected to each other alone, watcher delay one second.

It has no server between the two, so it makes one hop where the others make two.
"""

import json
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.contenders.rclone import free_port
from tests.benchmarks.programs import needed, run, running
from tests.support.e2e import isolated_environment, wait_until

_FOLDER = "shared"
_WATCHER_DELAY = "1"
_QUIET_OPTIONS = {
    "globalAnnounceEnabled": "false",
    "localAnnounceEnabled": "false",
    "relaysEnabled": "false",
    "natEnabled": "false",
    "startBrowser": "false",
    "urAccepted": "-1",
    "crashReportingEnabled": "false",
    "autoUpgradeIntervalH": "0",
    "reconnectionIntervalS": "1",
    "setLowPriority": "false",
}


@dataclass(slots=True)
class Side:
    """One instance; `connect_port` is where the other one finds it."""

    name: str
    root: Path
    environment: Mapping[str, str]
    port: int
    gui_port: int
    connect_port: int
    pid: int = 0

    @property
    def home(self) -> Path:
        return self.root / f"home-{self.name}"

    @property
    def folder(self) -> Path:
        return self.root / self.name

    def generate(self) -> None:
        self.folder.mkdir(parents=True)
        run(
            ["syncthing", "generate", f"--home={self.home}", "--no-default-folder"],
            self.environment,
        )

    @property
    def device_id(self) -> str:
        device = self._config().getroot().find("device")
        assert device is not None
        return device.attrib["id"]

    def _config(self) -> "ET.ElementTree[ET.Element]":
        return ET.parse(self.home / "config.xml")

    def configure(self, other: "Side") -> None:
        config = self._config()
        root = config.getroot()
        _set(root, "options/listenAddress", f"tcp://127.0.0.1:{self.port}")
        _set(root, "gui/address", f"127.0.0.1:{self.gui_port}")
        for name, text in _QUIET_OPTIONS.items():
            _set(root, f"options/{name}", text)
        device = ET.SubElement(root, "device", id=other.device_id, name=other.name)
        ET.SubElement(device, "address").text = f"tcp://127.0.0.1:{other.connect_port}"
        self._share(root, other)
        config.write(self.home / "config.xml")

    def _share(self, root: ET.Element, other: "Side") -> None:
        folder = ET.SubElement(
            root,
            "folder",
            id=_FOLDER,
            path=str(self.folder),
            type="sendreceive",
            rescanIntervalS="3600",
            fsWatcherEnabled="true",
            fsWatcherDelayS=_WATCHER_DELAY,
        )
        for one in (self, other):
            ET.SubElement(folder, "device", id=one.device_id)

    def ask(self, path: str) -> Mapping[str, object]:
        """Its REST interface; nothing where it does not answer yet."""
        key = self._config().getroot().findtext("gui/apikey") or ""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.gui_port}/rest/{path}", headers={"X-API-Key": key}
        )
        with suppress(OSError, urllib.error.URLError), urllib.request.urlopen(request) as answer:
            document: Mapping[str, object] = json.load(answer)
            return document
        return {}

    def connected(self, other: "Side") -> bool:
        answer = self.ask("system/connections").get("connections", {})
        assert isinstance(answer, dict)
        return bool(answer.get(other.device_id, {}).get("connected"))

    def idle(self) -> bool:
        return self.ask(f"db/status?folder={_FOLDER}").get("state") == "idle"


@dataclass(frozen=True, slots=True)
class SyncthingPair:
    side_a: Side
    side_b: Side

    @property
    def a(self) -> Path:
        return self.side_a.folder

    @property
    def b(self) -> Path:
        return self.side_b.folder

    def cross(self) -> None:
        """The instances do it."""

    def pids(self) -> Mapping[str, int]:
        return {"a": self.side_a.pid, "b": self.side_b.pid}


class Syncthing:
    name = "syncthing"

    def missing(self) -> str | None:
        return needed("syncthing", "apt-get install syncthing")

    @contextmanager
    def pair(self, folder: Path) -> Iterator[SyncthingPair]:
        environment = {**isolated_environment(folder), "STNODEFAULTFOLDER": "1"}
        ports = [free_port() for _ in range(4)]
        a = Side("a", folder, environment, ports[0], ports[1], ports[0])
        b = Side("b", folder, environment, ports[2], ports[3], ports[2])
        for side in (a, b):
            side.generate()
        a.configure(b)
        b.configure(a)
        with ExitStack() as stack:
            for side in (a, b):
                command = ["syncthing", "serve", "--no-browser", "--no-restart", "--no-upgrade"]
                command.append(f"--home={side.home}")
                log = folder / f"{side.name}.log"
                side.pid = stack.enter_context(running(command, environment, log)).pid
            wait_until(lambda: a.connected(b) and b.connected(a), "Syncthing to connect")
            wait_until(lambda: a.idle() and b.idle(), "Syncthing to be idle")
            yield SyncthingPair(a, b)


def _set(root: ET.Element, path: str, text: str) -> None:
    element = root.find(path)
    assert element is not None, f"Syncthing's configuration has no {path}"
    element.text = text
