"""The marker of a synced folder, `.dreamsync/root.json`: identity of the folder, not of its path.

Owns our own folder's layout inside the synced one. A folder without its marker, or with another
one, is not ours to change: an empty mount point must never look like a mass deletion.
"""

import json
import os
from dataclasses import asdict, dataclass

from dreamsync.local.system import Folder, flush
from dreamsync.message import N_

HOME = ".dreamsync"
STAGING = "staging"
TRASH = "trash"
MARKER = "root.json"

_UNFINISHED = "root.json.new"
_LARGEST = 4096


@dataclass(frozen=True, slots=True)
class RootMarker:
    """`created` is RFC 3339 UTC; the others are ids that the caller made."""

    id: str
    account: str
    device: str
    created: str


class UnreadableMarkerError(Exception):
    """`root.json` is there, but is none of ours."""


def read_marker(root: Folder) -> RootMarker | None:
    """None where there is none. Raises `UnreadableMarkerError`, and OSError but for absence."""
    try:
        with root.child(HOME) as home:
            descriptor = home.open_to_read(MARKER)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        text = file.read(_LARGEST)
    try:
        fields = json.loads(text)
        marker = RootMarker(**{name: fields[name] for name in RootMarker.__slots__})
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableMarkerError(str(error)) from error
    if not all(isinstance(value, str) for value in asdict(marker).values()):
        raise UnreadableMarkerError(N_("a field is no text"))
    return marker


def write_marker(root: Folder, marker: RootMarker) -> None:
    """Make our own folder and the marker in it, durably; never over another marker (EEXIST)."""
    make_missing(root, HOME)
    with root.child(HOME) as home:
        make_missing(home, STAGING)
        make_missing(home, TRASH)
        if home.lstat(_UNFINISHED) is not None:
            home.unlink(_UNFINISHED)
        descriptor = home.create(_UNFINISHED)
        with os.fdopen(descriptor, "wb") as file:
            file.write(json.dumps(asdict(marker), indent=2).encode() + b"\n")
            file.flush()
            flush(file.fileno())
        home.rename_new(_UNFINISHED, home, MARKER)
        home.sync()
    root.sync()


def make_missing(parent: Folder, name: str) -> None:
    """Make a folder for nobody else's eyes (0700) where there is none."""
    if parent.lstat(name) is None:
        try:
            parent.make_folder(name, 0o700)
        except FileExistsError:
            return
