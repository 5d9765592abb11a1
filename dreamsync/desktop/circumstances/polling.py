"""Asking now and then, where a system that is asked answers cheaply."""

import logging
import threading
from collections.abc import Callable

from dreamsync.desktop.circumstances.watch import (
    Circumstances,
    Disturbance,
    OnCircumstances,
    OnDisturbance,
)

_log = logging.getLogger(__name__)

_BETWEEN_LOOKS = 20.0


class PollingWatch:
    """Implements `Watch`. `look` gives the circumstances and a mark of the networks that there are:
    another mark is another network."""

    def __init__(
        self, look: Callable[[], tuple[Circumstances, object]], *, seconds: float = _BETWEEN_LOOKS
    ) -> None:
        self._look = look
        self._seconds = seconds
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, on_circumstances: OnCircumstances, on_disturbance: OnDisturbance) -> None:
        self._thread = threading.Thread(
            target=self._run, args=(on_circumstances, on_disturbance), name="circumstances",
            daemon=True,
        )  # fmt: skip
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join(5.0)

    def _run(self, on_circumstances: OnCircumstances, on_disturbance: OnDisturbance) -> None:
        before: tuple[Circumstances, object] | None = None
        while not self._ended.is_set():
            try:
                seen = self._look()
            except OSError as error:
                _log.info("power and network cannot be told: %s", error)
                return
            if before is None or seen[0] != before[0]:
                on_circumstances(seen[0])
            if before is not None and seen[1] != before[1]:
                on_disturbance(Disturbance.NETWORK)
            before = seen
            self._ended.wait(self._seconds)
