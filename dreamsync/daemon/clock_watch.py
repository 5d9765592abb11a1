"""Whether the computer slept, or its clock was set, since somebody looked last."""

import time
from collections.abc import Callable

from dreamsync.desktop.circumstances.watch import Disturbance
from dreamsync.desktop.clocks import awake_seconds, elapsed_seconds

_LEAST_SLEEP = 2.0
_LEAST_SET = 5.0
"""Seconds: clocks are also kept right by small steps, which mean nothing."""


class ClockWatch:
    """`awake` stands still while the computer sleeps, `elapsed` does not; `wall` can be set. All
    in seconds."""

    def __init__(
        self,
        *,
        awake: Callable[[], float] = awake_seconds,
        elapsed: Callable[[], float] = elapsed_seconds,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._clocks = awake, elapsed, wall
        self._last = self._read()

    def look(self) -> Disturbance | None:
        """What has happened since the last look; a sleep explains more than a clock."""
        before, self._last = self._last, self._read()
        awake, elapsed, wall = (now - then for now, then in zip(self._last, before, strict=True))
        if elapsed - awake > _LEAST_SLEEP:
            return Disturbance.SLEPT
        return Disturbance.CLOCK if abs(wall - elapsed) > _LEAST_SET else None

    def _read(self) -> tuple[float, float, float]:
        awake, elapsed, wall = self._clocks
        return awake(), elapsed(), wall()
