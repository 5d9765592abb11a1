"""Showing a folder in the file manager, or a page in the browser."""

import os
import subprocess
import sys


def open_for_person(target: str) -> bool:
    """Open a local folder or an http(s) URL with the system's own program; False where there is
    none. Anything else is refused: a text from a server must never choose what is run."""
    if not (os.path.isdir(target) or target.startswith(("http://", "https://"))):
        raise ValueError("only folders and web pages are opened")
    if sys.platform == "win32":
        os.startfile(target)  # noqa: S606 - a folder or a web page, checked above
        return True
    program = "open" if sys.platform == "darwin" else "xdg-open"
    try:
        finished = subprocess.run(  # noqa: S603 - no shell, one argument
            [program, target], timeout=10, check=False, capture_output=True
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return finished.returncode == 0
