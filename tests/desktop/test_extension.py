"""The extension of file managers with a real main loop and a real control channel; the file manager
is `extension_program.py`. In a real one: `tests/e2e/test_file_manager.py`."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pytest

from dreamsync.config.paths import InstancePaths
from dreamsync.control.server import ControlServer
from dreamsync.core.status import ItemState
from dreamsync.desktop.file_manager.integration import Integration, linux_parts
from dreamsync.desktop.file_manager.part import Facts
from dreamsync.desktop.file_manager.record import Records
from tests.support.e2e import wait_until
from tests.support.fake_commands import IDLE
from tests.support.live_commands import LiveCommands
from tests.support.session_bus import need

SYSTEM_PYTHON = "/usr/bin/python3"
PROGRAM = Path(__file__).with_name("extension_program.py")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="file managers of Linux desktops")


@dataclass
class FileManager:
    """What is drawn of each path, newest last."""

    process: "subprocess.Popen[str]"
    drawn: dict[str, list[list[str]]] = field(default_factory=dict)
    menus: "queue.Queue[list[list[object]]]" = field(default_factory=queue.Queue)
    longest: float = 0.0

    def order(self, **order: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()

    def shows(self, path: Path, *emblems: str) -> None:
        wait_until(
            lambda: self.drawn.get(str(path), [[]])[-1] == list(emblems),
            f"{emblems} on {path.name}",
            seconds=30,
        )

    def menu(self, *paths: Path) -> list[list[object]]:
        self.order(menu=list(map(str, paths)))
        return self.menus.get(timeout=20)

    def listen(self, said: IO[str]) -> None:
        for line in said:
            told = json.loads(line)
            if "menu" in told:
                self.menus.put(told["menu"])
            else:
                self.drawn.setdefault(told["path"], []).append(told["emblems"])
                self.longest = max(self.longest, told["took"])


@dataclass
class Computer:
    """One with the extension installed for an instance."""

    home: Path
    paths: InstancePaths
    folder: Path
    commands: LiveCommands = field(default_factory=LiveCommands)

    def integration(self) -> Integration:
        data, config = str(self.home), str(self.home.with_name("config"))
        return Integration(Records(data), linux_parts(data, config))

    @contextmanager
    def daemon(self) -> Iterator[None]:
        server = ControlServer(self.commands, self.paths)
        server.start()
        try:
            yield
        finally:
            server.stop()
            self.commands.become(IDLE)  # lets the question under way end

    @contextmanager
    def file_manager(self, host: str = "nemo") -> Iterator[FileManager]:
        extension = self.home / f"{host}-python/extensions/dreamsync_files.py"
        process = subprocess.Popen(
            [SYSTEM_PYTHON, str(PROGRAM), str(extension), host],
            env={**os.environ, "XDG_DATA_HOME": str(self.home)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        one = FileManager(process)
        listener = threading.Thread(target=one.listen, args=(process.stdout,))
        listener.start()
        try:
            yield one
        finally:
            process.stdin.close()
            assert process.wait(20) == 0
            listener.join()
            process.stdout.close()


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    tried = subprocess.run([SYSTEM_PYTHON, "-c", "import gi"], check=False, capture_output=True)
    need([] if tried.returncode == 0 else ["python3-gi"])
    folder = tmp_path / "동기화"
    folder.mkdir()
    note = tmp_path / "note.sh"
    note.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > "$0.asked"\n')
    note.chmod(0o755)
    paths = InstancePaths.under(str(tmp_path / "instance"))
    one = Computer(tmp_path / "data", paths, folder)
    facts = Facts("0123456789ab", str(folder), paths.socket, (str(note), "--home", "x y"))
    one.integration().install(facts)
    return one


def test_emblems_follow_the_state_and_go_with_the_daemon(computer: Computer) -> None:
    names = ("a.txt", "b.txt", "c.txt", "d.iso", "held")
    items = [computer.folder / name for name in names]
    computer.commands.states = {
        "b.txt": ItemState.PENDING,
        "c.txt": ItemState.PROBLEM,
        "d.iso": ItemState.IGNORED,
        "held": ItemState.HELD,
    }
    elsewhere = computer.folder.with_name("elsewhere.txt")
    with computer.file_manager() as manager:
        with computer.daemon():
            manager.order(show=[str(path) for path in (*items, elsewhere)])
            kinds = ("synced", "pending", "problem", "ignored", "problem")
            for path, kind in zip(items, kinds, strict=True):
                manager.shows(path, f"dreamsync-{kind}")
            assert manager.drawn[str(elsewhere)] == [[]]
            assert all(drawn[0] == [] for drawn in manager.drawn.values()), "nothing waits"

            computer.commands.states["b.txt"] = ItemState.SYNCED
            computer.commands.become(IDLE)
            manager.shows(items[1], "dreamsync-synced")
            assert len(manager.drawn[str(items[0])]) == 2, "what has not changed is not drawn anew"
        manager.shows(items[0])
        with computer.daemon():
            manager.shows(items[0], "dreamsync-synced")
        assert manager.longest < 0.5


def test_emblems_go_when_they_are_removed(computer: Computer) -> None:
    item = computer.folder / "a.txt"
    with computer.daemon(), computer.file_manager() as manager:
        manager.order(show=[str(item)])
        manager.shows(item, "dreamsync-synced")
        wait_until(lambda: computer.commands.waiting == 1, "the file manager to follow")

        computer.integration().remove("0123456789ab")
        computer.commands.become(IDLE)

        manager.shows(item)
        wait_until(lambda: computer.commands.waiting == 0, "nobody to follow any more")


def test_a_thousand_items_are_a_few_questions(computer: Computer) -> None:
    items = [computer.folder / f"{number} 한글.txt" for number in range(1000)]
    with computer.daemon(), computer.file_manager() as manager:
        manager.order(show=list(map(str, items)))
        for path in items:
            manager.shows(path, "dreamsync-synced")
        assert computer.commands.state_questions <= 20

        manager.order(hide=list(map(str, items)))
        computer.commands.become(IDLE)
        wait_until(lambda: computer.commands.waiting == 0, "nobody to follow what is not shown")


@pytest.mark.parametrize("host", ["nautilus", "nemo", "caja"])
def test_the_menu_offers_what_fits_and_starts_it(computer: Computer, host: str) -> None:
    file, folder = computer.folder / "a b.txt", computer.folder / "folder"
    file.write_text("x")
    folder.mkdir()
    with computer.daemon(), computer.file_manager(host) as manager:
        manager.order(show=[str(file)])
        manager.shows(file, "dreamsync-synced")

        assert manager.menu(file) == [
            ["In sync with the server", False],
            ["Show history", True],
            ["Restore earlier version", True],
            ["Ignore this", True],
        ]
        assert manager.menu(folder) == [["Ignore this", True]]
        assert manager.menu(file, folder) == [["Ignore this", True]]
        assert manager.menu(computer.folder) == []
        assert manager.menu(file, computer.home) == []

        manager.order(click="Ignore this", on=[str(file), str(folder)])
        asked = computer.home.with_name("note.sh.asked")
        wanted = ["--home", "x y", "desktop", "ignore", "--", str(file), str(folder)]
        wait_until(
            lambda: asked.exists() and asked.read_text().splitlines() == wanted, "the program"
        )


def test_a_daemon_that_does_not_answer_holds_nobody_up(computer: Computer) -> None:
    import socket

    os.makedirs(computer.paths.control_folder)
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(computer.paths.socket)
        deaf.listen(1)
        with computer.file_manager() as manager:
            items = [computer.folder / f"{number}.txt" for number in range(300)]
            manager.order(show=list(map(str, items)))
            wait_until(lambda: len(manager.drawn) == 300, "all to be drawn", seconds=20)
            assert manager.longest < 0.5
            assert manager.menu(items[0])[-1] == ["Ignore this", True]
