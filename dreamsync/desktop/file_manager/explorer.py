r"""Windows: the folder in Explorer's navigation pane, and its own icon.

All of it lies in the person's own part of the registry, below `HKEY_CURRENT_USER\Software`, so that
nobody needs to be an administrator.
"""

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from dreamsync.desktop.file_manager import edited_file
from dreamsync.desktop.file_manager.part import Added, Facts, Unsuited
from dreamsync.i18n import _

_FAMILY = uuid.UUID("6b4b3f0e-8a0c-4b52-9d1e-51a1de2f7c11")
_FOLDER_SHORTCUT = "{0E5AAE11-A475-4c5b-AB00-C66DE400274E}"
_SHELL = r"%systemroot%\system32\shell32.dll"
_EXPLORER = r"Software\Microsoft\Windows\CurrentVersion\Explorer"

ICON = os.path.join(os.path.dirname(__file__), "pictures", "dreamsync.ico")

_HIDDEN_SYSTEM = 0x2 | 0x4
_READ_ONLY = 0x1


@dataclass(frozen=True, slots=True)
class Value:
    """`name` empty: the key's own value. `expand`: it names variables of the environment."""

    key: str
    name: str
    content: str | int
    expand: bool = False


class Registry(Protocol):
    """The person's own part of it."""

    def write(self, value: Value) -> None: ...

    def read(self, key: str, name: str) -> str | int | None: ...

    def remove_key(self, key: str) -> None:
        """With all below it; nothing where there is none."""

    def remove_value(self, key: str, name: str) -> None: ...


class NavigationPane:
    """Implements `Part`."""

    key = "navigation-pane"

    def __init__(self, facts: Facts, registry: Registry) -> None:
        self._facts = facts
        self._registry = registry

    @property
    def title(self) -> str:
        return _("Navigation pane of Explorer")

    def add(self) -> Added:
        for value in pane_values(self._facts):
            self._registry.write(value)
        return Added.MADE

    def take_away(self, how: Added) -> None:
        """What shows it first: where this ends half-way, nothing is seen of the rest."""
        guid = pane_id(self._facts)
        self._registry.remove_key(rf"{_EXPLORER}\Desktop\NameSpace\{guid}")
        self._registry.remove_value(rf"{_EXPLORER}\HideDesktopIcons\NewStartPanel", guid)
        self._registry.remove_key(_class_key(guid))

    def is_there(self) -> bool:
        shown = rf"{_EXPLORER}\Desktop\NameSpace\{pane_id(self._facts)}"
        return self._registry.read(shown, "") is not None


def pane_id(facts: Facts) -> str:
    """The same for an instance each time, wherever its folder goes."""
    return f"{{{str(uuid.uuid5(_FAMILY, facts.mark)).upper()}}}"


def pane_values(facts: Facts) -> Iterator[Value]:
    """What Explorer reads; the last is what makes it look."""
    guid, title = pane_id(facts), os.path.basename(facts.folder)
    key = _class_key(guid)
    yield Value(key, "", title)
    yield Value(key, "System.IsPinnedToNameSpaceTree", 1)
    yield Value(key, "SortOrderIndex", 0x41)
    yield Value(rf"{key}\DefaultIcon", "", f"{ICON},0")
    yield Value(rf"{key}\InProcServer32", "", _SHELL, expand=True)
    yield Value(rf"{key}\Instance", "CLSID", _FOLDER_SHORTCUT)
    yield Value(rf"{key}\Instance\InitPropertyBag", "Attributes", 0x11)
    yield Value(rf"{key}\Instance\InitPropertyBag", "TargetFolderPath", facts.folder)
    yield Value(rf"{key}\ShellFolder", "FolderValueFlags", 0x28)
    yield Value(rf"{key}\ShellFolder", "Attributes", 0xF080004D)
    yield Value(rf"{_EXPLORER}\HideDesktopIcons\NewStartPanel", guid, 1)
    yield Value(rf"{_EXPLORER}\Desktop\NameSpace\{guid}", "", title)


def _class_key(guid: str) -> str:
    return rf"Software\Classes\CLSID\{guid}"


class Attributes(Protocol):
    def get(self, path: str) -> int: ...

    def set(self, path: str, bits: int) -> None: ...


class ExplorerIcon:
    """A hidden `desktop.ini` in the folder, one of the names that are never synced. Implements
    `Part`."""

    key = "folder-icon"

    def __init__(self, facts: Facts, attributes: Attributes, *, never_syncs: bool) -> None:
        self._folder = facts.folder
        self._path = os.path.join(facts.folder, "desktop.ini")
        self._attributes = attributes
        self._never_syncs = never_syncs

    @property
    def title(self) -> str:
        return _("Icon of the folder")

    def add(self) -> Added:
        if self.is_there():
            return Added.MADE
        if os.path.exists(self._path):
            return Added.FOUND
        if not self._never_syncs:
            raise Unsuited(_("It would sync: the setting folder.ignore_builtins is false."))
        # At once under its name: any other would sync.
        with open(self._path, "xb") as file:
            file.write(_ini())
        self._attributes.set(self._path, _HIDDEN_SYSTEM)
        # Explorer looks for the file only in folders that bear this mark; it protects nothing.
        self._attributes.set(self._folder, self._attributes.get(self._folder) | _READ_ONLY)
        return Added.MADE

    def take_away(self, how: Added) -> None:
        if self.is_there():
            os.unlink(self._path)
            self._attributes.set(self._folder, self._attributes.get(self._folder) & ~_READ_ONLY)

    def is_there(self) -> bool:
        return edited_file.read(self._path) == _ini()


def _ini() -> bytes:
    return f"[.ShellClassInfo]\r\nIconResource={ICON},0\r\n".encode("utf-16")
