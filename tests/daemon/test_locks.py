"""One writer for each journal and each folder, across processes and by whatever path."""

import os
import pathlib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from dreamsync.config.paths import InstancePaths
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.daemon import locks
from dreamsync.daemon.locks import folder_lock_files, instance_locked, is_locked

HOLDER = """
import sys
from dreamsync.config.paths import InstancePaths
from dreamsync.daemon.locks import instance_locked
with instance_locked(InstancePaths.under(sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held_elsewhere(home: pathlib.Path, folder: pathlib.Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the instance under `home` and `folder`."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home), str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "PATIENCE_SECONDS", 0.0)


def refused(home: pathlib.Path, folder: pathlib.Path) -> CommandError:
    with (
        pytest.raises(CommandError) as caught,
        instance_locked(InstancePaths.under(str(home)), str(folder)),
    ):
        pass
    assert caught.value.code is ErrorCode.ALREADY_RUNNING
    return caught.value


@pytest.mark.promise(21)
@pytest.mark.fault("two daemons")
def test_a_second_daemon_of_one_instance_is_refused(tmp_path: pathlib.Path) -> None:
    with held_elsewhere(tmp_path / "a", tmp_path / "folder"):
        assert "already running" in refused(tmp_path / "a", tmp_path / "folder").message


@pytest.mark.promise(21)
@pytest.mark.fault("two daemons")
def test_another_instance_on_the_same_folder_is_refused(tmp_path: pathlib.Path) -> None:
    (tmp_path / "folder").mkdir()
    with held_elsewhere(tmp_path / "a", tmp_path / "folder"):
        error = refused(tmp_path / "b", tmp_path / "folder")
    assert error.path == str(tmp_path / "folder")
    assert "already syncs" in error.message


@pytest.mark.promise(21)
@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need rights there")
def test_the_same_folder_by_another_path_is_refused(tmp_path: pathlib.Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder")
    with held_elsewhere(tmp_path / "a", tmp_path / "folder"):
        refused(tmp_path / "b", tmp_path / "link")


def test_a_folder_that_was_renamed_is_still_the_same(tmp_path: pathlib.Path) -> None:
    (tmp_path / "folder").mkdir()
    with held_elsewhere(tmp_path / "a", tmp_path / "folder"):
        (tmp_path / "folder").rename(tmp_path / "renamed")
        refused(tmp_path / "b", tmp_path / "renamed")


def test_a_missing_folder_is_locked_too(tmp_path: pathlib.Path) -> None:
    with held_elsewhere(tmp_path / "a", tmp_path / "missing"):
        refused(tmp_path / "b", tmp_path / "missing")
    assert not (tmp_path / "missing").exists()


def test_other_folders_are_free(tmp_path: pathlib.Path) -> None:
    with (
        held_elsewhere(tmp_path / "a", tmp_path / "one"),
        instance_locked(InstancePaths.under(str(tmp_path / "b")), str(tmp_path / "two")),
    ):
        pass


@pytest.mark.promise(21)
@pytest.mark.fault("two daemons")
def test_a_killed_process_holds_nothing(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = InstancePaths.under(str(tmp_path / "a"))
    with held_elsewhere(tmp_path / "a", tmp_path / "folder") as holder:
        assert is_locked(paths)
        holder.kill()
        holder.wait()
    monkeypatch.setattr(locks, "PATIENCE_SECONDS", 5.0)
    with instance_locked(paths, str(tmp_path / "folder")):
        pass
    assert not is_locked(paths)


@pytest.mark.fault("two daemons")
def test_a_refusal_comes_within_the_promised_time(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    with held_elsewhere(tmp_path / "a", tmp_path / "folder"):
        started = time.monotonic()
        refused(tmp_path / "b", tmp_path / "folder")
    assert time.monotonic() - started < 5.0


def test_a_released_folder_leaves_no_file_behind(tmp_path: pathlib.Path) -> None:
    folder = str(tmp_path / "folder")
    with instance_locked(InstancePaths.under(str(tmp_path / "a")), folder):
        assert all(os.path.exists(path) for path in folder_lock_files(folder))
    assert not any(os.path.exists(path) for path in folder_lock_files(folder))


def test_looking_leaves_nothing_behind(tmp_path: pathlib.Path) -> None:
    assert not is_locked(InstancePaths.under(str(tmp_path / "never")))
    assert not (tmp_path / "never").exists()
