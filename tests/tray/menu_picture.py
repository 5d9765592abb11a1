"""The open menu in a real panel: `python -m tests.tray.menu_picture en menu.png`."""

import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image, ImageDraw

from dreamsync import i18n
from dreamsync.config.file import save_config
from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import AccountSettings, Config, FolderSettings
from dreamsync.control.server import ControlServer
from dreamsync.core.status import Act, Activity, Verified
from dreamsync.i18n import _
from tests.support.e2e import OwnedProcess, isolated_environment, wait_until
from tests.support.fake_commands import IDLE
from tests.support.live_commands import LiveCommands
from tests.support.screen import SIZE, screen_with_panel
from tests.support.tray_person import Person
from tests.support.tray_picture import seen_mark

_NIGHT = (43, 45, 82)
_MINUTE_MS = 60_000
_WIDTH, _ABOVE = 640, 8
_NAMES = {
    "en": ("letter to the bank.odt", "notes/meeting.md", "notes", "Budget 2026.xlsx"),
    "ko": ("은행에 보낼 편지.hwp", "회의록/11월 회의.md", "회의록", "2026년 예산.xlsx"),
}
_PHOTOS = ("가족 사진/설날.jpg", "가족 사진/제주도.jpg", "가족 사진")


@dataclass
class Busy(LiveCommands):
    """An instance in which something has happened lately."""

    recent: tuple[Activity, ...] = ()

    def activity(self, *, limit: int) -> Sequence[Activity]:
        return self.recent[:limit]


def _instance(language: str, folder: Path) -> Busy:
    now_ms = round(time.time() * 1000)
    first, second, third, last = _NAMES[language]
    paths = (first, second, third, *_PHOTOS, last)
    recent = tuple(
        Activity(now_ms - number * 4 * _MINUTE_MS, _act(path, here=number % 3 == 0), path)
        for number, path in enumerate(paths)
    )
    checked = Verified(IDLE.files, now_ms - 3 * _MINUTE_MS)
    state = replace(IDLE, folder=str(folder), verified=checked, last_sync_ms=now_ms)
    return Busy(state, recent=recent)


def _act(path: str, *, here: bool) -> Act:
    if "." in path:
        return Act.DOWNLOADED if here else Act.UPLOADED
    return Act.FOLDER_HERE if here else Act.FOLDER_THERE


def take(language: str, work: Path) -> Image.Image:
    """The screen's corner with the tray's menu, and the recent changes opened in it."""
    home = work / "instance"
    paths = InstancePaths.under(str(home))
    account = AccountSettings(IDLE.server, IDLE.account, "acc", "dev", "laptop")
    config = Config(account=account, folder=FolderSettings(str(work)))
    save_config(config, paths.config_file)
    own = isolated_environment(work) | {"DREAMSYNC_HOME": str(home), "DREAMSYNC_LANG": language}
    instance = _instance(language, work)
    server = ControlServer(instance, paths)
    tray = OwnedProcess(work / "tray.log")
    i18n.use_language(language)
    server.start()
    try:
        with screen_with_panel(own, work / "screen") as screen:
            tray.spawn(("tray",), screen.environment)
            wait_until(lambda: seen_mark(screen.picture()), "the icon")
            person = Person(screen, lambda: instance, work)
            recent = _("Recent changes")
            person.chooses(recent, "")
            return _corner(Image.open(next(work.glob("*.png"))))
    finally:
        tray.kill()
        server.stop()


def _corner(picture: Image.Image) -> Image.Image:
    """What is on the black screen, with a little of that above, in the colour of night."""
    drawn = picture.getbbox()
    assert drawn is not None
    corner = picture.crop((0, drawn[1] - _ABOVE, _WIDTH, SIZE[1]))
    ImageDraw.floodfill(corner, (_WIDTH - 1, 0), _NIGHT)
    return corner


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        whole = take(sys.argv[1], Path(folder))
        whole.quantize().save(sys.argv[2], optimize=True)
