"""What becomes of a click: calls to the daemon, windows of the desktop."""

import logging
import os
import queue
import threading
import time
from collections.abc import Callable

from dreamsync.config.file import write_private
from dreamsync.config.paths import InstancePaths
from dreamsync.config.silence import SILENCE_MS, be_silent, speak_again
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.desktop.opening import open_for_person, open_text_file, show_in_file_manager
from dreamsync.i18n import _
from dreamsync.tray.actions import (
    Action,
    AnswerHold,
    Do,
    PauseFor,
    ShowHeld,
    ShowItem,
    pause_end,
)
from dreamsync.tray.follow import Follower

_log = logging.getLogger(__name__)

HELP_PAGE = "https://github.com/dreamsync/dreamsync#readme"

_SLOW = {Do.SYNC, Do.START}
"""They may take minutes: nobody else waits for them."""


class Deeds:
    """`start_daemon` starts it and waits until it answers; `quit_tray` ends the tray;
    `on_silence` hears that notifications were silenced, or no longer are."""

    def __init__(
        self,
        paths: InstancePaths,
        follower: Follower,
        *,
        start_daemon: Callable[[], None],
        quit_tray: Callable[[], None],
        on_silence: Callable[[], None],
    ) -> None:
        self._paths = paths
        self._follower = follower
        self._start_daemon = start_daemon
        self._quit_tray = quit_tray
        self._on_silence = on_silence
        self._clicks: queue.SimpleQueue[Action] = queue.SimpleQueue()
        # Daemon threads: what hangs must not keep the tray from ending.
        threading.Thread(target=self._work, name="deeds", daemon=True).start()

    def do(self, action: Action) -> None:
        """Returns at once; what fails is told in the menu."""
        if action in _SLOW:
            threading.Thread(target=self._perform, args=(action,), daemon=True).start()
        else:
            self._clicks.put(action)

    def _work(self) -> None:
        """One after the other, in the order of the clicks."""
        while True:
            self._perform(self._clicks.get())

    def _perform(self, action: Action) -> None:
        try:
            self._perform_unsafe(action)
        except CommandError as error:
            self._follower.tell_trouble(error)
        except Exception as error:
            _log.exception("%s failed", action)
            self._follower.tell_trouble(
                CommandError(
                    ErrorCode.FAILED,
                    _("Something unexpected went wrong: {error}").format(error=repr(error)),
                )
            )
        else:
            self._follower.tell_trouble(None)

    def _perform_unsafe(self, action: Action) -> None:
        match action:
            case Do():
                self._do(action)
            case PauseFor():
                self._follower.client().pause(until_ms=pause_end(action, time.time_ns() // 10**6))
            case ShowItem(path):
                _need(show_in_file_manager(self._on_disk(path)), _("There is no file manager."))
            case ShowHeld(hold_id):
                self._show_held(hold_id)
            case AnswerHold(hold_id, reject):
                self._follower.client().confirm(hold_id, reject=reject)

    def _do(self, action: Do) -> None:
        match action:
            case Do.OPEN_FOLDER:
                _need(open_for_person(self._follower.folder), _("There is no file manager."))
            case Do.START:
                with self._follower.starting():
                    self._start_daemon()
            case Do.SYNC:
                self._follower.client().sync()
            case Do.RESUME:
                self._follower.client().resume()
            case Do.SETTINGS:
                self._open_text(self._paths.config_file)
            case Do.SILENCE:
                be_silent(self._paths, until_ms=time.time_ns() // 10**6 + SILENCE_MS)
                self._on_silence()
            case Do.SPEAK:
                speak_again(self._paths)
                self._on_silence()
            case Do.HELP:
                _need(open_for_person(HELP_PAGE), HELP_PAGE)
            case Do.QUIT_TRAY:
                self._quit_tray()
            case Do.QUIT_ALL:
                self._follower.client().stop()
                self._quit_tray()

    def _show_held(self, hold_id: str) -> None:
        paths = self._follower.client().held(hold_id)
        listed = os.path.join(self._paths.state, "held-deletions.txt")
        write_private(listed, "".join(f"{path}\n" for path in paths).encode(errors="replace"))
        self._open_text(listed)

    def _open_text(self, path: str) -> None:
        _need(open_text_file(path), _("There is no editor for {path}").format(path=path))

    def _on_disk(self, path: str) -> str:
        return os.path.join(self._follower.folder, *path.split("/"))


def _need(done: bool, otherwise: str) -> None:
    if not done:
        raise CommandError(ErrorCode.FAILED, otherwise)
