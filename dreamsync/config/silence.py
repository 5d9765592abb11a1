"""Until when notifications are silent: set by the tray or a command, and heeded by the tray."""

import os
from contextlib import suppress

from dreamsync.config.file import write_private
from dreamsync.config.paths import InstancePaths

SILENCE_MS = 60 * 60_000
"""Where nobody says for how long."""


def silent_until(paths: InstancePaths) -> int | None:
    """In milliseconds since 1970; None where they are not, or the file cannot be understood."""
    try:
        with open(paths.silence_file, encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):
        return None


def be_silent(paths: InstancePaths, *, until_ms: int) -> None:
    write_private(paths.silence_file, str(until_ms).encode())


def speak_again(paths: InstancePaths) -> None:
    with suppress(FileNotFoundError):
        os.unlink(paths.silence_file)
