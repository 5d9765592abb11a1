"""`FolderDisk`: the real `Disk`, one synced folder on this computer.

Contracts are those of `protocol.py`. Nothing here follows a symbolic link or holds the folder
open between calls. What was displaced becomes durable with the next `sync_folders`.
"""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from dreamsync.core.nodes import Fingerprint, Kind
from dreamsync.local import folders, placing
from dreamsync.local.errors import disk_error, translated
from dreamsync.local.listing import kind_of, list_open_folder, seen
from dreamsync.local.marker import HOME, STAGING, RootMarker
from dreamsync.local.paths import folder_path, split
from dreamsync.local.protocol import (
    Changed,
    FolderListing,
    NameRefused,
    NameTaken,
    NotPermitted,
    RootState,
    Seen,
    Traits,
    TrashItem,
    Vanished,
)
from dreamsync.local.reading import OpenFile
from dreamsync.local.root import Root
from dreamsync.local.staging import OpenStagedFile, open_staged
from dreamsync.local.system import Folder, fingerprint_of
from dreamsync.local.traits import Probed, probe
from dreamsync.local.trash import ITEM, Trash
from dreamsync.message import N_

_PRIVATE_BITS = 0o700


class FolderDisk:
    """The folder at `path`, whose marker has (or will have) the id `root_id`.

    `root_id` None: not known yet; `establish_root` then writes `new_marker`, or takes up the marker
    that the same account left there. `clock_ms` gives epoch milliseconds, for the trash.
    """

    def __init__(
        self,
        path: str,
        *,
        root_id: str | None,
        new_marker: RootMarker,
        clock_ms: Callable[[], int],
    ) -> None:
        self._root = Root(path, expected=root_id)
        self._new_marker = new_marker
        self._trash = Trash(self._root, clock_ms)
        self._probed: Probed | None = None

    @property
    def root_id(self) -> str | None:
        """The marker's id once it has been seen: to be stored, and given next time."""
        return self._root.id

    @property
    def traits(self) -> Traits:
        """Raises `RootGone` before the root is established. Assumed where nothing may be tried."""
        return self._probe().traits

    def _probe(self) -> Probed:
        if self._probed is None:
            with translated(HOME), self._root.open() as root, root.child(HOME) as home:
                try:
                    self._probed = probe(home)
                except OSError as error:
                    if isinstance(disk_error(HOME, error), NotPermitted):
                        return Probed(Traits(), _PRIVATE_BITS)
                    raise
        return self._probed

    def _seen(self, name: str, status: os.stat_result) -> Seen:
        return seen(name, status, has_executable_bit=self.traits.has_executable_bit)

    def root_state(self) -> RootState:
        return self._root.state()

    def establish_root(self) -> None:
        self._root.establish(self._new_marker)

    # Looking.

    def list_folder(self, path: str) -> FolderListing:
        has_bit = self.traits.has_executable_bit
        with translated(path), self._root.open_folder(folder_path(path)) as folder:
            return list_open_folder(folder, path, has_executable_bit=has_bit)

    def look(self, path: str) -> Seen | None:
        """`disk_name` is the name asked for, which on a folding disk may stand there otherwise."""
        if not path:
            with translated(path), self._root.open() as root:
                return self._seen("", root.status())
        parent, name = split(path)
        with suppress(Vanished, Changed), translated(path):
            with self._root.open_folder(parent) as folder:
                status = folder.lstat(name)
                same_device = status is not None and status.st_dev == folder.status().st_dev
            if status is not None and same_device and kind_of(status) is not None:
                return self._seen(name, status)
        return None

    def open_for_reading(self, path: str, expect: Fingerprint, *, offset: int = 0) -> OpenFile:
        parent, name = split(path)
        with translated(path), self._root.open_folder(parent) as folder:
            descriptor = folder.open_to_read(name)
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or fingerprint_of(status) != expect:
            os.close(descriptor)
            raise placing.changed(path)
        if offset:
            os.lseek(descriptor, offset, os.SEEK_SET)
        return OpenFile(descriptor, path, expect, lambda: self._fingerprint_at(path))

    def _fingerprint_at(self, path: str) -> Fingerprint | None:
        found = self.look(path)
        return None if found is None else found.fingerprint

    # Staging.

    def stage(self, name: str, *, resume: bool) -> OpenStagedFile:
        with translated(name), self._root.open_home(STAGING) as staging:
            return open_staged(staging, _plain(name), resume=resume)

    def staged_names(self) -> Sequence[str]:
        with translated(STAGING), self._root.open_home(STAGING) as staging:
            return sorted(staging.names())

    def discard_staged(self, name: str) -> None:
        with suppress(Vanished), translated(name), self._root.open_home(STAGING) as staging:
            staging.unlink(_plain(name))

    # Changing.

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
        """`mtime_ns` 0: not known, the time of the download stays."""
        parent_path, name = split(path)
        mode_bits = self._probe().mode_bits
        with translated(path), self._root.open_both(STAGING, parent_path) as (staging, parent):
            old = None if expect is None else placing.check_expected(parent, name, path, expect)
            placing.dress(
                staging,
                _plain(staged),
                replaced=old,
                mode_bits=mode_bits,
                mtime_ns=mtime_ns,
                executable=executable,
            )
            placed = staging.lstat(staged)
            if expect is None:
                staging.rename_new(staged, parent, name)
            else:
                self._replace(staging, staged, (parent, name, path), expect, keep_as)
            return self._look_after(parent, name, path, placed and fingerprint_of(placed))

    def _replace(
        self,
        staging: Folder,
        staged: str,
        target: tuple[Folder, str, str],
        expect: Fingerprint,
        keep_as: str | None,
    ) -> None:
        """By way of a slot in the trash, so that the displaced bytes always have a name."""
        parent, name, path = target
        reason = keep_as or "replaced"
        incoming = staging.lstat(staged)
        with self._trash.slot(
            path, kind=Kind.FILE, size=expect.size, reason=reason, incoming=incoming
        ) as slot:
            staging.rename_new(staged, slot.folder, ITEM)
            ours = slot.folder.lstat(ITEM)
            try:
                placing.swap_in(slot.folder, parent, name, path, expect)
            except (OSError, Changed):
                left = slot.folder.lstat(ITEM)
                if left is not None and ours is not None and left.st_ino == ours.st_ino:
                    slot.folder.rename_new(ITEM, staging, staged)
                raise
            if keep_as is None:
                slot.folder.unlink(ITEM)
            else:
                self._trash.finish(slot)

    def _look_after(
        self, folder: Folder, name: str, path: str, ours: Fingerprint | None = None
    ) -> Seen:
        """What stands there now. Somebody may have edited it at once: then it is what it was as
        `ours`, so that the next look shows the edit and does not take it for what we put there."""
        status = folder.lstat(name)
        if status is None or kind_of(status) is None:
            raise placing.changed(path)
        seen = self._seen(name, status)
        if ours is None or seen.kind is Kind.FOLDER or placing.same_state(status, ours):
            return seen
        return seen._replace(fingerprint=ours)

    def make_folder(self, path: str) -> Seen:
        parent_path, name = split(path)
        with translated(path), self._root.open_folder(parent_path) as parent:
            parent.make_folder(name)
            return self._look_after(parent, name, path)

    def move(
        self, source: str, target: str, *, expect: Fingerprint | None, kind: Kind | None = None
    ) -> Seen:
        source_parent, source_name = split(source)
        target_parent, target_name = split(target)
        if target.startswith(f"{source}/"):
            raise Changed(source, N_("{source} cannot be moved into itself", source=source))
        with (
            translated(source),
            self._root.open_folder(source_parent) as origin,
            self._open_target(target_parent, target) as goal,
        ):
            folders.check_same(origin, source_name, source, expect, kind)
            try:
                folders.rename(origin, source_name, goal, target_name)
            except FileExistsError as error:
                raise NameTaken(
                    target, N_("{target} is already there; nothing moved", target=target)
                ) from error
            if not folders.is_same(goal.lstat(target_name), expect, kind):
                goal.rename_new(target_name, origin, source_name)
                raise placing.changed(source)
            return self._look_after(goal, target_name, target, expect)

    def _open_target(self, folder: str, target: str) -> Folder:
        with translated(target):
            return self._root.open_folder(folder)

    def trash_file(self, path: str, *, expect: Fingerprint, reason: str) -> TrashItem:
        parent_path, name = split(path)
        with translated(path), self._root.open_folder(parent_path) as parent:
            placing.check_expected(parent, name, path, expect)
            with self._trash.slot(path, kind=Kind.FILE, size=expect.size, reason=reason) as slot:
                parent.rename_new(name, slot.folder, ITEM)
                if not placing.same_state(slot.folder.lstat(ITEM), expect):
                    slot.folder.rename_new(ITEM, parent, name)
                    raise placing.changed(path)
                return slot.item

    def trash_folder(
        self, path: str, *, expect: Fingerprint, may_hold: Callable[[str], bool], reason: str
    ) -> TrashItem | None:
        parent_path, name = split(path)
        with translated(path), self._root.open_folder(parent_path) as parent:
            folders.check_folder(parent, name, path, expect)
            with parent.child(name) as folder:
                held = folders.measure(folder, path, may_hold)
            if held.is_empty:
                parent.remove_folder(name)
                return None
            with self._trash.slot(path, kind=Kind.FOLDER, size=held.size, reason=reason) as slot:
                parent.rename_new(name, slot.folder, ITEM)
                return slot.item

    def set_executable(self, path: str, *, executable: bool, expect: Fingerprint) -> Seen:
        parent_path, name = split(path)
        mode_bits = self._probe().mode_bits
        with translated(path), self._root.open_folder(parent_path) as parent:
            descriptor = parent.open_to_read(name)
            try:
                status = os.fstat(descriptor)
                if fingerprint_of(status) != expect:
                    raise placing.changed(path)
                mode = stat.S_IMODE(status.st_mode)
                parent.set_mode(
                    descriptor, placing.with_executable(mode, executable, mode_bits=mode_bits)
                )
            finally:
                os.close(descriptor)
            return self._look_after(parent, name, path, expect)

    def sync_folders(self, paths: Sequence[str]) -> None:
        """Also makes durable what went to the trash. A folder that is gone needs no fsync."""
        with translated(HOME):
            self._trash.sync()
        for path in dict.fromkeys(paths):
            with suppress(Vanished, Changed):
                self._sync_folder(folder_path(path))

    def sync_everything(self) -> None:
        with translated(""), self._root.open_folder("") as folder:
            folder.sync_file_system()

    def _sync_folder(self, path: str) -> None:
        with translated(path), self._root.open_folder(path) as folder:
            folder.sync()

    # The trash.

    def trash(self) -> Iterator[TrashItem]:
        with translated(HOME):
            yield from self._trash.items()

    def restore_from_trash(self, item_id: str, path: str) -> Seen:
        parent_path, name = split(path)
        with translated(path), self._root.open_folder(parent_path) as parent:
            self._trash.restore(item_id, parent, name)
            return self._look_after(parent, name, path)

    def purge_trash(self, *, older_than_ms: int) -> int:
        with translated(HOME):
            return self._trash.purge(older_than_ms)


def _plain(name: str) -> str:
    if not name or name in (".", "..") or "/" in name or "\0" in name:
        raise NameRefused(name, N_("{name} is no name for a staged file", name=repr(name)))
    return name
