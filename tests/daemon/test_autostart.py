"""Starting an instance at login: which programs, and what becomes of what was there before."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from dreamsync.config.file import save_config
from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import Config, ServerSettings
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.daemon import autostart
from dreamsync.daemon.autostart import (
    follow_executable,
    look,
    start_by_manager,
    turn_off,
    turn_on,
)
from dreamsync.desktop.autostart import linux
from dreamsync.desktop.autostart.entry import Found, Part

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="its entries are files on Linux")


@pytest.fixture
def config_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    use_systemd(monkeypatch, False)
    return tmp_path / "config"


def use_systemd(monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
    """The files are the same whether a manager runs or not; it is not told here."""
    monkeypatch.setattr(linux, "has_systemd", lambda: there)
    monkeypatch.setattr(linux, "reload_units", lambda: None)


def files(folder: Path) -> set[str]:
    return {one.name for one in folder.rglob("*") if one.is_file()}


def test_syncing_and_the_icon_start_and_with_them_a_server_of_ones_own(
    paths: InstancePaths, config: Config, config_home: Path
) -> None:
    assert {one.part for one in turn_on(paths)} == {Part.DAEMON, Part.TRAY}

    save_config(replace(config, server=ServerSettings(embedded=True)), paths.config_file)
    assert {one.part for one in turn_on(paths)} == set(Part)
    assert all(one.found is Found.ON for one in look(paths))
    assert len(files(config_home)) == 3

    save_config(config, paths.config_file)
    assert Part.SERVER in {one.part for one in look(paths)}, "it is still there"
    turn_on(paths)
    assert len(files(config_home)) == 2, "it is there no more"


def test_a_system_that_gets_systemd_starts_it_once_and_not_twice(
    paths: InstancePaths, config: Config, config_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn_on(paths)
    use_systemd(monkeypatch, True)
    turn_on(paths)

    name = f"dreamsync-{paths.mark[:8]}"
    assert files(config_home) == {f"{name}.service", f"{name}-tray.desktop"}
    turn_off(paths)
    assert files(config_home) == set()


def test_what_was_removed_is_told_and_once_only(
    paths: InstancePaths, config: Config, config_home: Path
) -> None:
    turn_on(paths)

    assert [one.part for one in turn_off(paths)] == [Part.DAEMON, Part.TRAY]
    assert turn_off(paths) == []


def test_two_instances_start_side_by_side(
    paths: InstancePaths, config: Config, config_home: Path, tmp_path: Path
) -> None:
    other = InstancePaths.under(str(tmp_path / "other"))
    save_config(config, other.config_file)
    turn_on(paths)
    turn_on(other)
    assert len(files(config_home)) == 4

    turn_off(other)
    assert {one.found for one in look(paths)} == {Found.ON}


def test_what_another_program_put_there_stays_and_nothing_is_changed(
    paths: InstancePaths, config: Config, config_home: Path
) -> None:
    theirs = config_home / "autostart" / f"dreamsync-{paths.mark[:8]}-tray.desktop"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("[Desktop Entry]\n")

    with pytest.raises(CommandError, match="not from dreamsync"):
        turn_on(paths)

    assert turn_off(paths) == []
    assert files(config_home) == {theirs.name}


def test_up_follows_a_program_that_was_moved_and_respects_what_a_person_changed(
    paths: InstancePaths, config: Config, config_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not follow_executable(paths)
    monkeypatch.setattr(autostart, "own_command", lambda *rest: ["/gone/dreamsync", *rest])
    turn_on(paths)
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(config_home))
    use_systemd(monkeypatch, False)
    assert {one.found for one in look(paths)} == {Found.GONE}

    assert follow_executable(paths)
    assert {one.found for one in look(paths)} == {Found.ON}

    (tray,) = (Path(one.place) for one in look(paths) if one.part is Part.TRAY)
    tray.write_text(tray.read_text() + "Hidden=true\n")
    assert follow_executable(paths)
    assert "Hidden" in tray.read_text()


def test_what_login_would_start_the_manager_starts_at_other_times_too(
    paths: InstancePaths, config: Config, config_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []

    def noted(name: str) -> bool:
        started.append(name)
        return True

    monkeypatch.setattr(linux, "start_unit", noted)
    assert not start_by_manager(paths, Part.DAEMON)

    use_systemd(monkeypatch, True)
    assert not start_by_manager(paths, Part.DAEMON), "login starts nothing yet"
    turn_on(paths)
    assert start_by_manager(paths, Part.DAEMON)
    assert not start_by_manager(paths, Part.SERVER), "there is none here"

    save_config(replace(config, server=ServerSettings(embedded=True)), paths.config_file)
    turn_on(paths)
    assert start_by_manager(paths, Part.SERVER)
    assert start_by_manager(paths, Part.DAEMON)
    name = f"dreamsync-{paths.mark[:8]}"
    assert started == [f"{name}.service", f"{name}-server.service", f"{name}.service"]


def test_what_is_not_set_up_does_not_start(paths: InstancePaths, config_home: Path) -> None:
    with pytest.raises(CommandError) as caught:
        turn_on(paths)

    assert caught.value.code is ErrorCode.SIGNED_OUT
    assert files(config_home) == set()
