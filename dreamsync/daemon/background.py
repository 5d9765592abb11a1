"""Starting and ending daemon and server as processes of their own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dreamsync.config.paths import InstancePaths, make_private_folder
from dreamsync.control.address import find_address
from dreamsync.control.client import ControlClient
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.core.status import Status
from dreamsync.daemon.locks import has_tray, is_locked
from dreamsync.desktop.screen import has_screen
from dreamsync.i18n import translated
from dreamsync.message import N_

START_SECONDS = 30.0
STOP_SECONDS = 30.0
_POLL_SECONDS = 0.02

if sys.platform == "win32":
    _DETACHED = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
else:
    _DETACHED = 0


@dataclass(frozen=True, slots=True)
class Background:
    """A process started here that outlives us; `report` holds what it wrote to stderr."""

    process: "subprocess.Popen[bytes]"
    report: str

    def last_words(self) -> str:
        """The end of its report: a failing command says one clear line there."""
        try:
            with open(self.report, encoding="utf-8", errors="replace") as file:
                lines = file.read()[-4000:].splitlines()
        except OSError:
            return ""
        told = [line.strip() for line in lines if line.strip()][-2:]
        return " ".join(told).removeprefix(translated(N_("Error: {message}", message="")))


def daemon_status(paths: InstancePaths) -> Status | None:
    """What the running daemon says, None where there is none."""
    try:
        return ControlClient(find_address(paths)).status()
    except CommandError as error:
        if error.code is ErrorCode.NOT_RUNNING:
            return None
        raise


def start_daemon(paths: InstancePaths, *, command: Sequence[str] | None = None) -> Status:
    """Start the daemon and wait until it answers; its status. Where a service manager would start
    it at login, that one does, and watches it from then on.

    Raises `CommandError` with the daemon's own reason where it ends instead, `ALREADY_RUNNING`
    where one runs.
    """
    if daemon_status(paths) is not None:
        raise CommandError(ErrorCode.ALREADY_RUNNING, N_("dreamsync is already running."))
    if command is None and _start_by_manager(paths):
        status = daemon_status(paths)
        if status is not None:
            return status
    started = spawn(command or own_command("run"), report=paths.start_report, paths=paths)
    wait_until(
        lambda: daemon_status(paths) is not None, started, seconds=START_SECONDS, what="dreamsync"
    )
    status = daemon_status(paths)
    if status is None:
        raise _ended(started, "dreamsync")
    return status


def _start_by_manager(paths: InstancePaths) -> bool:
    from dreamsync.daemon.autostart import start_by_manager
    from dreamsync.desktop.autostart.entry import Part

    return start_by_manager(paths, Part.DAEMON)


def ensure_started(paths: InstancePaths) -> None:
    """A daemon runs afterwards. Raises as `start_daemon`."""
    if daemon_status(paths) is None:
        start_daemon(paths)


def ensure_tray(paths: InstancePaths) -> bool:
    """Where there is a screen, the tray is there soon; whether it is or will be."""
    if not has_screen():
        return False
    if not has_tray(paths):
        started = spawn(own_command("tray"), report=paths.tray_report, paths=paths)
        _forget(started)
    return True


def stop_daemon(paths: InstancePaths) -> None:
    """End the daemon and wait until it is gone. `CommandError` (`NOT_RUNNING`) where none is."""
    ControlClient(find_address(paths)).stop()
    deadline = time.monotonic() + STOP_SECONDS
    while is_locked(paths):
        if time.monotonic() > deadline:
            raise CommandError(
                ErrorCode.FAILED,
                N_("dreamsync is still finishing its work."),
                hint=N_("Wait a little and look again with: dreamsync status"),
            )
        time.sleep(_POLL_SECONDS)


def ensure_stopped(paths: InstancePaths) -> bool:
    """End the daemon if one runs; whether one did."""
    try:
        stop_daemon(paths)
    except CommandError as error:
        if error.code is not ErrorCode.NOT_RUNNING:
            raise
        return False
    return True


def own_command(*arguments: str) -> list[str]:
    """How to start ourselves again: as a bundle, or as a module of this Python, which must not look
    for it where it stands: a folder that is synced may be named dreamsync, too."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    return [sys.executable, "-P", "-m", "dreamsync", *arguments]


def spawn(command: Sequence[str], *, report: str, paths: InstancePaths) -> Background:
    """Start a process that survives us and our terminal."""
    make_private_folder(paths.logs)
    handle = os.open(report, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        process = subprocess.Popen(  # noqa: S603 - our own program
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=handle,
            # Standing in the folder would keep its disk from being ejected.
            cwd=os.path.abspath(os.sep),
            env=_environment(),
            start_new_session=sys.platform != "win32",
            creationflags=_DETACHED,
        )
    finally:
        os.close(handle)
    return Background(process, report)


def wait_until(
    ready: Callable[[], bool], started: Background, *, seconds: float, what: str
) -> None:
    """Poll `ready`. Raise `CommandError` where the process ends first or the time is over."""
    deadline = time.monotonic() + seconds
    while not ready():
        if started.process.poll() is not None:
            raise _ended(started, what)
        if time.monotonic() > deadline:
            raise CommandError(
                ErrorCode.FAILED,
                N_("{what} was started but does not answer.", what=what),
                hint=N_("Look into its log with: dreamsync logs"),
            )
        time.sleep(_POLL_SECONDS)
    _forget(started)


def _forget(started: Background) -> None:
    """It is meant to outlive us: Popen must not warn that nobody waited for it."""
    started.process.returncode = 0


def _environment() -> dict[str, str]:
    """Ours, with a home that does not depend on where the process stands."""
    home = os.environ.get("DREAMSYNC_HOME")
    return {**os.environ, "DREAMSYNC_HOME": os.path.abspath(home)} if home else {**os.environ}


def _ended(started: Background, what: str) -> CommandError:
    """The code of the failed process becomes ours, its last words our message."""
    by_exit = {5: ErrorCode.SIGNED_OUT, 78: ErrorCode.CONFIGURATION, 3: ErrorCode.ATTENTION}
    return CommandError(
        by_exit.get(started.process.returncode, ErrorCode.FAILED),
        started.last_words() or N_("{what} ended at once.", what=what),
        hint=N_("Look into its log with: dreamsync logs"),
    )
