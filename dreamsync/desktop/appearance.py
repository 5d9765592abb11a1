"""Whether this desktop's panel is dark, where the system tells without being asked over D-Bus."""

import subprocess
import sys


def panel_is_dark() -> bool | None:
    """None where it cannot be told."""
    if sys.platform == "win32":
        return _windows()
    if sys.platform == "darwin":
        return _mac()
    return None


if sys.platform == "win32":
    import winreg

    _THEME = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"

    def _windows() -> bool | None:
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, _THEME) as key:
                return not winreg.QueryValueEx(key, "SystemUsesLightTheme")[0]
        except OSError:
            return None


def _mac() -> bool | None:
    """The setting exists only while the dark appearance is chosen."""
    command = ["/usr/bin/defaults", "read", "-g", "AppleInterfaceStyle"]
    try:
        finished = subprocess.run(  # noqa: S603 - no shell
            command, capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return finished.stdout.strip() == "Dark"
