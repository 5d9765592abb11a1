"""Telling news on the screen as the state changes. It sleeps while nothing waits to be told."""

import os
import threading
import time
from collections.abc import Callable

from dreamsync.config.errors import ConfigError
from dreamsync.config.file import load_config
from dreamsync.config.paths import InstancePaths
from dreamsync.config.silence import silent_until
from dreamsync.core.status import Status
from dreamsync.tray.news import Known, news
from dreamsync.tray.notices import Kind
from dreamsync.tray.protocol import Tray


class Notifier:
    """May be told of states from any thread. `now_ms` is the wall clock."""

    def __init__(
        self,
        paths: InstancePaths,
        tray: Tray,
        *,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._paths = paths
        self._tray = tray
        self._now_ms = now_ms
        self._guard = threading.Lock()
        self._known = Known()
        self._status: Status | None = None
        self._kinds = frozenset(Kind)
        self._settings_as_of: tuple[int, int] | None = None
        self._timer: threading.Timer | None = None

    def see(self, status: Status | None) -> None:
        """The state is this now; None where nobody tells, which is told by the icon alone."""
        with self._guard:
            if status is None or status == self._status:
                return
            self._status = status
            self._tell()

    def look_again(self) -> None:
        """Something else than the state may have changed: the silence, the time."""
        with self._guard:
            self._tell()

    def stop(self) -> None:
        with self._guard:
            self._status = None
            self._cancel()

    def _tell(self) -> None:
        if self._status is None:
            return
        self._cancel()
        now_ms = self._now_ms()
        found = news(
            self._known,
            self._status,
            self._wanted(),
            now_ms=now_ms,
            silent_until_ms=silent_until(self._paths),
        )
        self._known = found.known
        for kind in found.over:
            self._tray.withdraw(kind)
        for notice in found.notices:
            self._tray.notify(notice)
        if found.again_ms is not None:
            self._timer = threading.Timer((found.again_ms - now_ms) / 1000, self.look_again)
            self._timer.daemon = True
            self._timer.start()

    def _wanted(self) -> frozenset[Kind]:
        """By the settings of now. A mistake in the file is told by the daemon."""
        try:
            seen = os.stat(self._paths.config_file)
            as_of = seen.st_mtime_ns, seen.st_size
            if as_of != self._settings_as_of:
                self._settings_as_of = as_of
                settings = load_config(self._paths.config_file).notifications
                self._kinds = frozenset(kind for kind in Kind if getattr(settings, kind.value))
        except (OSError, ConfigError):
            pass
        return self._kinds

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
