"""Windows: power by `GetSystemPowerStatus`, the connection's cost by the Windows Runtime.

The cost is asked of PowerShell, which can speak to that runtime without an extra package.
"""

import ctypes
import subprocess
import sys
from collections.abc import Callable, Sequence

_PATIENCE_SECONDS = 20.0
_UNKNOWN_POWER = 255
_COST = (
    "$p=[Windows.Networking.Connectivity.NetworkInformation,"
    "Windows.Networking.Connectivity,ContentType=WindowsRuntime]::GetInternetConnectionProfile();"
    "if($p){$p.GetConnectionCost().NetworkCostType}"
)
_METERED = {"Unrestricted": False, "Fixed": True, "Variable": True}

Run = Callable[[Sequence[str]], str]


class WindowsSenses:
    """Implements `polling.Senses`. `ac_line_status` is Windows' number: 0 is battery, 1 is mains,
    255 unknown."""

    def __init__(self, ac_line_status: Callable[[], int], run: Run) -> None:
        self._ac_line_status = ac_line_status
        self._run = run

    def on_battery(self) -> bool | None:
        status = self._ac_line_status()
        return None if status == _UNKNOWN_POWER else status == 0

    def metered(self) -> bool | None:
        said = self._run(["powershell.exe", "-NoProfile", "-NonInteractive", "-Command", _COST])
        return _METERED.get(said.strip())


class _PowerStatus(ctypes.Structure):
    _fields_ = (
        ("ac_line_status", ctypes.c_ubyte),
        ("battery_flag", ctypes.c_ubyte),
        ("battery_life_percent", ctypes.c_ubyte),
        ("system_status_flag", ctypes.c_ubyte),
        ("battery_life_time", ctypes.c_uint32),
        ("battery_full_life_time", ctypes.c_uint32),
    )


if sys.platform == "win32":

    def system_senses() -> WindowsSenses:
        """Of this computer."""
        return WindowsSenses(_ac_line_status, _run)

    def _ac_line_status() -> int:
        status = _PowerStatus()
        told = ctypes.windll.kernel32.GetSystemPowerStatus(ctypes.byref(status))
        return status.ac_line_status if told else _UNKNOWN_POWER

    def _run(command: Sequence[str]) -> str:
        try:
            finished = subprocess.run(  # noqa: S603 - no shell, a fixed program
                command, capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=False,
                creationflags=subprocess.CREATE_NO_WINDOW,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            return ""
        return finished.stdout
