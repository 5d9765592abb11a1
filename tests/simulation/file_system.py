"""A file system in memory that knows what a power failure would leave of it.

Names and contents exist twice: as programs see them, and as they are durable. A change of names is
atomic (a rename is wholly old or wholly new) and waits in `_pending` until a folder that it touches
is flushed. A crash keeps any subset of what waits that is closed under dependency: a change that
rests on a lost one is lost too. What a person does counts as flushed at once.
"""

import errno
import os
import random
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from dreamsync.core.nodes import Fingerprint, Kind

_DEVICE = 7


@dataclass(eq=False, slots=True)
class Inode:
    """`flushed` is a file's content as of its last fsync. Names are kept by their folded form."""

    number: int
    kind: Kind
    mtime_ns: int
    ctime_ns: int
    data: bytes = b""
    flushed: bytes | None = None
    executable: bool = False
    names: dict[str, tuple[str, "Inode"]] = field(default_factory=dict)
    durable: dict[str, tuple[str, "Inode"]] = field(default_factory=dict)

    @property
    def fingerprint(self) -> Fingerprint:
        return Fingerprint(_DEVICE, self.number, len(self.data), self.mtime_ns, self.ctime_ns)


@dataclass(frozen=True, slots=True)
class Cell:
    """What one name in one folder becomes: an item as it is called, or nothing."""

    folder: Inode
    key: str
    item: tuple[str, Inode] | None
    before: tuple[str, Inode] | None


Change = tuple[Cell, ...]


def _moved(change: Change) -> set[int]:
    items = [item for cell in change for item in (cell.item, cell.before) if item]
    return {id(inode) for _, inode in items}


def _depends(later: Change, earlier: Change) -> bool:
    """Same name, or one concerns an item that the other moves or lies in."""
    places = {(id(cell.folder), cell.key) for cell in later}
    if any((id(cell.folder), cell.key) in places for cell in earlier):
        return True
    moved_later, moved_earlier = _moved(later), _moved(earlier)
    if moved_later & moved_earlier:
        return True
    return any(id(cell.folder) in moved_earlier for cell in later) or any(
        id(cell.folder) in moved_later for cell in earlier
    )


class FileSystem:
    """`now_ns` never gives the same time twice. Raises OSError as the system calls do.

    One that `decomposes` keeps all names in NFD, whatever they are given in, as macOS once did.
    """

    def __init__(
        self, *, now_ns: Callable[[], int], folds_case: bool = False, decomposes: bool = False
    ) -> None:
        self.now_ns = now_ns
        self.folds_case = folds_case
        self.decomposes = decomposes
        self._free: list[int] = []
        self._next = 100
        self._pending: list[Change] = []
        self.root = self.new(Kind.FOLDER)
        self.staging = self.new(Kind.FOLDER)
        self.trash = self.new(Kind.FOLDER)

    # Looking.

    def key(self, name: str) -> str:
        if not self.folds_case:
            return unicodedata.normalize("NFC", name) if self.decomposes else name
        return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())

    def child(self, folder: Inode, name: str) -> Inode | None:
        found = folder.names.get(self.key(name))
        return found[1] if found else None

    def find(self, path: str) -> Inode | None:
        try:
            return self.resolve(path)
        except OSError:
            return None

    def resolve(self, path: str) -> Inode:
        """Raises ENOENT and ENOTDIR."""
        inode = self.root
        for name in path.split("/") if path else ():
            if inode.kind is not Kind.FOLDER:
                raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            below = self.child(inode, name)
            if below is None:
                raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
            inode = below
        return inode

    def folder(self, path: str) -> Inode:
        inode = self.resolve(path)
        if inode.kind is not Kind.FOLDER:
            raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        return inode

    def walk(self, folder: Inode | None = None, prefix: str = "") -> Iterator[tuple[str, Inode]]:
        """All paths below, parents first, in the order of their names."""
        for name, inode in sorted((folder or self.root).names.values(), key=lambda item: item[0]):
            path = f"{prefix}/{name}" if prefix else name
            yield path, inode
            if inode.kind is Kind.FOLDER:
                yield from self.walk(inode, path)

    # Changing.

    def new(self, kind: Kind, data: bytes = b"") -> Inode:
        """An inode without a name yet; numbers of removed ones are taken again at once."""
        number = self._free.pop() if self._free else self._next
        if number == self._next:
            self._next += 1
        now = self.now_ns()
        return Inode(number, kind, now, now, data)

    def cell(self, folder: Inode, name: str, inode: Inode | None) -> Cell:
        key = self.key(name)
        if self.decomposes:
            name = unicodedata.normalize("NFD", name)
        item = (name, inode) if inode is not None else None
        return Cell(folder, key, item, folder.names.get(key))

    def change(self, *cells: Cell, durable: bool = False) -> None:
        """Seen by programs at once; `durable` at once as well."""
        for cell in cells:
            _apply(cell.folder.names, cell)
            cell.folder.mtime_ns = cell.folder.ctime_ns = self.now_ns()
        self._pending.append(cells)
        if durable:
            self._flush_those([cells])

    def write(self, inode: Inode, data: bytes, *, durable: bool = False) -> None:
        inode.data = data
        inode.mtime_ns = inode.ctime_ns = self.now_ns()
        if durable:
            inode.flushed = data
            self._flush_those([change for change in self._pending if id(inode) in _moved(change)])

    def remove(self, folder: Inode, name: str, *, durable: bool = False) -> None:
        inode = self.child(folder, name)
        if inode is None:
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
        if inode.names:
            raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY))
        self.change(self.cell(folder, name, None), durable=durable)
        if durable:
            self._free.append(inode.number)

    # Durability.

    def flush_folder(self, folder: Inode) -> None:
        self._flush_those(
            [change for change in self._pending if any(cell.folder is folder for cell in change)]
        )

    def flush_everything(self) -> None:
        self._flush_those(self._pending)
        for folder in (self.root, self.staging, self.trash):
            for _, inode in self.walk(folder):
                inode.flushed = inode.data

    def _flush_those(self, wanted: Sequence[Change]) -> None:
        """These, and whatever they rest on, in the order in which they were made."""
        needed: list[Change] = []
        for change in reversed(self._pending):
            if change in wanted or any(_depends(later, change) for later in needed):
                needed.append(change)
        for change in reversed(needed):
            for cell in change:
                _apply(cell.folder.durable, cell)
        self._pending = [change for change in self._pending if change not in needed]

    def crash(self, chance: random.Random) -> None:
        """The power fails, and comes back."""
        lost: list[Change] = []
        for change in self._pending:
            if any(_depends(change, earlier) for earlier in lost) or chance.random() < 0.5:
                lost.append(change)
            else:
                for cell in change:
                    _apply(cell.folder.durable, cell)
        self._pending = []
        for folder in (self.root, self.staging, self.trash):
            self._revert(folder, chance)

    def _revert(self, folder: Inode, chance: random.Random) -> None:
        folder.names = dict(folder.durable)
        for _, inode in folder.names.values():
            if inode.kind is Kind.FOLDER:
                self._revert(inode, chance)
            elif inode.data != inode.flushed:
                torn = inode.data[: chance.randint(0, len(inode.data))]
                inode.data = chance.choice([inode.data, inode.flushed or b"", torn])
                inode.flushed = inode.data


def _apply(names: dict[str, tuple[str, Inode]], cell: Cell) -> None:
    names.pop(cell.key, None)
    if cell.item is not None:
        names[cell.key] = cell.item
