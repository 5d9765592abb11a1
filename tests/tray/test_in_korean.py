"""The tray in Korean: as a pure menu, and as a panel sees it over D-Bus."""

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

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
    TransferStatus,
)
from dreamsync.i18n import use_language
from dreamsync.message import N_
from dreamsync.tray.face import face_of
from dreamsync.tray.menu import menu_of
from dreamsync.tray.view import Absence
from tests.support.e2e import wait_until
from tests.support.fake_commands import HOLD, PROBLEM
from tests.support.live_commands import LiveCommands
from tests.support.tray_host import tray_host
from tests.tray.conftest import Desk
from tests.tray.test_menu import AT_REST, NOW, outline, view

_IN_USE = replace(
    PROBLEM,
    message=N_("{path} is in use; close the program that holds it", path=PROBLEM.path),
    hint=N_("Give yourself permission for it, or close the program that has it open."),
)


@pytest.fixture
def korean() -> Iterator[None]:
    use_language("ko")
    yield
    use_language("en")


@pytest.mark.usefixtures("korean")
def test_the_menu_at_rest_reads_as_a_korean_would_write_it() -> None:
    recent = (Activity(NOW - 60_000, Act.UPLOADED, "사진/하나.jpg", size=2048),)

    assert list(outline(menu_of(view(recent=recent)))) == [
        "[최신 상태: 파일 12,431개가 서버와 일치합니다]",
        "[파일 12,431개의 내용을 비교함(14:00)]",
        "[mina@example.com]",
        "---",
        "폴더 열기",
        "---",
        "최근 변경 사항 >",
        "  14:02  ↑ 사진/하나.jpg",
        "---",
        "지금 동기화",
        "일시 중지 >",
        "  30분 동안",
        "  1시간 동안",
        "  내일 08:00까지",
        "  재개할 때까지",
        "---",
        "알림 >",
        "  1시간 동안 알림 끄기",
        "  알림 다시 켜기",
        "---",
        "설정",
        "도움말",
        "---",
        "종료 >",
        "  아이콘만 종료(동기화는 계속)",
        "  동기화도 중지",
    ]


@pytest.mark.usefixtures("korean")
def test_what_needs_a_person_is_told_in_korean_whatever_the_daemon_speaks() -> None:
    held = replace(HOLD, side=Side.REMOTE)
    status = replace(AT_REST, state=State.ATTENTION, problems=(_IN_USE,), holds=(held,))

    lines = list(outline(menu_of(view(status))))

    start = lines.index("확인 필요(1) >")
    assert lines[0] == "[확인이 필요합니다]"
    assert lines[start + 1 : start + 4] == [
        "  일기/오늘.txt: 사용 중입니다. 이 항목을 쓰는 프로그램을 닫으십시오",
        "  [    권한을 주거나, 이 항목을 열어 둔 프로그램을 닫으십시오.]",
        "다른 기기에서 한 삭제 312개가 답을 기다립니다 >",
    ]
    assert lines[start + 6 : start + 11] == [
        "  [외 310개]",
        "  전체 목록 보기",
        "  ---",
        "  모든 곳에서 삭제",
        "  되돌리기",
    ]


@pytest.mark.usefixtures("korean")
def test_no_state_has_a_word_of_english_in_menu_or_tooltip() -> None:
    moving = TransferStatus("영화.mp4", Direction.DOWN, 1_000_000, 4_000_000)
    trouble = CommandError(
        ErrorCode.FAILED,
        N_("The daemon does not answer."),
        hint=N_("Look into its log with: dreamsync logs"),
    )
    views = [
        view(replace(AT_REST, state=state, pending=3, transfers=(moving,), account="미나"))
        for state in State
    ]
    views += [view(None, absence=absence, trouble=trouble) for absence in Absence]
    views += [
        view(replace(AT_REST, state=State.PAUSED, paused=Paused(reason, None)))
        for reason in PauseReason
    ]

    told = [
        word
        for one in views
        for text in [*outline(menu_of(one)), face_of(one).title, *face_of(one).details]
        for word in re.findall(r"[A-Za-z]{2,}", re.sub(r": dreamsync \w+|mina@\S+", "", text))
    ]

    assert set(told) <= {"mp", "MB", "dreamsync"}


@pytest.mark.skipif(sys.platform != "linux", reason="a panel speaks D-Bus on Linux")
def test_every_line_does_in_korean_what_it_says(desk: Desk, commands: LiveCommands) -> None:
    desk.environment["LANG"] = "ko_KR.UTF-8"
    with tray_host(desk.bus) as panel:
        desk.start_tray()
        wait_until(panel.has_icon, "the icon", seconds=20)
        panel.find("최신 상태: 파일 12,431개가 서버와 일치합니다")
        panel.click("폴더 열기")
        panel.click("설정")
        wait_until(
            lambda: desk.opened() == [str(desk.folder), desk.paths.config_file], "both to be opened"
        )
        panel.click("지금 동기화")
        for label in ("30분 동안", "1시간 동안", "내일 08:00까지", "재개할 때까지"):
            panel.click(label)
            panel.find("까지 일시 중지됨")
            panel.click("동기화 재개")
            panel.find("최신 상태")
        commands.become(replace(commands.state, state=State.ATTENTION, holds=(HOLD,)))
        panel.click("되돌리기")
        wait_until(lambda: ("confirm", "h1", True) in commands.asked, "the answer", seconds=20)

        _speak(desk, "en")
        commands.become(replace(commands.state, state=State.OFFLINE, holds=()))
        panel.find("Offline: the server does not answer")
        panel.click("Only this icon")
        assert desk.tray.wait() == 0
    assert [call[0] for call in commands.asked].count("pause") == 4


def _speak(desk: Desk, language: str) -> None:
    path = Path(desk.paths.config_file)
    settings = path.read_text(encoding="utf-8")
    path.write_text(settings.replace("[desktop]", f'[desktop]\nlanguage = "{language}"'))
