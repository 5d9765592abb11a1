"""The bookmark that Nautilus, Nemo, Caja, Thunar and the file dialogs of GTK show in their sidebar.

GTK 4 reads the file of GTK 3, too.
"""

import pathlib

from dreamsync.desktop.file_manager import edited_file
from dreamsync.desktop.file_manager.part import Added
from dreamsync.i18n import _


class Bookmark:
    """One line of the file at `path`. Implements `Part`."""

    key = "bookmark"

    def __init__(self, path: str, folder: str) -> None:
        self._path = path
        self._uri = pathlib.Path(folder).as_uri().encode()

    @property
    def title(self) -> str:
        return _("Sidebar of GTK file managers and file dialogs")

    def add(self) -> Added:
        content = edited_file.read(self._path)
        if content is not None and has_line(content, self._uri):
            return Added.FOUND
        edited_file.replace(self._path, with_line(content or b"", self._uri))
        return Added.MADE if content is None else Added.INSERTED

    def take_away(self, how: Added) -> None:
        content = edited_file.read(self._path)
        if content is None or not has_line(content, self._uri):
            return
        left = without_line(content, self._uri)
        if how is Added.MADE and not left:
            edited_file.remove_own(self._path, upto=self._path)
        else:
            edited_file.replace(self._path, left)

    def is_there(self) -> bool:
        return has_line(edited_file.read(self._path) or b"", self._uri)


def has_line(content: bytes, uri: bytes) -> bool:
    """With whatever label."""
    return any(line.split(b" ", 1)[0] == uri for line in content.split(b"\n"))


def with_line(content: bytes, uri: bytes) -> bytes:
    """A last line without an end stays one: taking ours away gives the same bytes again."""
    if content and not content.endswith(b"\n"):
        return content + b"\n" + uri
    return content + uri + b"\n"


def without_line(content: bytes, uri: bytes) -> bytes:
    return b"\n".join(line for line in content.split(b"\n") if line.split(b" ", 1)[0] != uri)
