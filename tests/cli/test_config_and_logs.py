"""`config` and `logs` work on files alone, with or without a daemon."""

import pathlib

import pytest

from dreamsync.config.paths import InstancePaths
from tests.cli.conftest import Call, FakeAccess
from tests.support.fake_commands import FakeCommands


def test_a_setting_is_set_and_the_daemon_told(call: Call, fake: FakeCommands) -> None:
    assert call("config", "set", "sync.poll_seconds", "60").code == 0
    assert call("config", "get", "sync.poll_seconds").out == "60\n"
    assert call("config", "get", "sync.poll_seconds", "--json").document["value"] == 60
    assert fake.asked == [("reload",)]


def test_without_a_daemon_it_is_set_all_the_same(call: Call, access: FakeAccess) -> None:
    access.running = False
    assert call("config", "set", "folder.ignore_builtins", "off").code == 0
    assert call("config", "get", "folder.ignore_builtins").out == "false\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["set", "sync.poll_secs", "5"], "Did you mean sync.poll_seconds?"),
        (["set", "sync.poll_seconds", "often"], "a whole number from 1"),
        (["get", "nonsense"], "is not a setting"),
    ],
)
def test_a_mistake_is_a_bad_configuration(call: Call, arguments: list[str], says: str) -> None:
    printed = call("config", *arguments)
    assert printed.code == 78
    assert says in printed.err


def test_a_broken_file_is_named(call: Call, paths: InstancePaths) -> None:
    file = pathlib.Path(paths.config_file)
    file.parent.mkdir(parents=True)
    file.write_text("[sync]\npol_seconds = 5\n")
    printed = call("config", "--json")
    assert printed.code == 78
    error = printed.document["error"]
    assert isinstance(error, dict)
    assert error["code"] == "configuration"
    assert f"{file}, line 2" in error["message"]


def test_all_settings_are_listed(call: Call) -> None:
    document = call("config", "--json").document
    assert {"key": "sync.trash_days", "value": 30} in document["items"]  # type: ignore[operator]
    assert "sync.trash_days" in call("config").out


def test_the_end_of_the_log_is_shown(call: Call, paths: InstancePaths) -> None:
    log = pathlib.Path(paths.log_file)
    log.parent.mkdir(parents=True)
    log.write_text("one\ntwo\nthr\x1bee\n")
    assert call("logs", "--lines", "2").out == "two\nthr\\x1bee\n"
    assert call("logs", "--json").document["items"] == ["one", "two", "thr\x1bee"]


def test_no_log_yet_is_fine(call: Call) -> None:
    assert call("logs").code == 0
    assert call("logs", "--json").document["items"] == []
