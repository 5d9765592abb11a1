"""What is news, and when it is told: a pure function with a clock that the test moves."""

from dataclasses import dataclass, field, fields, replace

import pytest

from dreamsync.config.settings import NotificationSettings
from dreamsync.core.status import Conflicting, Problem, Reason, State, Status
from dreamsync.tray.actions import AnswerHold, Do, ShowItem
from dreamsync.tray.news import Known, news
from dreamsync.tray.notices import Kind, Notice
from tests.support.fake_commands import HOLD, IDLE, PROBLEM

ATTENTION = replace(IDLE, state=State.ATTENTION)


@dataclass
class Teller:
    """Asks as the tray does: at each new state, and whenever it was told to ask again."""

    status: Status = IDLE
    wanted: frozenset[Kind] = frozenset(Kind)
    silent_until_ms: int | None = None
    now_ms: int = 1_000_000
    known: Known = field(default_factory=Known)
    again_ms: int | None = None
    told: list[Notice] = field(default_factory=list)
    over: list[Kind] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ask()

    def sees(self, status: Status, *, after_ms: int = 0) -> None:
        self.passes(after_ms)
        self.status = status
        self._ask()

    def passes(self, ms: int) -> None:
        end = self.now_ms + ms
        while self.again_ms is not None and self.again_ms <= end:
            self.now_ms = self.again_ms
            self._ask()
        self.now_ms = end

    def _ask(self) -> None:
        found = news(
            self.known,
            self.status,
            self.wanted,
            now_ms=self.now_ms,
            silent_until_ms=self.silent_until_ms,
        )
        assert found.again_ms is None or found.again_ms > self.now_ms
        self.known, self.again_ms = found.known, found.again_ms
        self.told.extend(found.notices)
        self.over.extend(found.over)

    @property
    def kinds(self) -> list[Kind]:
        return [notice.kind for notice in self.told]


def conflicts(copies: int, at_ms: int) -> Status:
    return replace(IDLE, conflicts=Conflicting(copies, f"a/note ({at_ms}).txt", at_ms))


def problems(number: int, reason: Reason = Reason.QUOTA_EXCEEDED) -> Status:
    found = [Problem(f"{n}.txt", reason, "Too large.", "Make room.", 0) for n in range(number)]
    return replace(ATTENTION, problems=tuple(found))


def test_nothing_is_told_while_nothing_is_new() -> None:
    teller = Teller(status=replace(problems(3), conflicts=conflicts(2, 50).conflicts))

    teller.passes(10_000_000)

    assert teller.told == []
    assert teller.again_ms is None


def test_a_burst_of_500_is_told_once() -> None:
    teller = Teller()
    for number in range(500):
        teller.sees(conflicts(number + 1, 60 + number), after_ms=20)
    teller.passes(60_000)

    assert teller.kinds == [Kind.CONFLICTS]
    (notice,) = teller.told
    assert "500 copies" in notice.text
    assert notice.click is not None
    assert notice.click.action == ShowItem("a/note (559).txt")
    assert teller.again_ms is None


def test_what_never_comes_to_rest_is_told_now_and_then() -> None:
    teller = Teller()
    for number in range(400):
        teller.sees(problems(number + 1), after_ms=2000)
    assert len(teller.told) == 2
    assert "need your attention" in teller.told[0].title
    assert [button.action for button in teller.told[0].buttons] == [Do.SILENCE]


def test_one_of_a_kind_says_what_it_is_and_what_to_do() -> None:
    teller = Teller()
    teller.sees(replace(ATTENTION, problems=(PROBLEM,)))
    teller.passes(10_000)

    (notice,) = teller.told
    assert notice.title == "1 item needs your attention"
    assert notice.text == "일기/오늘.txt: Permission denied.\nMake it readable."


@pytest.mark.parametrize("reason", [Reason.UNREACHABLE, Reason.KEEPS_CHANGING, Reason.SIGNED_OUT])
def test_what_passes_by_itself_is_no_news(reason: Reason) -> None:
    teller = Teller()
    teller.sees(problems(2, reason))
    teller.passes(60_000)
    assert teller.told == []


def test_what_is_gone_again_at_once_is_no_news() -> None:
    teller = Teller()
    teller.sees(problems(1))
    teller.sees(IDLE, after_ms=2_000)
    teller.passes(60_000)
    assert teller.told == []


def test_a_held_deletion_can_be_answered_and_its_message_goes_with_it() -> None:
    teller = Teller(status=replace(ATTENTION, holds=(HOLD,)))
    teller.passes(5_000)
    (notice,) = teller.told
    assert notice.title == "312 deletions on this computer wait for your answer"
    assert [button.action for button in notice.buttons[:2]] == [
        AnswerHold("h1", reject=False),
        AnswerHold("h1", reject=True),
    ]
    assert notice.needs_answer
    assert "and 310 more" in notice.text

    second = replace(HOLD, id="h2", deletes=40)
    teller.sees(replace(ATTENTION, holds=(HOLD, second)))
    teller.passes(60_000)
    assert len(teller.told) == 1, "one after the other"
    teller.sees(replace(ATTENTION, holds=(second,)))
    teller.passes(5_000)
    assert [one.title.split()[0] for one in teller.told] == ["312", "40"]

    teller.sees(IDLE)
    assert teller.over == [Kind.DELETIONS]


def test_being_signed_out_is_told_each_time_and_taken_back() -> None:
    teller = Teller()
    signed_out = replace(IDLE, state=State.SIGNED_OUT)
    for _time in range(2):
        teller.sees(signed_out, after_ms=1000)
        teller.passes(4_000)
        teller.sees(IDLE)
    assert teller.kinds == [Kind.SIGNED_OUT] * 2
    assert teller.over == [Kind.SIGNED_OUT] * 2


def test_the_first_sync_is_told_once() -> None:
    teller = Teller(status=replace(IDLE, state=State.SYNCING, last_sync_ms=None))
    teller.sees(IDLE)
    teller.sees(replace(IDLE, last_sync_ms=IDLE.last_sync_ms))
    assert teller.kinds == [Kind.FIRST_SYNC]
    assert "12,431 files are the same" in teller.told[0].text

    assert Teller(status=IDLE).told == []


def test_resolving_the_newest_conflict_is_no_news_but_another_is() -> None:
    teller = Teller(status=conflicts(2, 70))
    teller.sees(conflicts(1, 60))
    teller.passes(60_000)
    assert teller.told == []

    teller.sees(conflicts(2, 80))
    teller.passes(60_000)
    assert teller.kinds == [Kind.CONFLICTS]


def test_each_kind_has_its_setting() -> None:
    assert {one.name for one in fields(NotificationSettings)} == {kind.value for kind in Kind}


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_can_be_switched_off(kind: Kind) -> None:
    wanted = frozenset(Kind) - {kind}
    teller = Teller(status=replace(IDLE, last_sync_ms=None), wanted=wanted)
    everything = replace(
        problems(1), holds=(HOLD,), conflicts=Conflicting(1, "a", 90), state=State.SIGNED_OUT
    )

    teller.sees(everything)
    teller.passes(60_000)

    assert sorted(teller.kinds, key=str) == sorted(wanted, key=str)
    teller.wanted = frozenset(Kind)
    teller.sees(everything)
    teller.passes(60_000)
    assert len(teller.told) == len(Kind) - 1, "what came while it was off is old"


def test_silence_holds_back_what_is_still_true_afterwards() -> None:
    teller = Teller(silent_until_ms=1_000_000 + 3_600_000)
    teller.sees(problems(1), after_ms=1000)
    teller.sees(replace(IDLE, conflicts=Conflicting(1, "a", 90)), after_ms=10_000)
    teller.passes(3_500_000)
    assert teller.told == []

    teller.passes(200_000)

    assert teller.kinds == [Kind.CONFLICTS]
