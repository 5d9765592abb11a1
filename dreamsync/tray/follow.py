"""Following the daemon: from its status, long-polled, to views; through its restarts too.

While nothing changes there is one question a minute, and the answer to it changes nothing.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from dreamsync.config.paths import InstancePaths
from dreamsync.control.address import find_address
from dreamsync.control.client import ControlClient
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.control.status_calls import LONGEST_WAIT_SECONDS
from dreamsync.core.status import Activity, Quota, State, Status
from dreamsync.i18n import _
from dreamsync.tray.menu import MOST_RECENT
from dreamsync.tray.speed import Speed
from dreamsync.tray.view import Absence, View

_log = logging.getLogger(__name__)

_BETWEEN_TRIES = 1.0
_WHILE_MOVING = 1.0
_BETWEEN_VIEWS = 0.2
"""Ten thousand small files are ten thousand changes; nobody sees more than a few a second."""
_BETWEEN_QUOTAS = 30.0
"""The quota is asked for after what was synced, but not for each file somebody works on."""


class Follower:
    """Tells `on_view` whatever a person may see changed, from its own thread or that of whoever
    reports here."""

    def __init__(self, paths: InstancePaths, folder: str, on_view: Callable[[View], None]) -> None:
        self._paths = paths
        self._folder = folder
        self._on_view = on_view
        self._told = threading.Lock()
        self._stopping = threading.Event()
        self._status: Status | None = None
        self._recent: tuple[Activity, ...] = ()
        self._speed = Speed()
        self._quota: Quota | None = None
        self._quota_as_of: int | None = None
        self._quota_asked = float("-inf")
        self._trouble: CommandError | None = None
        self._absence = Absence.NOT_RUNNING
        self._starting = False

    @property
    def folder(self) -> str:
        """The synced folder, as the daemon says or else the settings said."""
        return (self._status and self._status.folder) or self._folder

    def client(self) -> ControlClient:
        """To ask the daemon something else. Raise `CommandError`."""
        return ControlClient(find_address(self._paths))

    def start(self) -> None:
        threading.Thread(target=self._run, name="follow", daemon=True).start()

    def stop(self) -> None:
        """No more views. A question under way ends with the process."""
        self._stopping.set()

    def tell_trouble(self, trouble: CommandError | None) -> None:
        """What went wrong with something that was asked for; None: nothing any more."""
        with self._told:
            self._trouble = trouble
            self._tell()

    @contextmanager
    def starting(self) -> Iterator[None]:
        """A daemon is being started meanwhile."""
        self._note_starting(True)
        try:
            yield
        finally:
            self._note_starting(False)

    def _note_starting(self, starting: bool) -> None:
        with self._told:
            self._starting = starting
            self._tell()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._find_and_follow()
            except Exception as error:
                # An icon that says nothing any more would be a lie.
                _log.exception("following the daemon failed")
                told = _("Something unexpected went wrong: {error}").format(error=repr(error))
                self._note_absence(CommandError(ErrorCode.FAILED, told))
                self._stopping.wait(_BETWEEN_TRIES)

    def _find_and_follow(self) -> None:
        try:
            client = self.client()
            status = client.status()
        except CommandError as error:
            self._note_absence(error)
            self._stopping.wait(_BETWEEN_TRIES)
            return
        with suppress(CommandError):
            self._follow(client, status)
        # Most often it has just ended; the next question tells.
        self._stopping.wait(_BETWEEN_VIEWS)

    def _follow(self, client: ControlClient, status: Status) -> None:
        while not self._stopping.is_set():
            self._note_status(client, status)
            self._stopping.wait(_BETWEEN_VIEWS)
            status = self._next(client, status)

    def _next(self, client: ControlClient, status: Status) -> Status:
        """Bytes that move are no change that a daemon would report: they are asked for."""
        seconds = min(LONGEST_WAIT_SECONDS, self._until_quota(status))
        if status.transfers:
            seconds = min(seconds, _WHILE_MOVING)
        new = client.wait_for_status(after_revision=status.revision, seconds=seconds)
        if status.transfers and new.revision == status.revision:
            return client.status()
        return new

    def _note_status(self, client: ControlClient, status: Status) -> None:
        recent = self._recent
        if self._status is None or status.revision != self._status.revision:
            recent = tuple(client.activity(limit=MOST_RECENT))
        with self._told:
            if self._status is None:
                self._trouble = None
            self._status, self._recent = status, recent
            self._speed = self._speed.after(status, time.monotonic())
            self._tell()
        if self._until_quota(status) == 0:
            self._ask_quota(client, status)

    def _ask_quota(self, client: ControlClient, status: Status) -> None:
        self._quota_as_of, self._quota_asked = status.last_sync_ms, time.monotonic()
        with suppress(CommandError):
            quota = client.quota()
            with self._told:
                self._quota = quota
                self._tell()

    def _note_absence(self, error: CommandError) -> None:
        with self._told:
            gone = error.code is ErrorCode.NOT_RUNNING
            self._status, self._speed = None, Speed()
            self._absence = Absence.NOT_RUNNING if gone else Absence.SILENT
            if not gone:
                self._trouble = error
            self._tell()

    def _until_quota(self, status: Status) -> float:
        """Seconds until it is to be asked for; for ever where nothing was synced since."""
        if status.state is not State.IDLE or status.last_sync_ms == self._quota_as_of:
            return float("inf")
        return max(0.0, self._quota_asked + _BETWEEN_QUOTAS - time.monotonic())

    def _known(self) -> Status | None:
        if self._status is None or self._quota is None:
            return self._status
        used, limit = self._quota.used, self._quota.limit
        return replace(self._status, quota_used=used, quota_limit=limit)

    def _tell(self) -> None:
        self._on_view(
            View(
                now_ms=time.time_ns() // 1_000_000,
                status=self._known(),
                absence=Absence.STARTING if self._starting else self._absence,
                trouble=self._trouble,
                recent=self._recent,
                speed=self._speed.a_second,
                folder=self.folder,
            )
        )
