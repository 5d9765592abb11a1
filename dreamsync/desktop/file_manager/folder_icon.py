"""The folder's own icon in GNOME, Cinnamon and MATE: metadata that they keep outside of it.

Dolphin would read a file in the folder itself, which would sync: there the sidebar alone has it.
"""

import shutil
import subprocess

from dreamsync.desktop.file_manager.part import Added, Unsuited
from dreamsync.desktop.file_manager.words import FOLDER_ICON
from dreamsync.i18n import _

_ATTRIBUTE = "metadata::custom-icon-name"
_OTHER = "metadata::custom-icon"
_PATIENCE_SECONDS = 5.0


class FolderIcon:
    """Implements `Part`."""

    key = "folder-icon"

    def __init__(self, folder: str) -> None:
        self._folder = folder

    @property
    def title(self) -> str:
        return _("Icon of the folder")

    def add(self) -> Added:
        if shutil.which("gio") is None:
            raise Unsuited(_("This desktop has no gio program."))
        if self._attributes():
            return Added.INSERTED if self.is_there() else Added.FOUND
        _gio("set", self._folder, _ATTRIBUTE, FOLDER_ICON)
        if not self.is_there():
            raise Unsuited(_("This desktop keeps no icons of folders (it needs gvfs)."))
        return Added.INSERTED

    def take_away(self, how: Added) -> None:
        if self.is_there():
            _gio("set", "-t", "unset", self._folder, _ATTRIBUTE)

    def is_there(self) -> bool:
        return self._attributes().get(_ATTRIBUTE) == FOLDER_ICON

    def _attributes(self) -> dict[str, str]:
        """What is set of the two."""
        said = _gio("info", "-a", f"{_ATTRIBUTE},{_OTHER}", self._folder)
        pairs = (line.strip().partition(": ") for line in said.splitlines())
        return {name: value for name, _colon, value in pairs if name in {_ATTRIBUTE, _OTHER}}


def _gio(*arguments: str) -> str:
    """What it prints; nothing where it fails."""
    try:
        done = subprocess.run(  # noqa: S603 - no shell
            ["gio", *arguments],  # noqa: S607 - wherever this system has it
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
