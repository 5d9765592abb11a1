"""Entries that start programs at login, read back as each system reads them."""

import configparser
import os
import plistlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dreamsync.desktop.autostart import linux, macos, windows
from dreamsync.desktop.autostart.entry import Entries, Entry, Found, Part, Program

NASTY = 'a $HOME %h "q" \\ `x` 한글'
"""A folder's name with whatever means something to somebody."""

Maker = Callable[[list[Program]], Entries]


class Registry:
    """The values of a key, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        return self.kept.get(name)

    def set(self, name: str, text: str) -> None:
        self.kept[name] = text

    def delete(self, name: str) -> None:
        self.kept.pop(name, None)


def programs(executable: str, *, home: str = "/h") -> list[Program]:
    def program(part: Part, name: str, *arguments: str) -> Program:
        return Program(part, name, f"dreamsync {part.value}", (executable, *arguments))

    return [
        program(Part.SERVER, "dreamsync-server", "--home", home, "serve", "--own"),
        program(Part.DAEMON, "dreamsync", "--home", home, "run"),
        program(Part.TRAY, "dreamsync-tray", "--home", home, "tray"),
    ]


@pytest.fixture
def executable(tmp_path: Path) -> str:
    """A program that prints what it was given, in a folder of a nasty name (Windows allows no
    quotation marks in one)."""
    place = tmp_path / NASTY.replace('"', "") / "dreamsync"
    place.parent.mkdir()
    place.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    place.chmod(0o755)
    return str(place)


@pytest.fixture(params=["systemd", "xdg", "macos", "windows"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Maker:
    registry, folder = Registry(), str(tmp_path / "config")
    makers: dict[str, Maker] = {
        "systemd": lambda some: linux.entries(some, config_home=folder, systemd=True),
        "xdg": lambda some: linux.entries(some, config_home=folder, systemd=False),
        "macos": lambda some: macos.entries(some, folder=folder),
        "windows": lambda some: windows.entries(some, values=registry),
    }
    return makers[request.param]


def states(entries: Entries) -> set[Found]:
    return {one.found() for one in entries.wanted}


def write_all(entries: Entries) -> None:
    for entry in entries.wanted:
        entry.write()


def test_entries_are_made_once_and_removed_without_a_trace(make: Maker, executable: str) -> None:
    entries = make(programs(executable))
    assert states(entries) == {Found.OFF}

    write_all(entries)
    write_all(entries)
    assert states(entries) == {Found.ON}
    assert {one.part for one in entries.wanted} == set(Part)
    assert all(one.command()[0] == executable for one in entries.wanted)

    for entry in entries.wanted:
        entry.remove()
        entry.remove()
    assert states(entries) == {Found.OFF}
    assert all(list(one.command()) == [] for one in entries.wanted)


def test_a_program_that_was_moved_is_noticed_and_followed(
    make: Maker, executable: str, tmp_path: Path
) -> None:
    write_all(make(programs(executable)))
    moved = str(tmp_path / "dreamsync of today")
    os.rename(executable, moved)

    assert states(make(programs(executable))) == {Found.GONE}
    assert states(make(programs(moved))) == {Found.GONE}
    write_all(make(programs(moved)))
    assert states(make(programs(moved))) == {Found.ON}


def test_one_that_starts_another_dreamsync_is_told_of(make: Maker, executable: str) -> None:
    write_all(make(programs(executable, home="/first")))

    assert states(make(programs(executable, home="/second"))) == {Found.CHANGED}


def test_an_instance_leaves_the_entries_of_another_alone(make: Maker, executable: str) -> None:
    one = make([Program(Part.DAEMON, "dreamsync", "dreamsync", (executable,))])
    other = make([Program(Part.DAEMON, "dreamsync-ab12", "dreamsync", (executable,))])
    write_all(one)
    write_all(other)

    for entry in other.wanted:
        entry.remove()

    assert states(one) == {Found.ON}


def test_what_others_put_there_is_neither_taken_for_ours_nor_removed(
    executable: str, tmp_path: Path
) -> None:
    (entry,) = linux.entries(programs(executable)[1:2], config_home=str(tmp_path)).wanted
    theirs = Path(entry.place)
    theirs.parent.mkdir(parents=True)
    theirs.write_text("[Unit]\nDescription=mine\n")

    assert entry.found() is Found.FOREIGN
    entry.remove()
    assert theirs.read_text() == "[Unit]\nDescription=mine\n"


def test_a_value_of_the_registry_that_starts_something_else_stays() -> None:
    registry = Registry()
    (entry,) = windows.entries(programs("C:\\dreamsync.exe")[1:2], values=registry).wanted
    registry.kept["dreamsync"] = '"C:\\other.exe"'

    assert entry.found() is Found.FOREIGN
    entry.remove()
    assert registry.kept == {"dreamsync": '"C:\\other.exe"'}


def test_a_unit_that_was_switched_off_by_hand_is_seen(executable: str, tmp_path: Path) -> None:
    entry = unit(executable, tmp_path)
    entry.write()
    (tmp_path / "systemd/user/default.target.wants/dreamsync.service").unlink()

    assert entry.found() is Found.CHANGED


def test_other_units_stay_switched_on(executable: str, tmp_path: Path) -> None:
    theirs = tmp_path / "systemd/user/default.target.wants/theirs.service"
    theirs.parent.mkdir(parents=True)
    theirs.symlink_to("/nowhere/theirs.service")
    entry = unit(executable, tmp_path)
    entry.write()
    entry.remove()

    assert [one for one in (tmp_path / "systemd").rglob("*") if not one.is_dir()] == [theirs]


def test_the_unit_is_what_a_service_that_must_not_die_needs(
    executable: str, tmp_path: Path
) -> None:
    entry = unit(executable, tmp_path)
    entry.write()

    parsed = configparser.RawConfigParser(interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read(entry.place)
    service = dict(parsed["Service"])
    assert service["Type"] == "notify"
    assert service["Restart"] == "on-failure"
    assert service["RestartPreventExitStatus"] == "5 78"
    assert int(service["WatchdogSec"]) > 0
    assert service["WorkingDirectory"] == "/"
    assert parsed["Install"]["WantedBy"] == "default.target"
    assert parsed["Unit"]["After"] == "dreamsync-server.service"
    assert "Wants" not in parsed["Unit"], "a server that `up` started is not to be doubled"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_finds_nothing_wrong_with_the_units(executable: str, tmp_path: Path) -> None:
    entries = linux.entries(programs(executable), config_home=str(tmp_path), systemd=True)
    write_all(entries)
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    units = [one.place for one in entries.wanted if one.place.endswith(".service")]

    verified = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", "--recursive-errors=no", *units],
        env={**os.environ, "XDG_RUNTIME_DIR": str(runtime), "XDG_CONFIG_HOME": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert verified.stderr == ""
    assert verified.returncode == 0


def test_a_desktop_entry_starts_the_program_with_its_words_as_they_are(
    executable: str, tmp_path: Path
) -> None:
    """As the specification says: the value's backslashes first, then the quotes, then the
    percent signs."""
    entries = linux.entries(
        programs(executable, home=NASTY), config_home=str(tmp_path), systemd=False
    )
    write_all(entries)
    tray = next(one for one in entries.wanted if one.part is Part.TRAY)
    line = next(one for one in Path(tray.place).read_text().splitlines() if one.startswith("Exec="))

    told = subprocess.run(
        ["sh", "-c", line.removeprefix("Exec=").replace("\\\\", "\\").replace("%%", "%")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert told.stdout.splitlines() == ["--home", NASTY, "tray"]


@pytest.mark.skipif(shutil.which("desktop-file-validate") is None, reason="not installed")
def test_the_desktop_entries_are_valid(executable: str, tmp_path: Path) -> None:
    entries = linux.entries(programs(executable), config_home=str(tmp_path), systemd=False)
    write_all(entries)

    places = [one.place for one in entries.wanted]
    told = subprocess.run(["desktop-file-validate", *places], capture_output=True, check=False)

    assert (told.returncode, told.stdout) == (0, b"")


def test_a_launch_agent_keeps_the_daemon_alive_and_shows_the_icon_on_a_screen(
    tmp_path: Path,
) -> None:
    entries = macos.entries(programs(sys.executable), folder=str(tmp_path))
    write_all(entries)

    agents = {one.part: plistlib.loads(Path(one.place).read_bytes()) for one in entries.wanted}
    assert {Path(one.place).stem for one in entries.wanted} == {
        agent["Label"] for agent in agents.values()
    }
    assert all(agent["RunAtLoad"] for agent in agents.values())
    assert agents[Part.DAEMON]["KeepAlive"] == {"SuccessfulExit": False}
    assert agents[Part.DAEMON]["ProgramArguments"] == [sys.executable, "--home", "/h", "run"]
    assert agents[Part.TRAY]["LimitLoadToSessionType"] == "Aqua"
    assert "KeepAlive" not in agents[Part.TRAY]


def test_windows_starts_the_twin_without_a_black_window(tmp_path: Path) -> None:
    registry = Registry()
    folder = tmp_path / "my programs"
    folder.mkdir()
    for name in ("python.exe", "pythonw.exe"):
        (folder / name).touch()

    write_all(windows.entries(programs(str(folder / "python.exe")), values=registry))

    twin = folder / "pythonw.exe"
    assert registry.kept["dreamsync"] == f'"{twin}" --home /h run'
    assert sorted(registry.kept) == ["dreamsync", "dreamsync-server", "dreamsync-tray"]


def unit(executable: str, config_home: Path) -> Entry:
    entries = linux.entries(programs(executable), config_home=str(config_home), systemd=True)
    return next(one for one in entries.wanted if one.part is Part.DAEMON)
