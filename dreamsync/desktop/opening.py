"""Showing things to the person with the programs of their desktop.

A text from a server must never choose what is run: only folders, pages and our own text files are
opened; anything else is shown in its folder. False where the desktop has no program for it.
"""

import os
import subprocess
import sys
from collections.abc import Sequence

_PATIENCE_SECONDS = 10.0


def open_for_person(target: str) -> bool:
    """Open a local folder or an http(s) URL."""
    if not (os.path.isdir(target) or target.startswith(("http://", "https://"))):
        raise ValueError("only folders and web pages are opened")
    if sys.platform == "win32":
        os.startfile(target)  # noqa: S606 - a folder or a web page, checked above
        return True
    return _run(["open" if sys.platform == "darwin" else "xdg-open", target])


def open_text_file(path: str) -> bool:
    """Open a file that dreamsync wrote, in an editor for plain text."""
    if sys.platform == "win32":
        # What opens .toml is nobody's choice there; every Windows has this one.
        subprocess.Popen(["notepad.exe", path])  # noqa: S603, S607 - no shell, one argument
        return True
    return _run(["open", "-t", path] if sys.platform == "darwin" else ["xdg-open", path])


def show_in_file_manager(path: str) -> bool:
    """Show what is at `path` marked in its folder; the nearest folder where it is gone."""
    if not os.path.lexists(path):
        return open_for_person(_nearest_folder(path))
    if sys.platform == "win32":
        # One text, because Explorer reads its own quotes; a name on Windows has none in it.
        subprocess.Popen(f'explorer.exe /select,"{path}"')  # noqa: S603 - no shell
        return True
    if sys.platform == "darwin":
        return _run(["open", "-R", path])
    from dreamsync.desktop.linux_file_manager import show_items

    return show_items(path) or open_for_person(_nearest_folder(os.path.dirname(path)))


def _nearest_folder(path: str) -> str:
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    return path


def _run(command: Sequence[str]) -> bool:
    try:
        finished = subprocess.run(  # noqa: S603 - no shell
            command, timeout=_PATIENCE_SECONDS, check=False, capture_output=True
        )
    except subprocess.TimeoutExpired:
        return False
    except OSError:
        return False
    return finished.returncode == 0
