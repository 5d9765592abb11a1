"""macOS: power by `pmset`; a phone's hotspot by what it told this computer by DHCP."""

import re
import subprocess
from collections.abc import Callable, Sequence

_PATIENCE_SECONDS = 5.0
_HOTSPOT = re.compile(r"ANDROID_METERED", re.IGNORECASE)
"""Vendor-specific information with which phones mark the networks they make."""

Run = Callable[[Sequence[str]], str]


def run(command: Sequence[str]) -> str:
    """What a program of the system prints; nothing where it fails."""
    try:
        finished = subprocess.run(  # noqa: S603 - no shell, fixed programs
            command, capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return finished.stdout


class MacSenses:
    """Implements `polling.Senses`."""

    def __init__(self, run: Run = run) -> None:
        self._run = run

    def on_battery(self) -> bool | None:
        drawn = re.search(r"drawing from '([^']+)'", self._run(["/usr/bin/pmset", "-g", "ps"]))
        return None if drawn is None else drawn[1] == "Battery Power"

    def metered(self) -> bool | None:
        interface = re.search(
            r"interface: (\S+)", self._run(["/sbin/route", "-n", "get", "default"])
        )
        if interface is None:
            return None
        packet = self._run(["/usr/sbin/ipconfig", "getpacket", interface[1]])
        return _HOTSPOT.search(packet) is not None if packet else None
