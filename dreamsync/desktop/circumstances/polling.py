"""Asking now and then, on systems that tell nothing by themselves."""

import logging
import socket
import threading
import time
from collections.abc import Callable
from typing import Protocol

from dreamsync.desktop.circumstances.watch import (
    Circumstances,
    Disturbance,
    OnCircumstances,
    OnDisturbance,
)

_log = logging.getLogger(__name__)

_BETWEEN_COSTS = 1800.0
"""Seconds: what a network costs is dear to ask, and rarely changes without the network."""
_FAR_AWAY = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
"""Addresses of nobody: only the way there is asked for, and nothing is sent."""


class Senses(Protocol):
    """What a system says when it is asked; None where it does not say."""

    def on_battery(self) -> bool | None:
        """Asked with each look."""

    def metered(self) -> bool | None:
        """Asked when there is another network."""


class PollingWatch:
    """Implements `Watch`."""

    def __init__(
        self,
        senses: Senses,
        *,
        seconds: float,
        network: "Callable[[], object] | None" = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._senses = senses
        self._seconds = seconds
        self._network = network or own_addresses
        self._now = now
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
        network, metered, cost_asked = self._network(), self._senses.metered(), self._now()
        told: Circumstances | None = None
        while True:
            seen = Circumstances(self._senses.on_battery(), metered)
            if seen != told:
                told = seen
                on_circumstances(seen)
            if self._ended.wait(self._seconds):
                return
            before, network = network, self._network()
            if network != before:
                on_disturbance(Disturbance.NETWORK)
            if network != before or self._now() - cost_asked >= _BETWEEN_COSTS:
                metered, cost_asked = self._senses.metered(), self._now()


def own_addresses() -> tuple[str | None, ...]:
    """This computer's addresses on the way to the world: others are another network."""
    return tuple(_own_address(family, there) for family, there in _FAR_AWAY)


def _own_address(family: socket.AddressFamily, there: str) -> str | None:
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as way:
            way.connect((there, 9))
            return str(way.getsockname()[0])
    except OSError:
        return None
