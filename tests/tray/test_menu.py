"""The menu and the face as pure functions of what is known."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.core.nodes import Side
from dreamsync.core.status import (
    Act,
    Activity,
    Direction,
    Paused,
    PauseReason,
    State,
    Status,
    TransferStatus,
    Verified,
)
from dreamsync.tray.actions import Action, AnswerHold, Do, PauseFor, ShowHeld, ShowItem, pause_end
from dreamsync.tray.face import face_of
from dreamsync.tray.icons import Mark
from dreamsync.tray.menu import SEPARATOR, Item, menu_of
from dreamsync.tray.speed import Speed
from dreamsync.tray.view import Absence, View, mark_of
from tests.support.fake_commands import HOLD, IDLE, PROBLEM

NOW = round(datetime(2026, 11, 25, 14, 3, 20).timestamp() * 1000)
"""On this computer's clock, wherever it stands."""

AT_REST = replace(IDLE, verified=Verified(12_431, NOW - 180_000), last_sync_ms=NOW - 3_600_000)


def view(status: Status | None = AT_REST, **more: object) -> View:
    known = View(NOW, status, folder="/home/mina/dreamsync")
    return replace(known, **more)  # type: ignore[arg-type]


def outline(items: Iterable[Item], depth: int = 0) -> Iterator[str]:
    """The menu as it reads: `>` marks a submenu, brackets what cannot be clicked."""
    for item in items:
        indent = "  " * depth
        if item == SEPARATOR:
            yield indent + "---"
        elif item.items:
            yield f"{indent}{item.label} >"
            yield from outline(item.items, depth + 1)
        else:
            yield indent + (item.label if item.action else f"[{item.label}]")


def find(items: Iterable[Item], action: Action) -> Item | None:
    for item in items:
        if item.action == action:
            return item
        below = find(item.items, action)
        if below is not None:
            return below
    return None


def test_at_rest_it_says_that_all_is_well_and_offers_what_a_person_may_want() -> None:
    recent = (Activity(NOW - 60_000, Act.UPLOADED, "사진/하나.jpg", size=2048),)

    assert list(outline(menu_of(view(recent=recent)))) == [
        "[Up to date: 12,431 files match the server]",
        "[Contents of 12,431 files compared 14:00]",
        "[mina@example.com]",
        "---",
        "Open folder",
        "---",
        "Recent changes >",
        "  14:02  ↑ 사진/하나.jpg",
        "---",
        "Sync now",
        "Pause >",
        "  For 30 minutes",
        "  For 1 hour",
        "  Until tomorrow, 08:00",
        "  Until I resume",
        "---",
        "Notifications >",
        "  Silence for 1 hour",
        "  Show them again",
        "---",
        "Settings",
        "Help",
        "---",
        "Quit >",
        "  Only this icon; syncing goes on",
        "  Stop syncing, too",
    ]


def test_a_problem_is_told_with_what_to_do_and_leads_to_its_place() -> None:
    shown = menu_of(view(replace(AT_REST, state=State.ATTENTION, problems=(PROBLEM,))))

    assert "Needs attention (1) >" in list(outline(shown))
    assert "  [    Make it readable.]" in list(outline(shown))
    item = find(shown, ShowItem("일기/오늘.txt"))
    assert item is not None
    assert item.label == "일기/오늘.txt: Permission denied."


def test_a_hold_shows_what_waits_and_both_answers() -> None:
    held = replace(HOLD, side=Side.REMOTE)
    shown = menu_of(view(replace(AT_REST, state=State.ATTENTION, holds=(held,))))

    lines = list(outline(shown))
    start = lines.index("312 deletions on another device wait for your answer >")
    assert lines[start + 1 : start + 8] == [
        "  [사진/하나.jpg]",
        "  [b.txt]",
        "  [and 310 more]",
        "  Show the whole list",
        "  ---",
        "  Delete them everywhere",
        "  Bring them back",
    ]
    for action in (ShowHeld("h1"), AnswerHold("h1", reject=False), AnswerHold("h1", reject=True)):
        assert find(shown, action) is not None


def test_paused_it_offers_to_go_on_and_nothing_else() -> None:
    shown = menu_of(
        view(replace(AT_REST, state=State.PAUSED, paused=Paused(PauseReason.PERSON, NOW)))
    )

    assert shown[0].label == "Paused until 14:03"
    assert find(shown, Do.RESUME) is not None
    assert find(shown, Do.SYNC) is None


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (PauseReason.BATTERY, "Paused on battery"),
        (PauseReason.METERED, "Paused in a network that counts what is sent"),
    ],
)
def test_paused_by_a_rule_it_says_why_and_offers_to_go_on_all_the_same(
    reason: PauseReason, told: str
) -> None:
    shown = menu_of(view(replace(AT_REST, state=State.PAUSED, paused=Paused(reason))))

    assert shown[0].label == told
    (resume,) = (item for item in shown if item.action is Do.RESUME)
    assert resume.label == "Resume all the same"


def test_while_something_moves_it_says_what_and_how_fast() -> None:
    transfers = tuple(
        TransferStatus(f"film {n}.mp4", Direction.DOWN, 1_000_000, 4_000_000) for n in range(5)
    )
    status = replace(AT_REST, state=State.SYNCING, pending=5, transfers=transfers)

    labels = [item.label for item in menu_of(view(status, speed=2_500_000.0))]

    assert labels[:6] == [
        "Syncing: 5 changes to go",
        "↓ film 0.mp4  25 % of 4.0 MB",
        "↓ film 1.mp4  25 % of 4.0 MB",
        "↓ film 2.mp4  25 % of 4.0 MB",
        "and 2 more",
        "2.5 MB per second",
    ]


def test_quota_is_told_where_there_is_one() -> None:
    status = replace(AT_REST, quota_used=1_200_000_000, quota_limit=50_000_000_000)

    labels = [item.label for item in menu_of(view(status))]

    assert "mina@example.com: 1.2 GB of 50.0 GB used" in labels


def test_without_a_daemon_it_says_so_why_and_how_to_go_on() -> None:
    trouble = CommandError(ErrorCode.FAILED, "The journal is of a newer version.", hint="Update.")

    assert list(outline(menu_of(view(None, trouble=trouble)))) == [
        "[Not running]",
        "[The journal is of a newer version.]",
        "[Update.]",
        "Start syncing",
        "---",
        "Open folder",
        "---",
        "Settings",
        "Help",
        "---",
        "Quit",
    ]


def test_while_a_daemon_is_being_started_nobody_is_asked_to_start_one() -> None:
    starting = view(None, absence=Absence.STARTING)

    assert find(menu_of(starting), Do.START) is None
    assert mark_of(starting) is Mark.ARROWS


@pytest.mark.parametrize("state", State)
def test_every_state_has_its_words_and_its_mark(state: State) -> None:
    face = face_of(view(replace(AT_REST, state=state)))

    assert face.title == face.menu[0].label != ""
    assert isinstance(face.mark, Mark)


def test_names_cannot_disturb_what_shows_them() -> None:
    name = "a\nb\u202egpj" + "x" * 200 + ".txt"
    recent = (Activity(NOW, Act.DOWNLOADED, name),)

    labels = " ".join(outline(menu_of(view(recent=recent))))

    assert re.search("[\n\u202e]", labels) is None
    assert max(len(line) for line in outline(menu_of(view(recent=recent)))) < 100
    assert "….txt" in labels or "x.txt" in labels


def test_ten_changes_are_recent() -> None:
    recent = tuple(Activity(NOW, Act.UPLOADED, f"{n}.txt") for n in range(30))

    changes = next(item for item in menu_of(view(recent=recent)) if item.label == "Recent changes")

    assert len(changes.items) == 10


def test_pauses_end_when_their_names_say() -> None:
    assert pause_end(PauseFor.HALF_HOUR, NOW) == NOW + 30 * 60_000
    assert pause_end(PauseFor.HOUR, NOW) == NOW + 60 * 60_000
    assert pause_end(PauseFor.UNTIL_RESUMED, NOW) is None


@pytest.mark.parametrize(("hour", "minute"), [(0, 1), (14, 3), (23, 59)])
def test_tomorrow_is_the_next_days_morning(hour: int, minute: int) -> None:
    now = round(datetime(2026, 11, 30, hour, minute).timestamp() * 1000)

    end = pause_end(PauseFor.TOMORROW, now)

    assert end is not None
    assert datetime.fromtimestamp(end / 1000) == datetime(2026, 12, 1, 8)


def test_speed_is_what_moved_between_two_looks() -> None:
    def moving(done: int, path: str = "a") -> Status:
        transfer = TransferStatus(path, Direction.UP, done, 9_000_000)
        return replace(AT_REST, transfers=(transfer,))

    first = Speed().after(moving(1_000_000), at=10.0)
    second = first.after(moving(3_000_000), at=12.0)
    third = second.after(moving(500_000, path="b"), at=13.0)

    assert first.a_second is None
    assert second.a_second == 1_000_000
    assert third.a_second is not None
    assert 500_000 < third.a_second < 1_000_000
    assert third.after(AT_REST, at=14.0) == Speed()


def test_speed_does_not_fall_between_two_blocks_but_when_nothing_comes_any_more() -> None:
    def moving(done: int) -> Status:
        transfer = TransferStatus("a", Direction.UP, done, 90_000_000)
        return replace(AT_REST, transfers=(transfer,))

    waiting = Speed().after(moving(0), at=0.0).after(moving(0), at=3.0)
    first = waiting.after(moving(8_000_000), at=4.0)

    assert waiting.a_second is None
    assert first.a_second == 2_000_000
    assert first.after(moving(8_000_000), at=7.0) == first
    assert first.after(moving(8_000_000), at=30.0).a_second == 0.0
