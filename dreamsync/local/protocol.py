"""The `Disk` protocol: everything the engine asks of the folder on this computer.

Paths are relative to the synced folder, of components as they stand on this disk, joined by `/`;
the empty text is the folder itself. No call follows a symbolic link in any component, and none
touches anything outside the folder (promises, invariant 20). Each call blocks, may be made from
several threads, and raises `DiskError` and nothing else.

DiskError
├── Changed       the disk is not as the caller expected: nothing was done, look again
├── Vanished      what was to be read or moved is not there
├── NameTaken     something is where the target was expected to be free
├── NoSpace       ENOSPC, EDQUOT
├── NotPermitted  EACCES, EPERM, EROFS, or a file that another program has locked
├── NameRefused   this file system cannot hold that name or a path of that length
├── RootGone      the folder, or its marker, is not there
└── InputOutput   EIO, a failed fsync, and whatever else the system said
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol

from dreamsync.core.mapping import NameRules
from dreamsync.core.nodes import Fingerprint, Kind


class DiskError(Exception):
    """Base of all errors of a disk; `path` is relative to the synced folder."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(message)
        self.path = path


class Changed(DiskError):
    pass


class Vanished(DiskError):
    pass


class NameTaken(DiskError):
    pass


class NoSpace(DiskError):
    pass


class NotPermitted(DiskError):
    pass


class NameRefused(DiskError):
    pass


class RootGone(DiskError):
    pass


class InputOutput(DiskError):
    pass


class RootState(Enum):
    """What stands at the folder's path. Anything but `PRESENT` stops all work both ways."""

    PRESENT = "present"
    MISSING = "missing"
    UNMARKED = "unmarked"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Traits:
    """How this file system treats names; found out by trying, in `.dreamsync/`."""

    folds_case: bool = False
    folds_normalization: bool = False
    has_executable_bit: bool = True
    windows_names: bool = False

    @property
    def name_rules(self) -> NameRules:
        """What of it decides about names (`core/mapping.py`)."""
        return NameRules(self.folds_case, self.folds_normalization, self.windows_names)


class Seen(NamedTuple):
    """One item as `lstat` shows it. `executable` is None where the system has no such bit."""

    disk_name: str
    kind: Kind
    fingerprint: Fingerprint
    executable: bool | None


class SkipReason(Enum):
    """Why an item is left alone: listed in `status`, and no problem."""

    SYMLINK = "symlink"
    SPECIAL = "special"
    MOUNT = "mount"
    NAME_NOT_UTF8 = "name-not-utf8"
    NAME_RESERVED = "name-reserved"
    NAME_TOO_LONG = "name-too-long"
    TOO_DEEP = "too-deep"


@dataclass(frozen=True, slots=True)
class Skipped:
    path: str
    reason: SkipReason


@dataclass(frozen=True, slots=True)
class FolderListing:
    """All of one folder, complete or not at all: absence counts only in a complete listing."""

    path: str
    items: Sequence[Seen]
    skipped: Sequence[Skipped] = ()


class Reading(Protocol):
    """An open file whose fingerprint was the expected one when it was opened."""

    def read(self, size: int) -> bytes: ...

    def unchanged(self) -> bool:
        """Whether path and open file still have the expected fingerprint: the bytes read so far
        are then one real state of the file."""

    def close(self) -> None: ...


class StagedFile(Protocol):
    """A file in staging, outside everybody's sight until it is placed."""

    @property
    def size(self) -> int:
        """Bytes so far: more than 0 when a broken-off download is resumed."""

    def write(self, piece: bytes) -> None: ...

    def write_at(self, offset: int, piece: bytes) -> None: ...

    def read_at(self, offset: int, size: int) -> bytes: ...

    def flush_to_disk(self) -> None:
        """fsync. A failed one is `InputOutput`, and the staged file must be thrown away: a second
        fsync would lie (promises, P1)."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class TrashItem:
    """Something that dreamsync displaced. `id` is unique; `path` is where it was."""

    id: str
    path: str
    kind: Kind
    size: int
    deleted_at_ms: int
    reason: str


class Disk(Protocol):
    """One synced folder."""

    @property
    def traits(self) -> Traits: ...

    def root_state(self) -> RootState:
        """By the marker's id in `.dreamsync/root.json`, not by the path."""

    def establish_root(self) -> None:
        """Make the folder and its marker where there is neither; never over another's marker."""

    def list_folder(self, path: str) -> FolderListing:
        """Without `.dreamsync` itself. Raises `Vanished`, `NotPermitted`, `RootGone`..."""

    def look(self, path: str) -> Seen | None:
        """One item, or None where there is nothing (or no file and no folder)."""

    def open_for_reading(self, path: str, expect: Fingerprint, *, offset: int = 0) -> Reading:
        """From `offset` on. Raises `Changed`, `Vanished`, `NotPermitted`."""

    def stage(self, name: str, *, resume: bool) -> StagedFile:
        """Open a staged file; `name` is a plain component chosen by the engine."""

    def staged_names(self) -> Sequence[str]: ...

    def discard_staged(self, name: str) -> None:
        """No error where there is none."""

    def place(
        self,
        staged: str,
        path: str,
        *,
        expect: Fingerprint | None,
        mtime_ns: int,
        executable: bool | None,
        keep_as: str | None,
    ) -> Seen:
        """Put a staged, flushed file at `path` in one atomic step.

        `expect` None: nothing may be there (`NameTaken`); otherwise what is displaced must be that
        file (`Changed`, and it stays where it was). Where `keep_as` is given (a reason), the
        displaced file goes to the trash. `executable` None keeps what the displaced file had. Modes
        are never widened beyond the user's umask. The caller syncs the folder afterwards.
        """

    def make_folder(self, path: str) -> Seen:
        """Raises `NameTaken` where something is there, `Vanished` where the parent is not."""

    def move(
        self, source: str, target: str, *, expect: Fingerprint | None, kind: Kind | None = None
    ) -> Seen:
        """Rename without replacing anything: `NameTaken`, `Changed`, `Vanished`.

        A change of case or normalisation only of the same item is a move. `expect` is looked at for
        files; a folder's fingerprint changes with its children, so only its inode counts, which a
        folder made where a file was removed may have: `kind` tells them apart.
        """

    def trash_file(self, path: str, *, expect: Fingerprint, reason: str) -> TrashItem: ...

    def trash_folder(
        self, path: str, *, expect: Fingerprint, may_hold: Callable[[str], bool], reason: str
    ) -> TrashItem | None:
        """Remove a folder that is empty (None), or move it whole to the trash where all that is
        in it, at any depth, satisfies `may_hold` (relative path: ignored items). Otherwise
        `Changed`."""

    def set_executable(self, path: str, *, executable: bool, expect: Fingerprint) -> Seen: ...

    def sync_folders(self, paths: Sequence[str]) -> None:
        """fsync each folder once: names placed, moved or removed in them are then durable."""

    def sync_everything(self) -> None:
        """Make durable whatever is in the folder, as far as the system lets a program ask for it.
        It takes as long as the disk needs for what all programs have written to it."""

    def trash(self) -> Iterator[TrashItem]:
        """Newest first."""

    def restore_from_trash(self, item_id: str, path: str) -> Seen:
        """Back to `path`, never over anything. Raises `NameTaken`, `Vanished`."""

    def purge_trash(self, *, older_than_ms: int) -> int:
        """Remove items deleted before that time, and what a crash left of replacements; how many.
        Asked while nothing is being replaced."""


class Sign(Enum):
    """What an event says of whether more is to come at its path."""

    CHANGING = "changing"
    """Nobody has said that it is finished."""
    FINISHED = "finished"
    """A writer has closed it, or it came from outside the folder."""
    RENAMED = "renamed"
    """It came from another place in the folder: the end of a save if it took a known name, and
    otherwise perhaps the first half of one."""
    LEFT = "left"
    """It was renamed away: to another place in the folder, or out of it."""
    GONE = "gone"
    """It was deleted."""


class WatchHint(NamedTuple):
    """Something happened at `path`: its folder must be listed again, and if `deep`, all below."""

    path: str
    deep: bool
    sign: Sign = Sign.CHANGING


class WatchTrouble(Enum):
    """Why events may be missing. OVERFLOW: rescan all once. Others: poll, visibly."""

    OVERFLOW = "overflow"
    LIMIT = "watch-limit"
    UNSUPPORTED = "unsupported"
    STOPPED = "stopped"


OnHint = Callable[[WatchHint], None]
OnTrouble = Callable[[WatchTrouble, str], None]


class Watcher(Protocol):
    """Posts hints from a thread of its own; hints may repeat, and order means nothing."""

    def start(self, on_hint: OnHint, on_trouble: OnTrouble) -> None: ...

    def stop(self) -> None: ...
