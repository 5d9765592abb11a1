"""What systemd is told of a service of the type `notify`: it is ready, it is alive, it ends.

Without a manager (no `NOTIFY_SOCKET`) nothing is told. A message that cannot be delivered is lost:
the manager draws its own conclusions, and syncing does not depend on it.
"""

import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress

_BEATS_IN_TIME = 3
"""So often within the time the manager waits: one that comes late ends nothing."""


class ServiceManager:
    """`address` None: there is none. `beat_seconds` None: it does not watch us."""

    def __init__(self, address: str | None, beat_seconds: float | None = None) -> None:
        self._address = address
        self._beat_seconds = beat_seconds if address is not None else None

    @classmethod
    def from_environment(
        cls, environment: MutableMapping[str, str] = os.environ
    ) -> "ServiceManager":
        """Takes the variables out: what we start must not speak for us."""
        address = environment.pop("NOTIFY_SOCKET", "")
        watched = environment.pop("WATCHDOG_USEC", "")
        pid = environment.pop("WATCHDOG_PID", str(os.getpid()))
        is_watched = watched.isdigit() and int(watched) > 0 and pid == str(os.getpid())
        beat_seconds = int(watched) / 1e6 / _BEATS_IN_TIME if is_watched else None
        return cls(address or None, beat_seconds)

    def ready(self) -> None:
        self._tell("READY=1")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    @contextmanager
    def told_alive(self, is_alive: Callable[[], bool]) -> Iterator[None]:
        """Tell it now and then, for as long as `is_alive` says so."""
        if self._beat_seconds is None:
            yield
            return
        ended = threading.Event()
        beat = threading.Thread(
            target=self._beat, args=(ended, self._beat_seconds, is_alive), daemon=True
        )
        beat.start()
        try:
            yield
        finally:
            ended.set()
            beat.join()

    def _beat(self, ended: threading.Event, seconds: float, is_alive: Callable[[], bool]) -> None:
        while not ended.wait(seconds):
            if is_alive():
                self._tell("WATCHDOG=1")

    def _tell(self, text: str) -> None:
        if self._address is None or sys.platform == "win32":
            return
        # An address that begins with @ is in Linux's abstract namespace, which begins with NUL.
        address = "\0" + self._address[1:] if self._address[0] == "@" else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to_manager:
            to_manager.settimeout(1.0)
            to_manager.sendto(text.encode(), address)
