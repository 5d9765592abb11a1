"""The language that the system speaks to this person, by its code: `ko`, `ko_KR.UTF-8`, `en-US`."""

import os
import re
import sys
from collections.abc import Mapping


def system_language(environment: Mapping[str, str] = os.environ) -> str:
    """Empty where it cannot be told. What a terminal or a session sets goes first: programs started
    from the desktop of Windows and macOS have none of it."""
    return _of_variables(environment) or _of_desktop()


def _of_variables(environment: Mapping[str, str]) -> str:
    """As gettext takes them: `LANGUAGE` is a list, and counts only where there is a locale."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    found = next((environment[name] for name in names if environment.get(name)), "")
    if found.partition(".")[0] in ("", "C", "POSIX"):
        return found
    return environment.get("LANGUAGE", "").partition(":")[0] or found


if sys.platform == "win32":
    import ctypes
    import locale

    def _of_desktop() -> str:
        return locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")

elif sys.platform == "darwin":
    import subprocess

    def _of_desktop() -> str:
        command = ["/usr/bin/defaults", "read", "-g", "AppleLanguages"]
        try:
            finished = subprocess.run(  # noqa: S603 - no shell
                command, capture_output=True, text=True, timeout=5, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return ""
        return first_of_apple_list(finished.stdout)

else:

    def _of_desktop() -> str:
        return ""


def first_of_apple_list(printed: str) -> str:
    """The first of a list as `defaults` prints it: one quoted or bare code in each line."""
    found = re.search(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*", printed)
    return found[0] if found else ""
