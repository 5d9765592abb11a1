"""macOS: power by `pmset`; a personal hotspot by what `networksetup` and `ipconfig` say."""

import re
import subprocess
from collections.abc import Callable, Sequence

from dreamsync.desktop.circumstances.watch import Circumstances

_PATIENCE_SECONDS = 5.0
_HOTSPOT = re.compile(r"ANDROID_METERED|android\.metered", re.IGNORECASE)
"""What an Apple or Android phone tells its guests by DHCP (vendor-specific information)."""

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


def look(run: Run = run) -> tuple[Circumstances, object]:
    """The circumstances, and the default route as the mark of the network."""
    route = run(["/sbin/route", "-n", "get", "default"])
    gateway = re.search(r"gateway: (\S+)", route)
    interface = re.search(r"interface: (\S+)", route)
    circumstances = Circumstances(
        on_battery=_on_battery(run(["/usr/bin/pmset", "-g", "ps"])),
        metered=_metered(run, interface[1]) if interface else None,
    )
    mark = (gateway and gateway[1], interface and interface[1])
    return circumstances, mark


def _on_battery(said: str) -> bool | None:
    drawn = re.search(r"drawing from '([^']+)'", said)
    return None if drawn is None else drawn[1] == "Battery Power"


def _metered(run: Run, interface: str) -> bool | None:
    packet = run(["/usr/sbin/ipconfig", "getpacket", interface])
    return None if not packet else _HOTSPOT.search(packet) is not None
