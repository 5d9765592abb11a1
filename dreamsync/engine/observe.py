"""Disk to local tree: hints become looks, and looks (`intake.py`) changes of the local tree.

An event is only a hint that a path must be looked at; what is true is what a look shows. A look at
one item costs one `lstat`; a folder is listed where a hint says so, or where names must be seen
together. What is no longer at its place is dropped only after all looks are done, so that a move is
seen as one whichever end is looked at first.
"""

from collections import deque
from collections.abc import Callable, Mapping

from dreamsync.core.ignore import IgnoreRules
from dreamsync.core.nodes import ROOT, Kind, NodeKey, Side
from dreamsync.engine.compare import (
    Known,
    fingerprint_of,
    is_all_known,
    is_plain,
    is_same,
    known_by_name,
    known_first,
    names_in_listing,
    skipped_items,
)
from dreamsync.engine.context import Context
from dreamsync.engine.folder_notes import FolderNotes
from dreamsync.engine.hints import Hints
from dreamsync.engine.intake import Intake
from dreamsync.engine.missing import Missing
from dreamsync.journal.rows import LookRow
from dreamsync.local.protocol import (
    Changed,
    DiskError,
    FolderListing,
    RootGone,
    Seen,
    Sign,
    Vanished,
)

_FEW = 16
"""Paths waiting to be looked at, up to which a change is one that a person waits for; above, to
gather them costs less than it delays."""
_LIST_RATHER_THAN_LOOK = 64


class Observer:
    """`busy` tells of nodes in flight, `landing` of paths at which an operation in flight puts
    something: what is seen of either is looked at again afterwards.

    `distrusts` until the first scan is over, where the process before did not stop cleanly: what
    has changed since under an unchanged mtime is suspect, unless the watcher told of it.
    """

    def __init__(
        self,
        context: Context,
        busy: Callable[[NodeKey], bool],
        landing: Callable[[str], bool],
    ) -> None:
        self._context = context
        self._trees = context.journal.trees
        self._disk = context.disk
        self._hints = Hints()
        self._folders: deque[tuple[NodeKey, str, bool]] = deque()
        self._notes = FolderNotes(context, self._hints)
        self._missing = Missing(context, self._notes.unreadable, self.look_again)
        self.intake = Intake(
            context, self._hints, self._missing, busy=busy, landing=landing, enter=self._enter
        )
        self.rules = IgnoreRules()
        self.distrusts = False
        self.last_hint = float("-inf")

    def hint(self, path: str, *, deep: bool, sign: Sign, now: float, calm: bool) -> None:
        """`calm`: nothing is planned or running that would not be done before this is looked at."""
        settings = self._context.settings
        self._missing.told(path, left=sign is Sign.LEFT)
        finished = sign in (Sign.FINISHED, Sign.LEFT, Sign.GONE) or (
            sign is Sign.RENAMED and self._resolve(path) is not None
        )
        alone = finished and calm and len(self._hints) < _FEW
        if alone and (self._resolve(path) is None or not self._hints.lately(path, now)):
            delay = settings.settle_alone
        else:
            delay = settings.settle_finished if finished else settings.settle
        self._hints.add(path, deep=deep, now=now, delay=delay)
        self.last_hint = now

    def look_again(self, path: str, *, deep: bool = False) -> None:
        """Soon, without counting as something the person did."""
        self._hints.look_again(path, deep=deep)

    def scan_all(self) -> None:
        self._folders.clear()
        self._enter(ROOT, "")

    def release(self) -> None:
        """Jobs have ended: what was seen of busy nodes may be looked at now."""
        self._hints.release()

    def forget_all(self) -> None:
        """The folder is not there: what was hinted says nothing, and a full scan will follow."""
        self._hints.clear()
        self._folders.clear()
        self._missing.clear()

    def at_rest(self) -> bool:
        """Nothing is waiting to be looked at, whether due or not; but for what cannot be read."""
        return not (self._hints or self._folders or self._missing)

    def next_due(self) -> float | None:
        if self._folders:
            return 0.0
        times = [self._hints.next_due(), self._missing.until]
        return min((time for time in times if time is not None), default=None)

    @property
    def missing_something(self) -> bool:
        """Something is not where it was, and may yet be seen where it went."""
        return bool(self._missing)

    def run(self, *, now: float, folders: int) -> None:
        """Look at what is due, and list at most so many folders. Raises `RootGone`."""
        self.intake.distrusts = False
        for folder_path, paths in self._hints.take_due(now).items():
            self._take_hints(folder_path, paths, now)
        self.intake.distrusts = self.distrusts
        self._notes.begin()
        for _ in range(folders):
            if not self._folders:
                break
            self._list(*self._folders.popleft())
        if not self._folders and self._missing:
            self.intake.drop_missing(now)
        self.distrusts = self.distrusts and bool(self._folders)

    def _take_hints(self, folder_path: str, hinted: Mapping[str, bool], now: float) -> None:
        if "" in hinted:
            self._folders.append((ROOT, "", hinted[""]))
        paths = [
            path
            for path, deep in hinted.items()
            if path and not self.intake.postpone_landing(path, deep=deep)
        ]
        folder = self._resolve(folder_path)
        if folder is None or not self._is_folder(folder):
            if self.rules.matches(folder_path, Kind.FOLDER):
                return
            self._hints.add(folder_path, deep=True, now=now, delay=0.0)
            self.last_hint = now
        elif paths and (self._folds or len(paths) > _LIST_RATHER_THAN_LOOK):
            self._folders.append((folder, folder_path, False))
        else:
            for path in paths:
                self._look(folder, folder_path, path)
        for path in paths:
            node = self._resolve(path) if hinted[path] else None
            if node is not None and self._is_folder(node):
                self._enter(node, path)

    def _resolve(self, path: str) -> NodeKey | None:
        node: NodeKey | None = ROOT
        for name in path.split("/") if path else ():
            node = self._child_on_disk(node, name) if node is not None else None
        return node

    def _is_folder(self, node: NodeKey) -> bool:
        entry = self._trees.local(node)
        return node == ROOT or (entry is not None and entry.kind is Kind.FOLDER)

    def _child_on_disk(self, folder: NodeKey, disk_name: str) -> NodeKey | None:
        node = self._trees.child(Side.LOCAL, folder, disk_name)
        if node is not None:
            entry = self._trees.local(node)
            if entry is not None and entry.disk_name == disk_name:
                return node
        if is_plain(disk_name):
            return None  # on the wire it would have this name, too
        known = self._trees.local_children(folder).get(disk_name)
        return known[0] if known else None

    def _look(self, folder: NodeKey, folder_path: str, path: str) -> None:
        """Not on a disk that folds names: there an item of another spelling answers to this one's
        name, and only a listing tells under which it stands."""
        disk_name = path.rpartition("/")[2]
        if not is_plain(disk_name):
            self._folders.append((folder, folder_path, False))
            return
        try:
            seen = self._disk.look(path)
        except RootGone:
            raise
        except DiskError as error:
            self._notes.unreadable(folder, folder_path, error)
            return
        known = self._child_on_disk(folder, disk_name)
        if seen is None:
            if known is not None:
                self.intake.note_gone(known, folder, path)
        elif not self.rules.matches(path, seen.kind):
            self.intake.compare(folder, path, seen, disk_name, self._known(known))

    @property
    def _folds(self) -> bool:
        traits = self._disk.traits
        return traits.folds_case or traits.folds_normalization

    def _known(self, node: NodeKey | None) -> Known | None:
        entry = self._trees.local(node) if node is not None else None
        if node is None or entry is None:
            return None
        kind = 0 if entry.kind is Kind.FILE else 1
        bit = None if entry.executable is None else int(entry.executable)
        return kind, bit, entry.fingerprint, node

    def _list(self, folder: NodeKey, path: str, deep: bool) -> None:
        rows = self._trees.local_rows(folder)
        if not rows and folder != ROOT and self._trees.local(folder) is None:
            # It goes on under another key, or not at all.
            self.look_again(path, deep=deep)
            return
        try:
            listing = self._disk.list_folder(path)
        except RootGone:
            raise
        except (Vanished, Changed):
            if path:
                self.look_again(path)
            return
        except DiskError as error:
            self._notes.unreadable(folder, path, error)
            return
        self._notes.listed(folder)
        if is_all_known(rows, listing.items):
            self._notes.skipped(folder, skipped_items(listing))
            self._pass_over(listing, rows, deep=deep)
        else:
            self._compare_listing(folder, listing, known_by_name(rows), deep)

    def _compare_listing(
        self, folder: NodeKey, listing: FolderListing, known: dict[str, Known], deep: bool
    ) -> None:
        prefix = f"{listing.path}/" if listing.path else ""
        names, skipped = names_in_listing(listing, prefix)
        for seen in known_first(listing.items, known):
            name = names.get(seen.disk_name)
            if name is None or self.rules.matches(prefix + seen.disk_name, seen.kind):
                continue
            same = known.pop(seen.disk_name, None)
            row = same or self._respelled(folder, name, seen, known)
            if same is None or not is_same(same, seen) or name != seen.disk_name:
                self.intake.compare(folder, prefix + seen.disk_name, seen, name, row)
            if deep and seen.kind is Kind.FOLDER:
                self._queue_child(folder, prefix, seen, row)
        for disk_name, row in known.items():
            self.intake.note_gone(row[3], folder, prefix + disk_name)
        self._notes.skipped(folder, skipped)

    def _pass_over(
        self, listing: FolderListing, rows: Mapping[str, LookRow], *, deep: bool
    ) -> None:
        """Nothing has changed, so names and ignore rules say what they said before."""
        prefix = f"{listing.path}/" if listing.path else ""
        for name, is_folder, *_, node in rows.values() if deep else ():
            if is_folder:
                self._enter(node, prefix + name)

    def _respelled(
        self, folder: NodeKey, name: str, seen: Seen, known: dict[str, Known]
    ) -> Known | None:
        """Some disks keep a name in another form than they were given it: still the same item."""
        if is_plain(seen.disk_name):
            return None
        node = self._trees.child(Side.LOCAL, folder, name)
        entry = self._trees.local(node) if node is not None else None
        row = known.get(entry.disk_name) if entry is not None else None
        if entry is None or row is None or not row[2].same_file(fingerprint_of(seen)):
            return None
        return known.pop(entry.disk_name)

    def _enter(self, folder: NodeKey, path: str) -> None:
        self._folders.append((folder, path, True))

    def _queue_child(self, folder: NodeKey, prefix: str, seen: Seen, row: Known | None) -> None:
        """A folder that is new here was queued when it was taken in."""
        if row is not None and row[0] == 1:
            self._enter(row[3], prefix + seen.disk_name)
