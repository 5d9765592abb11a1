"""`SimDisk`: the `Disk` protocol on a `FileSystem`, with faults and with changes under our feet.

Before each call `interfere` may let a person do something, and `faults` may fail the call. Every
content that dreamsync displaces is noted in `displaced`, for the census.
"""

import errno
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from zlib import crc32

from dreamsync.core.nodes import Fingerprint, Kind
from dreamsync.local.errors import translated
from dreamsync.local.placing import changed
from dreamsync.local.protocol import (
    Changed,
    FolderListing,
    InputOutput,
    NameTaken,
    RootGone,
    RootState,
    Seen,
    Sign,
    Traits,
    TrashItem,
    Vanished,
)
from tests.simulation.faults import DiskFaults
from tests.simulation.file_system import FileSystem, Inode


class Broken(AssertionError):
    """An invariant that must hold at every step does not."""


class SimDisk:
    def __init__(
        self, files: FileSystem, faults: DiskFaults, *, now_ms: Callable[[], int], has_bit: bool
    ) -> None:
        self.files = files
        self.faults = faults
        self.root = RootState.PRESENT
        self.interfere: Callable[[], None] = lambda: None
        self.on_change: Callable[[str, Sign], None] = lambda _path, _sign: None
        self.is_known: Callable[[bytes], bool] = lambda _: True
        self.displaced: list[tuple[bytes, bool]] = []
        """Contents taken out of the tree, and whether they went to the trash."""
        self.changes_made = 0
        self.unconfirmed = 0
        """Calls that failed after the effect: what was done is seen later as if someone did it."""
        self._now_ms = now_ms
        self._has_bit = has_bit
        self._items: dict[str, TrashItem] = {}

    @property
    def traits(self) -> Traits:
        folds = self.files.folds_case
        return Traits(
            folds_case=folds,
            folds_normalization=folds or self.files.decomposes,
            has_executable_bit=self._has_bit,
        )

    @property
    def absent(self) -> bool:
        return self.root is not RootState.PRESENT

    def root_state(self) -> RootState:
        return self.root

    def establish_root(self) -> None:
        pass

    def _begin(self, call: str, path: str) -> None:
        self.interfere()
        if self.absent:
            self.unconfirmed += call == "sync"
            raise RootGone(path, "the folder is not there, or is another one")
        self.faults.maybe_fail(call, path)

    # Looking.

    def list_folder(self, path: str) -> FolderListing:
        self._begin("list", path)
        with translated(path):
            names = sorted(self.files.folder(path).names.values(), key=_order_on_disk)
        return FolderListing(path, [self._seen(name, inode) for name, inode in names])

    def look(self, path: str) -> Seen | None:
        """`disk_name` is the name asked for, as the real disk has it."""
        self._begin("look", path)
        inode = self.files.find(path)
        return self._seen(path.rpartition("/")[2], inode) if inode is not None else None

    def _seen(self, name: str, inode: Inode) -> Seen:
        bit = inode.executable if self._has_bit and inode.kind is Kind.FILE else None
        return Seen(name, inode.kind, inode.fingerprint, bit)

    def open_for_reading(self, path: str, expect: Fingerprint, *, offset: int = 0) -> "SimReading":
        self._begin("read", path)
        inode = self._expected(path, expect)
        self.faults.refuse_locked(inode.number, path)
        return SimReading(self, path, inode, expect, offset)

    def _expected(self, path: str, expect: Fingerprint) -> Inode:
        with translated(path):
            inode = self.files.resolve(path)
        if inode.kind is not Kind.FILE or inode.fingerprint != expect:
            raise changed(path)
        return inode

    # Staging.

    def stage(self, name: str, *, resume: bool) -> "SimStagedFile":
        self._begin("stage", name)
        staging = self.files.staging
        inode = self.files.child(staging, name)
        if inode is None or not resume:
            inode = self.files.new(Kind.FILE)
            self.files.change(self.files.cell(staging, name, inode))
        return SimStagedFile(self, name, inode)

    def staged_names(self) -> Sequence[str]:
        return sorted(name for name, _ in self.files.staging.names.values())

    def discard_staged(self, name: str) -> None:
        with suppress(OSError):
            self.files.remove(self.files.staging, name)

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
        self._begin("place", path)
        with translated(path):
            parent, name = self._parent(path)
            new = self.files.child(self.files.staging, staged)
            if new is None:
                raise FileNotFoundError(errno.ENOENT, "not staged", staged)
        self._check_whole(new, path)
        old = self.files.child(parent, name)
        if expect is None and old is not None:
            raise NameTaken(path, f"{path} is already there; nothing was replaced")
        if expect is not None:
            old = self._expected(path, expect)
        new.mtime_ns = mtime_ns or new.mtime_ns
        new.ctime_ns = self.files.now_ns()
        new.executable = bool(executable)
        if executable is None and old is not None:
            new.executable = old.executable
        self._swap_in(staged, new, (parent, name, path), old, keep_as)
        return self._changed_at(path, Sign.FINISHED)

    def _swap_in(
        self,
        staged: str,
        new: Inode,
        target: tuple[Inode, str, str],
        old: Inode | None,
        keep_as: str | None,
    ) -> None:
        parent, name, path = target
        cells = [
            self.files.cell(self.files.staging, staged, None),
            self.files.cell(parent, self._name_there(parent, name), new),
        ]
        if old is not None:
            self.displaced.append((old.data, keep_as is not None))
        if old is not None and keep_as is not None:
            item = self._new_item(path, old, keep_as)
            cells.append(self.files.cell(self.files.trash, item.id, old))
        self.files.change(*cells)

    def _check_whole(self, new: Inode, path: str) -> None:
        if new.data != new.flushed:
            raise Broken(f"{path} would be placed before its content is flushed")
        if not self.is_known(new.data):
            raise Broken(f"{path} would get bytes that nobody wrote: {new.data!r}")

    def _name_there(self, folder: Inode, name: str) -> str:
        found = folder.names.get(self.files.key(name))
        return found[0] if found else name

    def make_folder(self, path: str) -> Seen:
        self._begin("make", path)
        with translated(path):
            parent, name = self._parent(path)
        if self.files.child(parent, name) is not None:
            raise NameTaken(path, f"{path} is already there; nothing was replaced")
        self.files.change(self.files.cell(parent, name, self.files.new(Kind.FOLDER)))
        return self._changed_at(path)

    def move(
        self, source: str, target: str, *, expect: Fingerprint | None, kind: Kind | None = None
    ) -> Seen:
        self._begin("move", source)
        if target.startswith(f"{source}/"):
            raise Changed(source, f"{source} cannot be moved into itself")
        with translated(source):
            origin, source_name = self._parent(source)
            inode = self.files.resolve(source)
        if expect is not None and not _is_same(inode, expect):
            raise changed(source)
        if kind is not None and inode.kind is not kind:
            raise changed(source)
        with translated(target):
            goal, target_name = self._parent(target)
        if self.files.child(goal, target_name) not in {None, inode}:
            raise NameTaken(target, f"{target} is already there; nothing moved")
        inode.ctime_ns = self.files.now_ns()
        self.files.change(
            self.files.cell(origin, source_name, None), self.files.cell(goal, target_name, inode)
        )
        self.on_change(source, Sign.LEFT)
        return self._changed_at(target, Sign.RENAMED)

    def trash_file(self, path: str, *, expect: Fingerprint, reason: str) -> TrashItem:
        self._begin("trash", path)
        inode = self._expected(path, expect)
        self.displaced.append((inode.data, True))
        return self._to_trash(path, inode, reason)

    def trash_folder(
        self, path: str, *, expect: Fingerprint, may_hold: Callable[[str], bool], reason: str
    ) -> TrashItem | None:
        self._begin("trash", path)
        with translated(path):
            inode = self.files.folder(path)
            parent, name = self._parent(path)
        if not inode.fingerprint.same_file(expect):
            raise changed(path)
        inside = [below for below, _ in self.files.walk(inode, path)]
        if not all(map(may_hold, inside)):
            raise changed(path)
        if inside:
            return self._to_trash(path, inode, reason)
        self.files.remove(parent, name)
        self.changes_made += 1
        self.on_change(path, Sign.GONE)
        return None

    def _to_trash(self, path: str, inode: Inode, reason: str) -> TrashItem:
        parent, name = self._parent(path)
        item = self._new_item(path, inode, reason)
        self.files.change(
            self.files.cell(parent, name, None), self.files.cell(self.files.trash, item.id, inode)
        )
        self.changes_made += 1
        self.on_change(path, Sign.LEFT)
        return item

    def _new_item(self, path: str, inode: Inode, reason: str) -> TrashItem:
        item_id = f"{self._now_ms():014d}-{len(self._items):04d}"
        self._items[item_id] = TrashItem(
            item_id, path, inode.kind, len(inode.data), self._now_ms(), reason
        )
        return self._items[item_id]

    def set_executable(self, path: str, *, executable: bool, expect: Fingerprint) -> Seen:
        self._begin("mode", path)
        inode = self._expected(path, expect)
        inode.executable = executable
        inode.ctime_ns = self.files.now_ns()
        return self._changed_at(path)

    def _changed_at(self, path: str, sign: Sign = Sign.CHANGING) -> Seen:
        self.changes_made += 1
        self.on_change(path, sign)
        return self._seen(path.rpartition("/")[2], self.files.resolve(path))

    def _parent(self, path: str) -> tuple[Inode, str]:
        folder, _, name = path.rpartition("/")
        return self.files.folder(folder), name

    def sync_folders(self, paths: Sequence[str]) -> None:
        try:
            self._begin("sync", "")
        except InputOutput:
            self.unconfirmed += 1
            raise
        self.files.flush_folder(self.files.trash)
        for path in paths:
            inode = self.files.find(path)
            if inode is not None and inode.kind is Kind.FOLDER:
                self.files.flush_folder(inode)

    def sync_everything(self) -> None:
        self._begin("sync", "")
        self.files.flush_everything()

    # The trash.

    def trash(self) -> Iterator[TrashItem]:
        names = sorted((name for name, _ in self.files.trash.names.values()), reverse=True)
        return iter([self._items[name] for name in names])

    def restore_from_trash(self, item_id: str, path: str) -> Seen:
        raise Vanished(path, "nothing is restored from the trash in the simulator")

    def purge_trash(self, *, older_than_ms: int) -> int:
        self._begin("purge", "")
        old = [item for item in self._items.values() if item.deleted_at_ms < older_than_ms]
        return len(old)


def _is_same(inode: Inode, expect: Fingerprint) -> bool:
    if inode.kind is Kind.FOLDER:
        return inode.fingerprint.same_file(expect)
    return inode.fingerprint[:4] == expect[:4]


class SimReading:
    """What is read is the file as it is at that moment, not as it was when it was opened."""

    def __init__(
        self, disk: SimDisk, path: str, inode: Inode, expect: Fingerprint, offset: int
    ) -> None:
        self._disk = disk
        self._path = path
        self._inode = inode
        self._expect = expect
        self._offset = offset

    def read(self, size: int) -> bytes:
        self._disk.interfere()
        self._disk.faults.maybe_fail("read", self._path)
        piece = self._inode.data[self._offset : self._offset + min(size, 16)]
        self._offset += len(piece)
        return piece

    def unchanged(self) -> bool:
        self._disk.interfere()
        there = self._disk.files.find(self._path)
        return there is self._inode and self._inode.fingerprint == self._expect

    def close(self) -> None:
        pass


class SimStagedFile:
    def __init__(self, disk: SimDisk, name: str, inode: Inode) -> None:
        self._disk = disk
        self._name = name
        self._inode = inode

    @property
    def size(self) -> int:
        return len(self._inode.data)

    def write(self, piece: bytes) -> None:
        self.write_at(self.size, piece)

    def write_at(self, offset: int, piece: bytes) -> None:
        self._disk.faults.maybe_fail("write", self._name)
        data = self._inode.data.ljust(offset, b"\0")
        self._inode.data = data[:offset] + piece + data[offset + len(piece) :]

    def read_at(self, offset: int, size: int) -> bytes:
        return self._inode.data[offset : offset + size]

    def flush_to_disk(self) -> None:
        """A failed fsync leaves pages that count as clean and are not on the disk."""
        self._disk.faults.maybe_fail("flush", self._name)
        self._inode.flushed = self._inode.data

    def close(self) -> None:
        pass


def _order_on_disk(item: tuple[str, Inode]) -> int:
    """A folder lists its items in no order that says anything, but always in the same."""
    return crc32(item[0].encode(errors="surrogateescape"))
