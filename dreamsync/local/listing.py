"""One folder's listing: what is synced, what is skipped and why.

The loop runs once for each item of a scan, so it is written flat, and what most items are is told
by a few comparisons (measured: what it costs beside the system calls is 1.5 µs an item).
"""

import os
import stat
import unicodedata

from dreamsync.core.names import MOST_NAME_BYTES
from dreamsync.core.nodes import Kind
from dreamsync.local.marker import HOME
from dreamsync.local.paths import is_reserved, join
from dreamsync.local.protocol import FolderListing, Seen, Skipped, SkipReason
from dreamsync.local.system import HAS_EXECUTABLE_BIT, Folder, fingerprint_of

MOST_DEPTH = 100
"""Components of a path, by the contract (docs/protocol.md)."""

_EXECUTABLE = stat.S_IXUSR
_new = tuple.__new__
"""A named tuple without its Python-written constructor, at a third of the price."""
_FORMAT = 0o170000
_MAY_BE_RESERVED = ".dD"
"""First letters of what could fold to our own folder's name (`paths.is_reserved`)."""


def list_open_folder(folder: Folder, path: str, *, has_executable_bit: bool) -> FolderListing:
    """All of the open folder, which is at `path`. Raises OSError."""
    device = folder.status().st_dev
    has_bit = has_executable_bit and HAS_EXECUTABLE_BIT
    too_deep = path.count("/") + 2 > MOST_DEPTH
    items: list[Seen] = []
    skipped: list[Skipped] = []
    for name, status in folder.entries():
        mode = status.st_mode
        if (
            mode & _FORMAT == stat.S_IFREG
            and status.st_dev == device
            and name.isascii()
            and name[0] not in _MAY_BE_RESERVED
            and len(name) <= MOST_NAME_BYTES
            and not too_deep
        ):
            bit = mode & _EXECUTABLE != 0 if has_bit else None
            items.append(_new(Seen, (name, Kind.FILE, fingerprint_of(status), bit)))
            continue
        reason = _skip_by_status(status, device) or _skip_by_name(name)
        if too_deep and reason is None:
            reason = SkipReason.TOO_DEEP
        if reason is None:
            items.append(seen(name, status, has_executable_bit=has_bit))
        elif path or name != HOME:
            skipped.append(Skipped(join(path, name), reason))
    return FolderListing(path, items, skipped)


def seen(name: str, status: os.stat_result, *, has_executable_bit: bool) -> Seen:
    """One file or folder as `lstat` shows it."""
    if stat.S_ISDIR(status.st_mode):
        return Seen(name, Kind.FOLDER, fingerprint_of(status), None)
    bit = bool(status.st_mode & _EXECUTABLE) if has_executable_bit else None
    return Seen(name, Kind.FILE, fingerprint_of(status), bit)


def kind_of(status: os.stat_result) -> Kind | None:
    """None for what is neither file nor folder: links, FIFOs, sockets, devices."""
    if stat.S_ISREG(status.st_mode):
        return Kind.FILE
    return Kind.FOLDER if stat.S_ISDIR(status.st_mode) else None


def _skip_by_status(status: os.stat_result, device: int) -> SkipReason | None:
    kind = stat.S_IFMT(status.st_mode)
    if kind == stat.S_IFLNK:
        return SkipReason.SYMLINK
    if kind not in (stat.S_IFREG, stat.S_IFDIR):
        return SkipReason.SPECIAL
    return None if status.st_dev == device else SkipReason.MOUNT


def _skip_by_name(name: str) -> SkipReason | None:
    if name.isascii() and len(name) <= MOST_NAME_BYTES:
        return SkipReason.NAME_RESERVED if is_reserved(name) else None
    try:
        encoded = unicodedata.normalize("NFC", name).encode()
    except UnicodeEncodeError:
        return SkipReason.NAME_NOT_UTF8
    if len(encoded) > MOST_NAME_BYTES:
        return SkipReason.NAME_TOO_LONG
    return SkipReason.NAME_RESERVED if is_reserved(name) else None
