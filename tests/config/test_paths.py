"""An instance under DREAMSYNC_HOME keeps everything there, and its socket always fits."""

import dataclasses
import os
import pathlib
import stat
import sys

import pytest

from dreamsync.config.paths import InstancePaths, make_private_folder

posix = pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets and modes")


def test_everything_lies_under_the_home(tmp_path: pathlib.Path) -> None:
    paths = InstancePaths.from_environment({"DREAMSYNC_HOME": str(tmp_path)})
    for field in dataclasses.fields(paths):
        if field.name != "control_folder":
            assert getattr(paths, field.name).startswith(str(tmp_path)), field.name
    assert paths.default_folder == str(tmp_path / "folder")


def test_a_relative_home_is_made_absolute() -> None:
    paths = InstancePaths.from_environment({"DREAMSYNC_HOME": "here"})
    assert paths.config_file == os.path.join(os.getcwd(), "here", "config.toml")


def test_without_a_home_the_platform_decides() -> None:
    paths = InstancePaths.from_environment({})
    assert paths.default_folder == os.path.join(os.path.expanduser("~"), "dreamsync")
    assert "dreamsync" in paths.config_file


@posix
def test_a_short_home_keeps_its_socket() -> None:
    assert InstancePaths.under("/srv/d").socket == "/srv/d/state/control/control.sock"


@posix
def test_a_socket_path_too_long_moves_to_a_short_folder() -> None:
    first = InstancePaths.under("/srv/" + "나" * 60)
    second = InstancePaths.under("/srv/" + "다" * 60)
    assert len(os.fsencode(first.socket)) <= 100
    assert first.socket != second.socket


@pytest.mark.security(6)
@posix
def test_a_private_folder_is_closed_to_others(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "control"
    folder.mkdir(mode=0o755)
    make_private_folder(str(folder))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.security(6)
@posix
def test_a_link_in_its_place_is_refused(tmp_path: pathlib.Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "control").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError):
        make_private_folder(str(tmp_path / "control"))
