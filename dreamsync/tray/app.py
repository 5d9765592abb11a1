"""The tray as a program: a tray, a follower of the daemon, and what becomes of clicks."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from dreamsync.config.language import configured_language
from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import Config, PanelKind
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.desktop.appearance import panel_is_dark
from dreamsync.i18n import chosen_language, use_language
from dreamsync.tray.actions import Do
from dreamsync.tray.deeds import Deeds
from dreamsync.tray.face import face_of
from dreamsync.tray.follow import Follower
from dreamsync.tray.icons import Panel
from dreamsync.tray.notifying import Notifier
from dreamsync.tray.protocol import Tray, TrayTrouble
from dreamsync.tray.view import View


def run_tray(
    paths: InstancePaths,
    config: Config,
    *,
    start_daemon: Callable[[], None],
    tell: Callable[[str], None],
) -> None:
    """Show the icon until a person or a signal ends it; a daemon that is absent is started.

    `start_daemon` does nothing where one runs. `tell` says what a person must know and no icon can
    show. Raise `CommandError` where there can be no icon.
    """
    tray = make_tray(config.desktop.panel, tell)
    run_with(tray, paths, config.folder.path, start_daemon=start_daemon)


def run_with(
    tray: Tray, paths: InstancePaths, folder: str, *, start_daemon: Callable[[], None]
) -> None:
    """The same with this one."""
    notifier = Notifier(paths, tray)

    def show(view: View) -> None:
        # The settings may have been changed, and only the daemon is told of that.
        use_language(chosen_language(configured_language(paths.config_file)))
        tray.show(face_of(view))
        notifier.see(view.status)

    follower = Follower(paths, folder, show)
    deeds = Deeds(
        paths,
        follower,
        start_daemon=start_daemon,
        quit_tray=tray.stop,
        on_silence=notifier.look_again,
    )
    with _ended_by_signal(tray.stop):
        deeds.do(Do.START)
        follower.start()
        try:
            tray.run(deeds.do)
        except TrayTrouble as error:
            raise CommandError(ErrorCode.FAILED, str(error)) from error
        finally:
            follower.stop()
            notifier.stop()


def make_tray(panel: PanelKind, tell: Callable[[str], None]) -> Tray:
    """The one of this system."""
    if sys.platform in {"win32", "darwin"}:
        from dreamsync.tray.with_pystray import PystrayTray

        return PystrayTray(_chosen(panel) or Panel.EITHER)
    from dreamsync.tray.linux.tray import LinuxTray

    return LinuxTray(_chosen(panel), tell)


def _chosen(kind: PanelKind) -> Panel | None:
    if kind is not PanelKind.AUTO:
        return Panel(kind.value)
    dark = panel_is_dark()
    if dark is None:
        return None
    return Panel.DARK if dark else Panel.LIGHT


@contextmanager
def _ended_by_signal(stop: Callable[[], None]) -> Iterator[None]:
    """In a thread of its own: a handler runs between any two instructions of the main thread, and
    must not wait for what that one holds."""

    def end(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=stop, name="end").start()

    wanted = (signal.SIGTERM, signal.SIGINT)
    previous = {number: signal.signal(number, end) for number in wanted}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
