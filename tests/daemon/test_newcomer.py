"""A newcomer's first hour, with real processes: up, up again, a second computer, sign-out, move."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import SecretsKind
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.daemon.account import NewSignIn, sign_in
from dreamsync.daemon.background import daemon_status, ensure_stopped
from dreamsync.daemon.embedded_server import running_server, stop_server
from dreamsync.server import admin

pytestmark = pytest.mark.e2e


class Computer:
    """One `DREAMSYNC_HOME`, used by commands as a person would type them."""

    def __init__(self, home: pathlib.Path) -> None:
        self.paths = InstancePaths.under(str(home))
        self.folder = pathlib.Path(self.paths.default_folder)
        self._environment = {
            **os.environ,
            "DREAMSYNC_HOME": str(home),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={home}/no-bus",
        }

    def do(self, *arguments: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "dreamsync", *arguments],
            env=self._environment, input=typed, capture_output=True, text=True, check=False,
            timeout=60,
        )  # fmt: skip

    def told(self, *arguments: str) -> str:
        """What a command that must succeed printed."""
        finished = self.do(*arguments)
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    def end(self) -> None:
        ensure_stopped(self.paths)
        server = running_server(self.paths.server_data)
        if server is not None:
            stop_server(self.paths.server_data, server)


@pytest.fixture
def first(tmp_path: pathlib.Path) -> Iterator[Computer]:
    computer = Computer(tmp_path / "first")
    yield computer
    computer.end()


@pytest.fixture
def second(tmp_path: pathlib.Path) -> Iterator[Computer]:
    computer = Computer(tmp_path / "second")
    yield computer
    computer.end()


def test_one_command_is_all_it_takes(first: Computer) -> None:
    told = first.told("up")
    assert re.search(r"Password  \S{20}", told)
    assert "no keyring" in told
    assert str(first.folder) in told
    (first.folder / "사진.txt").write_text("안녕")
    first.told("sync")
    status = json.loads(first.told("status", "--json"))
    assert (status["state"], status["files"], status["pending"]) == ("idle", 1, 0)
    server = running_server(first.paths.server_data)

    again = first.told("up")
    assert "Password" not in again
    assert told.splitlines()[3:7] == again.splitlines()[:4]
    assert running_server(first.paths.server_data) == server


@pytest.mark.slow
def test_a_second_computer_joins_and_leaves(first: Computer, second: Computer) -> None:
    first.told("up")
    (first.folder / "a.txt").write_text("one")
    first.told("sync")
    code = first.told("up", "--lan").partition("dreamsync join ")[2].split()[0]
    second.told("join", code, "--device", "tablet", "--secrets", "file")
    second.told("sync")
    assert (second.folder / "a.txt").read_text() == "one"

    used = second.do("join", code, "--secrets", "file")
    assert used.returncode == 5
    assert "used already" in used.stderr
    assert daemon_status(second.paths) is not None

    devices = json.loads(first.told("devices", "--json"))["items"]
    assert {one["name"] for one in devices if not one["current"]} == {"tablet"}
    first.told("devices", "revoke", "tablet")
    assert second.do("sync").returncode == 5
    assert (second.folder / "a.txt").exists()


def test_what_was_killed_is_started_again_and_signing_out_keeps_the_files(
    first: Computer,
) -> None:
    first.told("up")
    first.end()
    first.told("up")
    assert daemon_status(first.paths) is not None

    (first.folder / "a.txt").write_text("one")
    first.told("sync")
    assert "Your files stay" in first.told("logout")
    assert (first.folder / "a.txt").exists()
    assert first.do("sync").returncode == 5
    assert "Nobody is signed in" in first.told("logout")


def test_the_folder_moves_and_syncing_goes_on(first: Computer, tmp_path: pathlib.Path) -> None:
    first.told("up")
    (first.folder / "a.txt").write_text("one")
    first.told("sync")
    first.told("move-folder", str(tmp_path / "elsewhere" / "deep"))
    moved = tmp_path / "elsewhere" / "deep"
    assert (moved / "a.txt").read_text() == "one"
    assert not first.folder.exists()
    document = json.loads(first.told("sync", "--json"))
    assert [document[done] for done in ("uploaded", "downloaded", "deleted")] == [0, 0, 0]
    assert json.loads(first.told("status", "--json"))["folder"] == str(moved)

    os.rename(moved, tmp_path / "by-hand")
    first.told("move-folder", str(tmp_path / "by-hand"))
    assert json.loads(first.told("sync", "--json"))["uploaded"] == 0


@pytest.fixture(scope="module")
def household(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Computer]:
    """A computer that is up, with two more accounts on its server: `a@home` and `b@home`."""
    computer = Computer(tmp_path_factory.mktemp("household"))
    computer.told("up")
    for email in ("a@home", "b@home"):
        admin.add_user(computer.paths.server_data, email, "a long password")
    yield computer
    computer.end()


@pytest.fixture
def server(household: Computer) -> str:
    """The URL of the household's server."""
    running = running_server(household.paths.server_data)
    assert running is not None
    return running.url


def test_a_folder_of_another_account_is_refused(
    server: str, second: Computer, tmp_path: pathlib.Path
) -> None:
    folder = str(tmp_path / "shared")
    wanted = NewSignIn(server, folder, SecretsKind.FILE)
    sign_in(second.paths, wanted, email="a@home", password="a long password")

    third = InstancePaths.under(str(tmp_path / "third"))
    with pytest.raises(CommandError, match="another account") as caught:
        sign_in(third, wanted, email="b@home", password="a long password")
    assert caught.value.path == folder
    assert not os.path.exists(third.secrets_file)
    assert not os.path.exists(third.config_file)


def test_a_wrong_password_changes_nothing(server: str, second: Computer) -> None:
    finished = second.do(
        "login", server, "--email", "a@home", "--password-stdin", "--secrets", "file",
        typed="guess\n",
    )  # fmt: skip
    assert finished.returncode == 5
    assert finished.stderr.startswith("Error: The email or the password is wrong.")
    assert not os.path.exists(second.paths.config_file)


def test_plain_http_elsewhere_is_refused(second: Computer) -> None:
    finished = second.do(
        "login", "http://sync.example.com", "--email", "a@home", "--password-stdin",
        "--secrets", "file", typed="guess\n",
    )  # fmt: skip
    assert finished.returncode == 1
    assert "plain HTTP" in finished.stderr


def test_the_home_itself_is_no_synced_folder(server: str, tmp_path: pathlib.Path) -> None:
    paths = InstancePaths.under(str(tmp_path / "third"))
    for folder in (str(tmp_path / "third"), paths.state, os.path.expanduser("~"), os.sep):
        wanted = NewSignIn(server, folder, SecretsKind.FILE)
        with pytest.raises(CommandError) as caught:
            sign_in(paths, wanted, email="a@home", password="a long password")
        assert caught.value.code is ErrorCode.USAGE


def test_a_second_daemon_on_the_folder_ends_at_once(household: Computer, second: Computer) -> None:
    os.makedirs(os.path.dirname(second.paths.config_file))
    shutil.copyfile(household.paths.config_file, second.paths.config_file)
    started = time.monotonic()
    refused = second.do("run")
    assert time.monotonic() - started < 5
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: Another dreamsync already syncs the folder")
    assert second.do("start").returncode == 1


def test_doctor_finds_all_well_and_what_is_not(household: Computer) -> None:
    found = {one["check"]: one for one in json.loads(household.told("doctor", "--json"))["items"]}
    assert [one for one in found.values() if one["level"] == "error"] == []
    assert found["server"]["level"] == "fine"

    os.chmod(household.paths.config_file, 0o644)
    os.chmod(household.paths.state, 0o755)
    troubled = household.do("doctor", "--json")
    assert troubled.returncode == 3
    assert "permissions" in troubled.stdout
    mended = json.loads(household.told("doctor", "--fix", "--json"))["items"]
    assert [one["check"] for one in mended if one["fixed"]] == ["permissions"]
    assert os.stat(household.paths.state).st_mode & 0o077 == 0
