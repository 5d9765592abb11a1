"""The extension for Nautilus, Nemo and Caja, and the pictures that file managers show."""

import os
from collections.abc import Iterator

from dreamsync.desktop.file_manager import edited_file
from dreamsync.desktop.file_manager.part import Added
from dreamsync.i18n import _

_HERE = os.path.dirname(__file__)
_SOURCE = os.path.join(_HERE, "extension", "dreamsync_files.py")
_PICTURES = os.path.join(_HERE, "pictures")
_HOSTS = ("nautilus", "nemo", "caja")


class Extension:
    """One source in three places; each file manager loads it when it starts. Shared by all
    instances. Implements `Part`."""

    key = "extension"

    def __init__(self, data: str) -> None:
        self._data = data

    @property
    def title(self) -> str:
        return _("Emblems and menu in Nautilus, Nemo and Caja")

    def add(self) -> Added:
        with open(_SOURCE, "rb") as file:
            source = file.read()
        for place in self._places():
            edited_file.put_own(place, source)
        return Added.MADE

    def take_away(self, how: Added) -> None:
        for place in self._places():
            _remove_compiled(place, self._data)
            edited_file.remove_own(place, upto=self._data)

    def is_there(self) -> bool:
        return all(map(os.path.exists, self._places()))

    def _places(self) -> Iterator[str]:
        for host in _HOSTS:
            yield os.path.join(self._data, f"{host}-python", "extensions", "dreamsync_files.py")


def _remove_compiled(source: str, data: str) -> None:
    """What Python has put beside it since."""
    cache = os.path.join(os.path.dirname(source), "__pycache__")
    names = os.listdir(cache) if os.path.isdir(cache) else []
    for name in names:
        if name.startswith("dreamsync_files."):
            edited_file.remove_own(os.path.join(cache, name), upto=data)


class Pictures:
    """Icons for the person's own icon theme. Shared by all instances. Implements `Part`."""

    key = "pictures"

    def __init__(self, data: str) -> None:
        self._data = data

    @property
    def title(self) -> str:
        return _("Icons")

    def add(self) -> Added:
        for name, place in self._places():
            with open(os.path.join(_PICTURES, name), "rb") as file:
                edited_file.put_own(place, file.read())
        return Added.MADE

    def take_away(self, how: Added) -> None:
        for _name, place in self._places():
            edited_file.remove_own(place, upto=self._data)

    def is_there(self) -> bool:
        return all(os.path.exists(place) for _name, place in self._places())

    def _places(self) -> Iterator[tuple[str, str]]:
        theme = os.path.join(self._data, "icons", "hicolor", "scalable")
        for name in sorted(os.listdir(_PICTURES)):
            if name.endswith(".svg"):
                kind = "emblems" if name.startswith("emblem-") else "places"
                yield name, os.path.join(theme, kind, name)
