"""Windows: power by `GetSystemPowerStatus`, the connection's cost by `INetworkCostManager`.

The cost is asked of PowerShell, which speaks to the Windows Runtime: without it no extra package
can. It takes about a second, so it is asked seldom.
"""

import ctypes
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from dreamsync.desktop.circumstances.watch import Circumstances

_PATIENCE_SECONDS = 20.0
_BETWEEN_COSTS = 120.0
_UNKNOWN_POWER = 255
_COST = (
    "$p=[Windows.Networking.Connectivity.NetworkInformation,"
    "Windows.Networking.Connectivity,ContentType=WindowsRuntime]::GetInternetConnectionProfile();"
    "if($p){$p.GetNetworkConnectivityLevel(); $p.ProfileName;"
    "$p.GetConnectionCost().NetworkCostType}"
)

Run = Callable[[Sequence[str]], str]


class _PowerStatus(ctypes.Structure):
    _fields_ = (
        ("ac_line_status", ctypes.c_ubyte),
        ("battery_flag", ctypes.c_ubyte),
        ("battery_life_percent", ctypes.c_ubyte),
        ("system_status_flag", ctypes.c_ubyte),
        ("battery_life_time", ctypes.c_uint32),
        ("battery_full_life_time", ctypes.c_uint32),
    )


class NetworkCost:
    """What PowerShell said last, and when."""

    def __init__(self, run: Run, *, now: Callable[[], float] = time.monotonic) -> None:
        self._run = run
        self._now = now
        self._asked_at = float("-inf")
        self._said: tuple[bool | None, object] = (None, None)

    def look(self) -> tuple[bool | None, object]:
        """Whether it is metered, and a mark of the network."""
        if self._now() - self._asked_at >= _BETWEEN_COSTS:
            self._asked_at = self._now()
            self._said = _cost(self._run(["powershell.exe", "-NoProfile", "-Command", _COST]))
        return self._said


def _cost(said: str) -> tuple[bool | None, object]:
    """Its lines are the level of connectivity, the network's name and the type of its cost."""
    lines = said.split("\n") if said else []
    if len(lines) < 3:
        return (None, None)
    level, name, cost = (line.strip() for line in lines[:3])
    return ({"Unrestricted": False, "Fixed": True, "Variable": True}.get(cost), (level, name))


def on_battery(ac_line_status: int) -> bool | None:
    """As Windows numbers it: 0 is battery, 1 is mains, 255 unknown."""
    return None if ac_line_status == _UNKNOWN_POWER else ac_line_status == 0


if sys.platform == "win32":

    def _run(command: Sequence[str]) -> str:
        try:
            finished = subprocess.run(  # noqa: S603 - no shell, a fixed program
                command, capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=False,
                creationflags=subprocess.CREATE_NO_WINDOW,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            return ""
        return finished.stdout

    _network = NetworkCost(_run)

    def look() -> tuple[Circumstances, object]:
        """The circumstances, and a mark of the network."""
        status = _PowerStatus()
        told = ctypes.windll.kernel32.GetSystemPowerStatus(ctypes.byref(status))
        metered, mark = _network.look()
        return Circumstances(on_battery(status.ac_line_status) if told else None, metered), mark
