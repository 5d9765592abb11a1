"""`status`: one line that answers the question, then what needs a person; exit codes to match."""

from dataclasses import replace

import pytest

from dreamsync.cli.documents import of_status
from dreamsync.cli.status_text import headline, status_lines
from dreamsync.core.status import (
    Conflicting,
    Direction,
    Paused,
    PauseReason,
    SkippedItem,
    State,
    Status,
    TransferStatus,
    Verified,
)
from tests.cli.conftest import Call
from tests.support.fake_commands import HOLD, IDLE, PROBLEM, SINCE_MS, FakeCommands

NOW = SINCE_MS + 3 * 60_000


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (State.STARTING, 0),
        (State.IDLE, 0),
        (State.SYNCING, 0),
        (State.PAUSED, 0),
        (State.OFFLINE, 0),
        (State.ATTENTION, 3),
        (State.ERROR, 1),
        (State.SIGNED_OUT, 5),
        (State.STOPPED, 4),
    ],
)
def test_each_state_has_its_exit_code_and_a_line(
    call: Call, fake: FakeCommands, state: State, code: int
) -> None:
    fake.state = replace(IDLE, state=state)
    for arguments in (["status"], ["status", "--json"]):
        printed = call(*arguments)
        assert (printed.code, printed.err) == (code, "")
        assert printed.out


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (IDLE, "Up to date: 12,431 files match the server"),
        (replace(IDLE, files=1), "Up to date: 1 file matches the server"),
        (
            replace(IDLE, verified=Verified(12_431, SINCE_MS)),
            "Up to date: 12,431 files match the server, checked 3 minutes ago",
        ),
        (
            replace(IDLE, state=State.SYNCING, pending=34),
            "Syncing: 34 changes to go, 12,431 files here",
        ),
        (
            replace(IDLE, state=State.OFFLINE, pending=1),
            "Offline: the server does not answer; 1 change waiting",
        ),
        (
            replace(IDLE, state=State.PAUSED, paused=Paused(PauseReason.PERSON)),
            "Paused by you, until you resume; 0 changes waiting",
        ),
        (
            replace(IDLE, state=State.PAUSED, paused=Paused(PauseReason.BATTERY), pending=3),
            "Paused while the computer runs on its battery; 3 changes waiting",
        ),
        (
            replace(IDLE, state=State.PAUSED, paused=Paused(PauseReason.METERED), pending=1),
            "Paused while the network counts what is sent; 1 change waiting",
        ),
        (
            replace(IDLE, state=State.ATTENTION, holds=(HOLD,), problems=(PROBLEM, PROBLEM)),
            "Needs your attention: 1 question, 2 problems",
        ),
        (
            replace(IDLE, state=State.STOPPED, pending=2),
            "Not running: 12,431 files here, 2 changes waiting",
        ),
    ],
)
def test_the_first_line_tells_all_is_well_or_not(status: Status, line: str) -> None:
    assert headline(status, now_ms=NOW) == line


def test_the_whole_picture() -> None:
    status = replace(
        IDLE,
        state=State.ATTENTION,
        transfers=(TransferStatus("영화.mov", Direction.UP, 45, 100_000_000),),
        problems=(PROBLEM,),
        holds=(HOLD,),
        skipped=(SkippedItem("link", "symlink"),),
    )
    assert "\n".join(status_lines(status, now_ms=NOW)) == (
        "Needs your attention: 1 question, 1 problem\n"
        "  Folder  /home/mina/dreamsync\n"
        "  Server  https://sync.example.com (asked now and then), as mina@example.com on laptop\n"
        "  Last in sync 3 minutes ago\n"
        "  ↑ 영화.mov  0 % of 100.0 MB\n"
        "\n"
        "Problems\n"
        "  일기/오늘.txt: Permission denied.\n"
        "    Make it readable.\n"
        "\n"
        "312 deletions on this computer wait for your answer (more than 20 % at once)\n"
        "  사진/하나.jpg\n"
        "  b.txt\n"
        "  and 310 more\n"
        "  Delete them everywhere:  dreamsync confirm h1\n"
        "  Bring them back:         dreamsync confirm h1 --reject\n"
        "\n"
        "1 item is left out (a link, a special file, a name this system cannot read): "
        "dreamsync status --json"
    )


@pytest.mark.parametrize("state", [State.OFFLINE, State.SIGNED_OUT, State.STOPPED])
def test_how_changes_arrive_is_told_only_while_any_can(state: State) -> None:
    lines = status_lines(replace(IDLE, state=state), now_ms=NOW)
    assert "  Server  https://sync.example.com, as mina@example.com on laptop" in lines


def test_conflict_copies_are_pointed_at() -> None:
    lines = status_lines(replace(IDLE, conflicts=Conflicting(2, "a.txt", SINCE_MS)), now_ms=NOW)
    assert "  2 conflict copies to look at: dreamsync conflicts" in lines


def test_the_document_has_exactly_the_promised_fields() -> None:
    status = replace(
        IDLE,
        transfers=(TransferStatus("a", Direction.DOWN, 1, 2),),
        problems=(PROBLEM,),
        skipped=(SkippedItem("link", "symlink"),),
        holds=(HOLD,),
        paused=Paused(PauseReason.PERSON, SINCE_MS),
        verified=Verified(3, SINCE_MS),
    )
    since = "2026-09-21T14:13:20.000Z"
    assert of_status(status) == {
        "state": "idle",
        "pending": 0,
        "files": 12_431,
        "transfers": [{"path": "a", "direction": "down", "bytes": 1, "total": 2}],
        "problems": [
            {
                "path": "일기/오늘.txt",
                "reason": "not-permitted",
                "hint": "Make it readable.",
                "since": since,
            }
        ],
        "skipped": [{"path": "link", "reason": "symlink"}],
        "holds": [
            {
                "id": "h1",
                "side": "local",
                "deletes": 312,
                "sample": ["사진/하나.jpg", "b.txt"],
                "reason": "more than 20 % at once",
                "since": since,
            }
        ],
        "paused": {"reason": "by you", "until": since},
        "verified": {"files": 3, "at": since},
        "push": "polling",
        "device": {"id": "d-1", "name": "laptop"},
        "folder": "/home/mina/dreamsync",
        "server": "https://sync.example.com",
        "cursor": "c-9",
    }


def test_names_cannot_harm_the_terminal(call: Call, fake: FakeCommands) -> None:
    name = "a\x1b]0;owned\x07\u202egpj.exe\udcff\n"
    fake.state = replace(IDLE, state=State.ATTENTION, problems=(replace(PROBLEM, path=name),))
    out = call("status").out
    assert r"a\x1b]0;owned\x07\u202egpj.exe\udcff\x0a:" in out
    assert call("status", "--json").document["problems"][0]["path"] == name  # type: ignore[index]


def test_watching_ends_with_the_daemon(call: Call, fake: FakeCommands) -> None:
    from dreamsync.control.address import not_running

    def gone(*, after_revision: int, seconds: float) -> Status:
        raise not_running()

    fake.wait_for_status = gone  # type: ignore[method-assign]
    printed = call("status", "--watch", "--json")
    first, last = printed.out.splitlines()
    assert '"state": "idle"' in first
    assert '"code": "not-running"' in last
    assert printed.code == 4
