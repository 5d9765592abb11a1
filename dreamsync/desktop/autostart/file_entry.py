"""An entry that is one file, and perhaps a link that switches it on."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dreamsync.desktop.autostart.entry import Found, Part, judged

MARK = "Written by `dreamsync autostart on`; `dreamsync autostart off` removes it."


@dataclass(frozen=True, slots=True)
class FileEntry:
    """Implements `Entry`. `content` holds `MARK`; `read_command` finds the command in a text that
    does. `link` is beside the file's folder, made and removed with it."""

    part: Part
    place: str
    content: bytes
    read_command: Callable[[str], Sequence[str]]
    link: str | None = None

    def found(self) -> Found:
        there = self._read()
        if there is None:
            return Found.OFF
        if not _is_ours(there):
            return Found.FOREIGN
        return judged(
            is_current=there == self.content and self._is_linked(), command=self.command()
        )

    def command(self) -> Sequence[str]:
        there = self._read()
        if there is None or not _is_ours(there):
            return ()
        return self.read_command(there.decode("utf-8", "replace"))

    def write(self) -> None:
        if self._read() != self.content:
            os.makedirs(os.path.dirname(self.place), exist_ok=True)
            _replace(self.place, self.content)
        if self.link is not None and not self._is_linked():
            os.makedirs(os.path.dirname(self.link), exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.link)
            os.symlink(self.place, self.link)

    def remove(self) -> None:
        there = self._read()
        if there is None or not _is_ours(there):
            return
        if self.link is not None and os.path.islink(self.link):
            os.unlink(self.link)
            with contextlib.suppress(OSError):  # others are switched on there, too
                os.rmdir(os.path.dirname(self.link))
        os.unlink(self.place)

    def _read(self) -> bytes | None:
        try:
            with open(self.place, "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def _is_linked(self) -> bool:
        return self.link is None or (
            os.path.islink(self.link) and os.readlink(self.link) == self.place
        )


def _is_ours(content: bytes) -> bool:
    return MARK.encode() in content


def _replace(path: str, content: bytes) -> None:
    """In one step, so that a session that begins now reads all of it or the one before."""
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".dreamsync-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
