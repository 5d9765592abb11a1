"""The root of a synced folder: opened afresh for each effect, and only if it is still the same.

No descriptor of it is kept open, which would keep a removable disk from being ejected. Device and
inode of the folder whose marker was read last are remembered, so that looking again costs one
`fstat`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from dreamsync.local.errors import disk_error
from dreamsync.local.marker import (
    HOME,
    RootMarker,
    UnreadableMarkerError,
    make_missing,
    read_marker,
    write_marker,
)
from dreamsync.local.protocol import DiskError, NameTaken, RootGone, RootState
from dreamsync.local.system import Folder
from dreamsync.message import N_


class Root:
    """The folder at `path`; `expected` is its marker's id where it is known already."""

    def __init__(self, path: str, *, expected: str | None) -> None:
        self.path = path
        self._expected = expected
        self._known: tuple[int, int] | None = None

    @property
    def id(self) -> str | None:
        """The marker's id: expected, or of the first marker seen."""
        return self._expected

    def state(self) -> RootState:
        """Reads the marker. A folder that cannot be read counts as missing: nothing is done."""
        self._known = None
        try:
            with Folder.open_root(self.path) as folder:
                return self._state_of(folder)
        except OSError:
            return RootState.MISSING

    def _state_of(self, folder: Folder) -> RootState:
        try:
            marker = read_marker(folder)
        except (UnreadableMarkerError, OSError):
            return RootState.UNMARKED
        if marker is None:
            return RootState.UNMARKED
        if self._expected is not None and marker.id != self._expected:
            return RootState.REPLACED
        self._expected = marker.id
        status = folder.status()
        self._known = (status.st_dev, status.st_ino)
        return RootState.PRESENT

    def establish(self, marker: RootMarker) -> None:
        """Make folder and marker, or take up the marker that this account left there.

        Raises `RootGone` where a marker was expected and is not there: making a new one would turn
        a missing folder into an emptied one. `NameTaken` where the marker is somebody else's.
        """
        if self.state() is RootState.PRESENT:
            self._accept(marker)
            return
        if self._expected is not None:
            raise self._gone()
        try:
            os.makedirs(self.path, exist_ok=True)
            with Folder.open_root(self.path) as folder:
                write_marker(folder, marker)
        except FileExistsError as error:
            raise self._taken() from error
        except OSError as error:
            raise disk_error("", error) from error
        self.state()

    def _accept(self, wanted: RootMarker) -> None:
        with Folder.open_root(self.path) as folder:
            found = read_marker(folder)
        if found is None or found.account != wanted.account:
            self._expected = self._known = None
            raise self._taken()

    def open(self) -> Folder:
        """The root, opened. Raises `RootGone` where it is missing, unmarked or replaced."""
        try:
            folder = Folder.open_root(self.path)
        except OSError as error:
            raise self._gone() from error
        status = folder.status()
        if (status.st_dev, status.st_ino) == self._known:
            return folder
        if self._state_of(folder) is not RootState.PRESENT:
            folder.close()
            raise self._gone()
        return folder

    def open_folder(self, path: str) -> Folder:
        """The folder at `path`, which no symbolic link leads to. Raises OSError and `RootGone`."""
        root = self.open()
        if not path:
            return root
        with root:
            return root.child(path)

    def open_home(self, part: str) -> Folder:
        """`staging` or `trash` of our own folder, made where it is missing."""
        with self.open() as root:
            return self._home_in(root, part)

    @contextmanager
    def open_both(self, part: str, path: str) -> Iterator[tuple[Folder, Folder]]:
        """A part of our own folder, and the folder at `path`: one look at the root for two."""
        with self.open() as root, self._home_in(root, part) as home:
            if not path:
                yield home, root
                return
            with root.child(path) as folder:
                yield home, folder

    def _home_in(self, root: Folder, part: str) -> Folder:
        try:
            return root.child(f"{HOME}/{part}")
        except FileNotFoundError:
            if root.lstat(HOME) is None:
                raise self._gone() from None
        with root.child(HOME) as home:
            make_missing(home, part)
            return home.child(part)

    def _gone(self) -> DiskError:
        return RootGone(
            "",
            N_(
                "{path} is not there or is not the folder it was; connect the disk it is on",
                path=self.path,
            ),
        )

    def _taken(self) -> DiskError:
        return NameTaken(
            "",
            N_("{path} already belongs to another account; choose another folder", path=self.path),
        )
