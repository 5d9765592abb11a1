"""Paths on this disk: taken apart, and refused where they could lead out of the folder."""

import unicodedata

from dreamsync.core.names import NameProblem, wire_name_problem
from dreamsync.local.protocol import NameRefused
from dreamsync.message import N_

_RESERVED_STARTS = (".d", "dr")
"""An ASCII name that folds to our own folder's name starts like this, in some case."""


def split(path: str) -> tuple[str, str]:
    """(folder, name) of a path. Raises `NameRefused` for what no item of ours can be called."""
    for component in path.split("/"):
        if component in ("", ".", "..") or "\0" in component or is_reserved(component):
            raise NameRefused(
                path, N_("{path} is no path inside the synced folder", path=repr(path))
            )
    folder, _, name = path.rpartition("/")
    return folder, name


def folder_path(path: str) -> str:
    """A path that may also be the synced folder itself. Raises `NameRefused`."""
    if path:
        split(path)
    return path


def join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def is_reserved(name: str) -> bool:
    """Whether some file system would open our own folder under this name."""
    if name.isascii() and not name[:2].lower().startswith(_RESERVED_STARTS):
        return False
    problem = wire_name_problem(unicodedata.normalize("NFC", name))
    return problem is NameProblem.RESERVED
