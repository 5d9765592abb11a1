"""Each trouble that doctor knows is found, named, and answered with what to do."""

import json
import os
import pathlib
import sys
from collections.abc import Mapping

import pytest

from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import Config
from dreamsync.daemon.doctor import Finding, Level, examine, folder_checks
from dreamsync.local.marker import RootMarker
from dreamsync.local.root import Root


@pytest.fixture
def folder(config: Config) -> pathlib.Path:
    """The synced folder with its marker."""
    marker = RootMarker("root", config.account.id, "dev", "2026-01-01T00:00:00Z")
    Root(config.folder.path, expected=None).establish(marker)
    return pathlib.Path(config.folder.path)


def found(paths: InstancePaths, *, fix: bool = False) -> Mapping[str, Finding]:
    return {one.check: one for one in examine(paths, fix=fix)}


def test_nothing_set_up_is_one_finding(paths: InstancePaths) -> None:
    (finding,) = examine(paths, fix=False)
    assert finding.level is Level.ERROR
    assert finding.hint is not None
    assert "dreamsync up" in finding.hint


def test_a_broken_configuration_is_one_finding(paths: InstancePaths, config: Config) -> None:
    pathlib.Path(paths.config_file).write_text("[nonsense]")
    (finding,) = examine(paths, fix=False)
    assert "nonsense" in finding.message


def test_a_good_folder_is_fine_and_a_silent_server_is_not(
    paths: InstancePaths, folder: pathlib.Path
) -> None:
    findings = found(paths)
    assert findings["folder"].level is Level.FINE
    assert findings["second-client"].level is Level.FINE
    assert findings["secrets"].message == "This computer is signed out."
    assert findings["daemon"].hint == "Start it with: dreamsync start"


def test_a_missing_folder(paths: InstancePaths, config: Config) -> None:
    finding = found(paths)["folder"]
    assert (finding.level, "is not there" in finding.message) == (Level.ERROR, True)


def test_a_folder_without_its_marker(paths: InstancePaths, folder: pathlib.Path) -> None:
    (folder / ".dreamsync" / "root.json").unlink()
    assert "no marker" in found(paths)["folder"].message


def test_a_folder_of_another_account(paths: InstancePaths, folder: pathlib.Path) -> None:
    marker = folder / ".dreamsync" / "root.json"
    marker.write_text(json.dumps({**json.loads(marker.read_text()), "account": "other"}))
    assert "another account" in found(paths)["folder"].message


def test_another_program_that_syncs_the_folder(paths: InstancePaths, folder: pathlib.Path) -> None:
    (folder / ".stfolder").mkdir()
    finding = found(paths)["second-client"]
    assert (finding.level, "Syncthing" in finding.message) == (Level.WARNING, True)


@pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")
def test_too_few_watches_name_the_exact_setting(
    paths: InstancePaths, folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_checks, "count_folders", lambda path: 10_000_000)
    finding = found(paths)["watch-limit"]
    assert finding.level is Level.ERROR
    assert finding.hint == ("Raise the limit: sudo sysctl fs.inotify.max_user_watches=20000000")


def test_a_network_file_system_is_a_warning(
    paths: InstancePaths, folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_checks, "mount_type", lambda path: "fuse.sshfs")
    assert found(paths)["file-system"].level is Level.WARNING


def test_a_damaged_journal(paths: InstancePaths, folder: pathlib.Path) -> None:
    os.makedirs(paths.state, exist_ok=True)
    pathlib.Path(paths.journal).write_bytes(b"SQLite format 3\x00" + b"\xff" * 4096)
    finding = found(paths)["journal"]
    assert (finding.level, "damaged" in finding.message) == (Level.ERROR, True)


@pytest.mark.skipif(sys.platform == "win32", reason="no modes")
def test_open_doors_are_closed_only_when_asked(paths: InstancePaths, folder: pathlib.Path) -> None:
    os.makedirs(paths.state, exist_ok=True)
    os.chmod(paths.state, 0o755)
    assert found(paths)["permissions"].level is Level.ERROR
    assert found(paths, fix=True)["permissions"].fixed
    assert found(paths)["permissions"].level is Level.FINE


def test_a_check_that_fails_is_a_finding_too(
    paths: InstancePaths, folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(path: str) -> None:
        raise OSError("stale file handle")

    monkeypatch.setattr(folder_checks, "mount_type", broken)
    assert found(paths)["file-system"].message == "This could not be checked: stale file handle"
