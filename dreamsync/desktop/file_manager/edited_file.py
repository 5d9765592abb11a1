"""Files of other programs: read as bytes, replaced in one step, keeping their modes and links."""

import os
import stat

from dreamsync.config.file import write_private


def read(path: str) -> bytes | None:
    """None where there is no file."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def replace(path: str, content: bytes) -> None:
    """A link stays one: what it leads to is replaced."""
    real = os.path.realpath(path)
    mode = stat.S_IMODE(os.stat(real).st_mode) if os.path.exists(real) else None
    write_private(real, content)
    if mode is not None:
        os.chmod(real, mode)


def put_own(path: str, content: bytes, *, mode: int = 0o644) -> bool:
    """A file that is ours alone; whether it was not there, or was another, before."""
    if read(path) == content:
        return False
    write_private(path, content)
    os.chmod(path, mode)
    return True


def remove_own(path: str, *, upto: str) -> None:
    """With the folders that it leaves empty, below `upto`."""
    if os.path.lexists(path):
        os.unlink(path)
    folder = os.path.dirname(path)
    while folder.startswith(upto + os.sep):
        try:
            os.rmdir(folder)
        except OSError:
            return
        folder = os.path.dirname(folder)
