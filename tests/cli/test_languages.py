"""The command line in Korean: help, click's own words, errors, answers; and what stays English."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dreamsync.cli.app import COMMANDS
from dreamsync.config.paths import InstancePaths
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.core.status import Problem, Reason, State, Verified
from dreamsync.i18n import use_language
from dreamsync.message import N_
from tests.cli.conftest import Call
from tests.support.fake_commands import IDLE, SINCE_MS, FakeCommands

_GROUPS = ("autostart", "config", "conflicts", "devices", "ignore", "serve-admin", "serve-user")
_ENGLISH = re.compile(r"(?<![-`\w])[A-Za-z]?[a-z]+ [a-z]{2,}(?! *\|)")
"""Two words in a row, which is more than a command or an option."""


@pytest.fixture(autouse=True)
def korean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DREAMSYNC_LANG", "ko")
    yield
    use_language("en")


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_a_help_page_is_korean_down_to_the_last_line(call: Call, command: str) -> None:
    printed = call(*command.split(), "--help")

    assert printed.code == 0
    assert printed.out.startswith("사용법: dreamsync")
    assert "이 도움말을 보여 주고 끝냅니다." in printed.out
    lines = [line for line in printed.out.splitlines() if not line.startswith(("  예:", "사용법:"))]
    sentences = re.sub(r"`[^`]*`|dreamsync(\s+[a-z][a-z-]*)*", "", "\n".join(lines))
    assert _ENGLISH.findall(sentences) == []


@pytest.mark.parametrize("group", _GROUPS)
def test_the_commands_of_a_group_are_told_in_korean(call: Call, group: str) -> None:
    page = call(group, "--help").out

    told = dict(re.findall(r"^  ([a-z-]+)  +(\S.*)$", page, re.MULTILINE))
    assert told
    assert all(re.search("[가-힣]", words) for words in told.values())


def test_no_line_of_a_help_page_is_wider_than_the_terminal(call: Call) -> None:
    """A Hangul syllable takes two cells."""
    for command in COMMANDS:
        for line in call(command, "--help").out.splitlines():
            if not line.lstrip().startswith(("예:", "사용법:")):
                cells = sum(2 if "가" <= char <= "힣" else 1 for char in line)
                assert cells <= 80, line


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["frobnicate"], "오류: 'frobnicate': 그런 명령이 없습니다."),
        (["status", "--jsn"], "오류: '--jsn': 그런 옵션이 없습니다. (비슷한 것: '--json')"),
        (["history"], "오류: 인수가 빠졌습니다: 'PATH'."),
        (["ls", "a", "b"], "오류: 예상하지 못한 인수가 있습니다(b)"),
        (["pause", "--for", "soon"], "오류: --for 값이 올바르지 않습니다: soon: 시간 길이가"),
        (["activity", "--limit", "x"], "오류: '--limit' 값이 올바르지 않습니다: 'x':"),
    ],
)
def test_what_is_typed_wrong_is_told_in_korean(call: Call, arguments: list[str], told: str) -> None:
    printed = call(*arguments)

    assert printed.code == 2
    assert printed.out == ""
    assert told in printed.err


def test_the_state_is_told_in_korean(call: Call, fake: FakeCommands) -> None:
    hint = N_("Give yourself permission for it, or close the program that has it open.")
    message = N_("{path} is in use; close the program that holds it", path="보고서.hwp")
    problem = Problem("보고서.hwp", Reason.NOT_PERMITTED, message, hint, SINCE_MS)
    fake.state = replace(IDLE, state=State.ATTENTION, pending=3, problems=(problem,))

    lines = call("status").out.splitlines()

    assert lines[0] == "확인 필요: 문제 1개, 변경 3개 남음"
    assert "  보고서.hwp: 사용 중입니다. 이 항목을 쓰는 프로그램을 닫으십시오" in lines
    assert "    권한을 주거나, 이 항목을 열어 둔 프로그램을 닫으십시오." in lines


def test_a_verified_state_reads_as_a_korean_sentence(call: Call, fake: FakeCommands) -> None:
    fake.state = replace(IDLE, files=1, verified=Verified(1, 2**42))

    assert (
        call("status").out.splitlines()[0] == "최신 상태: 파일 1개가 서버와 일치합니다(방금 확인함)"
    )


def test_an_answer_of_a_daemon_that_speaks_english_is_told_in_korean(
    call: Call, fake: FakeCommands
) -> None:
    fake.failure = CommandError(
        ErrorCode.NOT_FOUND,
        N_("There is no hold {id}.", id="h9"),
        hint=N_("`dreamsync status` lists what waits for an answer."),
    )

    printed = call("confirm", "h9")

    assert printed.err.splitlines() == [
        "오류: ID가 h9인 삭제 대기가 없습니다.",
        "답을 기다리는 항목은 `dreamsync status`에 나옵니다.",
    ]


def test_what_programs_read_stays_english(call: Call, fake: FakeCommands) -> None:
    told = N_("There is no hold {id}.", id="h9")
    fake.failure = CommandError(ErrorCode.NOT_FOUND, told, hint=N_("Help"))

    assert call("confirm", "h9", "--json").document == {
        "error": {
            "code": "not-found",
            "message": "There is no hold h9.",
            "path": None,
            "hint": "Help",
        }
    }
    usage = call("history", "--json").document
    assert usage["error"] == {
        "code": "usage",
        "message": "Missing argument 'PATH'.",
        "path": None,
        "hint": None,
    }


def test_the_setting_chooses_where_the_environment_does_not(
    call: Call, paths: InstancePaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DREAMSYNC_LANG")
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    assert call("status").out.startswith("Up to date")

    Path(paths.config_file).parent.mkdir(parents=True, exist_ok=True)
    Path(paths.config_file).write_text('[desktop]\nlanguage = "ko"\n')

    assert call("status").out.startswith("최신 상태")


def test_the_language_may_change_from_one_command_to_the_next(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("--help").out.startswith("사용법")

    monkeypatch.setenv("DREAMSYNC_LANG", "en")

    assert call("--help").out.startswith("Usage")
    assert "Missing argument 'PATH'." in call("history").err
