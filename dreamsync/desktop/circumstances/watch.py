"""What is watched for, the same on every system."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

_BETWEEN_LOOKS = 30.0
"""Seconds, where a system has to be asked."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """None where the system does not say."""

    on_battery: bool | None = None
    metered: bool | None = None


class Disturbance(Enum):
    """What makes known facts doubtful: files may have changed, connections may be dead."""

    SLEPT = "slept"
    NETWORK = "network"
    CLOCK = "clock"


OnCircumstances = Callable[[Circumstances], None]
OnDisturbance = Callable[[Disturbance], None]


class Watch(Protocol):
    """Both callbacks come from threads of the watch."""

    def start(self, on_circumstances: OnCircumstances, on_disturbance: OnDisturbance) -> None:
        """Returns at once; what is known is told soon, and every change of it."""

    def stop(self) -> None: ...


def make_watch() -> Watch:
    """The one of this system."""
    if sys.platform == "win32":
        from dreamsync.desktop.circumstances.polling import PollingWatch
        from dreamsync.desktop.circumstances.windows import system_senses

        return PollingWatch(system_senses(), seconds=_BETWEEN_LOOKS)
    if sys.platform == "darwin":
        from dreamsync.desktop.circumstances.macos import MacSenses
        from dreamsync.desktop.circumstances.polling import PollingWatch

        return PollingWatch(MacSenses(), seconds=_BETWEEN_LOOKS)
    from dreamsync.desktop.circumstances.linux import LinuxWatch

    return LinuxWatch()
