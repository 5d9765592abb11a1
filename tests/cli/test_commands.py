"""Each command: what it asks of the instance, what it prints, its exit code."""

import json
import os
import pathlib
import time
from dataclasses import replace

import pytest

from dreamsync.cli.app import COMMANDS, run
from dreamsync.config.paths import InstancePaths
from dreamsync.control.commands import CommandError, ErrorCode, Keep
from dreamsync.core.status import State, SyncSummary, VerifyReport
from tests.cli.conftest import Call, FakeAccess
from tests.support.fake_commands import HOLD, IDLE, PROBLEM, FakeCommands

AT_REST = SyncSummary(State.IDLE, uploaded=1200, moved=1)


@pytest.mark.parametrize(
    ("summary", "code", "first_line"),
    [
        (
            AT_REST,
            0,
            "Everything is in sync: 1,200 uploaded, 0 downloaded, 1 moved, 0 deleted",
        ),
        (replace(AT_REST, state=State.STOPPED), 0, "Everything is in sync"),
        (replace(AT_REST, conflicts=2), 0, "Everything is in sync"),
        (replace(AT_REST, problems=(PROBLEM,)), 3, "Needs your attention"),
        (replace(AT_REST, holds=(HOLD,)), 3, "Needs your attention"),
        (replace(AT_REST, state=State.OFFLINE), 1, "Not everything is in sync yet (offline)"),
        (replace(AT_REST, state=State.PAUSED), 1, "Not everything is in sync yet (paused)"),
        (replace(AT_REST, state=State.SIGNED_OUT), 5, "Not everything is in sync yet (signed out)"),
    ],
)
def test_sync_is_fine_only_when_all_is_at_rest(
    call: Call, fake: FakeCommands, summary: SyncSummary, code: int, first_line: str
) -> None:
    fake.summary = summary
    printed = call("sync")
    assert printed.code == code
    assert printed.out.startswith(first_line)
    assert printed.err == ""


def test_sync_tells_programs_what_it_did(call: Call, fake: FakeCommands) -> None:
    fake.summary = AT_REST
    assert call("sync", "--json").document == {
        "state": "idle",
        "uploaded": 1200,
        "downloaded": 0,
        "moved": 1,
        "deleted": 0,
        "conflicts": 0,
        "problems": [],
        "holds": [],
    }


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (VerifyReport(3, 3), 0),
        (VerifyReport(3, 2, repaired=("a",)), 0),
        (VerifyReport(3, 2, mismatched=("a",)), 3),
    ],
)
def test_verify_fails_on_what_it_could_not_mend(
    call: Call, fake: FakeCommands, report: VerifyReport, code: int
) -> None:
    fake.report = report
    assert call("verify").code == code
    document = call("verify", "--json").document
    assert document["checked"] == 3
    assert document["mismatched"] == list(report.mismatched)


@pytest.mark.parametrize(
    ("arguments", "asked", "says"),
    [
        (["confirm"], ("confirm", None, False), "h1: 312 deletions go ahead"),
        (["confirm", "h1"], ("confirm", "h1", False), "h1: 312 deletions go ahead"),
        (["confirm", "--reject"], ("confirm", None, True), "h1: 312 files are brought back"),
        (["pause"], ("pause", None), "Paused."),
        (["resume"], ("resume",), "Syncing goes on."),
        (
            ["conflicts", "resolve", "n.txt", "--keep", "theirs"],
            ("resolve", "n.txt", Keep.THEIRS),
            "Resolved: n.txt",
        ),
        (["restore", "a.txt"], ("restore", "a.txt", None), "Restored: a.txt"),
        (["restore", "a.txt", "--version", "3"], ("restore", "a.txt", 3), "Restored"),
        (["trash", "restore", "old.txt"], ("untrash", "t1"), "Restored: old.txt"),
        (["trash", "restore", "t1"], ("untrash", "t1"), "Restored: old.txt"),
        (["ignore", "add", "*.iso"], ("ignore", "*.iso"), "Left out from now on: *.iso"),
    ],
)
def test_what_changes_something(
    call: Call, access: FakeAccess, arguments: list[str], asked: tuple[object, ...], says: str
) -> None:
    fake = access.fake
    fake.state = replace(IDLE, holds=(HOLD,))
    printed = call(*arguments)
    assert printed.code == 0
    assert says in printed.out
    assert fake.asked == [asked]
    assert access.asked_to_change is True


@pytest.mark.parametrize(
    ("arguments", "first"),
    [
        (["activity"], {"act": "uploaded", "path": "사진/하나.jpg", "otherPath": None}),
        (["conflicts"], {"original": "note.txt", "size": 120}),
        (["history", "a.txt"], {"version": 2, "device": {"id": "d-1", "name": "laptop"}}),
        (["ls"], {"path": "사진", "kind": "folder", "state": "synced"}),
        (["trash"], {"id": "t1", "path": "old.txt", "kind": "file"}),
    ],
)
def test_what_lists_something(
    call: Call, access: FakeAccess, arguments: list[str], first: dict[str, object]
) -> None:
    document = call(*arguments, "--json").document
    assert document["next"] is None
    items = document["items"]
    assert isinstance(items, list)
    assert first.items() <= items[0].items()
    assert call(*arguments).out.count("\n") == len(items)
    assert access.asked_to_change is False


def test_who_has_conflicts_is_told_the_next_step(call: Call) -> None:
    """Beside the list, which has a line for each copy."""
    assert "dreamsync conflicts resolve" in call("conflicts").err
    assert call("conflicts", "--json").err == ""


def test_a_listed_name_cannot_harm_the_terminal(call: Call) -> None:
    assert "\x1b" not in call("ls").out


@pytest.mark.parametrize("length", ["0", "soon", "-5m", "1y", "999999d", ""])
def test_a_pause_of_no_length_is_refused(call: Call, fake: FakeCommands, length: str) -> None:
    assert call("pause", "--for", length).code == 2
    assert fake.asked == []


@pytest.mark.parametrize("arguments", [["--until", "25:00"], ["--until", "1h", "--for", "1h"]])
def test_a_pause_until_no_time_is_refused(
    call: Call, fake: FakeCommands, arguments: list[str]
) -> None:
    assert call("pause", *arguments).code == 2
    assert fake.asked == []


@pytest.mark.parametrize(
    "arguments", [["--for", "1h30m"], ["--until", "tomorrow"], ["--until", "18:30"]]
)
def test_a_pause_ends_when_it_was_told(
    call: Call, fake: FakeCommands, arguments: list[str]
) -> None:
    printed = call("pause", *arguments)
    assert (printed.code, printed.out[:13]) == (0, "Paused until ")
    ((_name, until_ms),) = fake.asked
    assert isinstance(until_ms, int)
    assert 0 < until_ms - time.time() * 1000 <= 48 * 3_600_000


def test_an_unknown_question_is_an_error(call: Call) -> None:
    assert call("confirm", "h9").code == 1


def test_all_that_waits_can_be_listed(call: Call, fake: FakeCommands) -> None:
    fake.state = replace(IDLE, holds=(HOLD,))

    assert call("confirm", "--list").out.splitlines() == [f"h1  {path}" for path in HOLD.sample]
    assert call("confirm", "--list", "--reject").code == 2
    assert fake.asked == []


def test_no_question_is_fine(call: Call) -> None:
    assert call("confirm").out == "No deletions are waiting for an answer.\n"


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [
        (ErrorCode.FAILED, 1),
        (ErrorCode.USAGE, 2),
        (ErrorCode.ATTENTION, 3),
        (ErrorCode.NOT_RUNNING, 4),
        (ErrorCode.ALREADY_RUNNING, 1),
        (ErrorCode.SIGNED_OUT, 5),
        (ErrorCode.CONFIGURATION, 78),
        (ErrorCode.NOT_FOUND, 1),
        (ErrorCode.UNREACHABLE, 1),
        (ErrorCode.NOT_OFFERED, 1),
        (ErrorCode.JOURNAL_NEWER, 1),
    ],
)
def test_an_error_is_told_to_people_and_programs(
    call: Call, fake: FakeCommands, code: ErrorCode, exit_code: int
) -> None:
    fake.failure = CommandError(code, "It went wrong.", "a.txt", "Try this.")
    told = call("status")
    assert (told.code, told.out) == (exit_code, "")
    assert told.err == "Error: It went wrong. (a.txt)\nTry this.\n"
    document = call("status", "--json")
    assert document.code == exit_code
    assert document.document == {
        "error": {
            "code": code.value,
            "message": "It went wrong.",
            "path": "a.txt",
            "hint": "Try this.",
        }
    }


def test_what_nobody_expected_is_one_line_and_a_log(
    call: Call, fake: FakeCommands, paths: InstancePaths
) -> None:
    fake.failure = ZeroDivisionError("token=canary")
    printed = call("status")
    assert printed.code == 1
    assert printed.err == (
        f"Error: Something unexpected went wrong. The details are in {paths.command_log_file}\n"
    )
    log = pathlib.Path(paths.command_log_file).read_text()
    assert "ZeroDivisionError" in log
    assert "canary" not in log


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["status", "--nonsense"],
        ["history"],
        ["conflicts", "resolve", "a"],
        ["conflicts", "resolve", "a", "--keep", "nothing"],
        ["restore", "a", "--version", "0"],
        ["activity", "--limit", "0"],
        ["login", "http://127.0.0.1:1"],
        ["completion", "tcsh"],
        [],
    ],
)
def test_bad_usage_is_told_apart(call: Call, arguments: list[str]) -> None:
    assert call(*arguments).code == 2


def test_bad_usage_is_a_document_for_programs(call: Call) -> None:
    printed = call("history", "--json")
    assert printed.code == 2
    assert json.loads(printed.out)["error"]["code"] == "usage"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(call: Call, name: str) -> None:
    printed = call(name, "--help")
    assert printed.code == 0
    assert printed.out.startswith(f"Usage: dreamsync {name}")


def test_the_help_page_fits_its_lines(call: Call) -> None:
    assert "..." not in call("--help").out.split("Commands:")[1]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_our_name(call: Call, shell: str) -> None:
    assert "_DREAMSYNC_COMPLETE" in call("completion", shell).out


def test_ignore_explains_a_path(call: Call) -> None:
    assert call("ignore", "check", "x.part").out == "x.part is left out by the rule *.part\n"
    document = call("ignore", "check", "x.txt", "--json").document
    assert document == {"path": "x.txt", "ignored": False, "rule": None}


@pytest.mark.parametrize("words", [["--home", "second"], ["--home=second"]])
def test_an_instance_can_be_named_in_front(
    words: list[str], tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DREAMSYNC_HOME", str(tmp_path / "first"))

    assert run([*words, "config", "path"]) == 0

    assert capsys.readouterr().out == f"{tmp_path / 'second' / 'config.toml'}\n"
    assert os.environ["DREAMSYNC_HOME"] == str(tmp_path / "second")
