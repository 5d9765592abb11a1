"""Disk to local tree: hints become looks, looks become changes of the local tree.

An event is only a hint that a path must be looked at; what is true is what a look shows. A look at
one item costs one `lstat`; a folder is listed where a hint says so, or where names must be seen
together. What is no longer at its place is dropped only after all looks are done, so that a move is
seen as one whichever end is looked at first.
"""

from collections import deque
from collections.abc import Callable, Mapping

from dreamsync.core.ignore import IGNORE_FILE, IgnoreRules
from dreamsync.core.nodes import ROOT, Kind, LocalEntry, NodeKey, Side
from dreamsync.core.suspects import is_suspect
from dreamsync.engine.compare import (
    Known,
    fingerprint_of,
    is_all_known,
    is_plain,
    is_same,
    known_by_name,
    known_first,
    local_entry_of,
    names_in_listing,
    skipped_items,
)
from dreamsync.engine.context import Context
from dreamsync.engine.folder_notes import FolderNotes
from dreamsync.engine.hints import Hints
from dreamsync.engine.missing import Missing
from dreamsync.engine.recognise import Recogniser, Recognition
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

    `moved_out`: of what is gone from this disk, what the watcher saw renamed to somewhere else.
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
        self._busy = busy
        self._landing = landing
        self._recogniser = Recogniser(context, busy)
        self._hints = Hints()
        self._folders: deque[tuple[NodeKey, str, bool]] = deque()
        self._notes = FolderNotes(context, self._hints)
        self._missing = Missing(context, self._notes.unreadable, self.look_again)
        self.moved_out: set[NodeKey] = set()
        self.rules = IgnoreRules()
        self.ignore_file_changed = False
        self.distrusts = False
        self._was_told = False
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
        self._folders.append((ROOT, "", True))

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
        self._was_told = True
        for folder_path, paths in self._hints.take_due(now).items():
            self._take_hints(folder_path, paths, now)
        self._was_told = False
        self._notes.begin()
        for _ in range(folders):
            if not self._folders:
                break
            self._list(*self._folders.popleft())
        if not self._folders and self._missing:
            self._drop_missing(now)
        self.distrusts = self.distrusts and bool(self._folders)

    def _take_hints(self, folder_path: str, hinted: Mapping[str, bool], now: float) -> None:
        if "" in hinted:
            self._folders.append((ROOT, "", hinted[""]))
        paths = [path for path in hinted if path and not self._postpone_landing(path, hinted[path])]
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
                self._folders.append((node, path, True))

    def _postpone_landing(self, path: str, deep: bool) -> bool:
        """It may come and go before what brings it has told of it: a look now tells nothing."""
        landing = self._landing(path)
        if landing:
            self._hints.postpone(path, deep=deep)
        return landing

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
                self._note_gone(known, folder, path)
        elif not self.rules.matches(path, seen.kind):
            self._compare(folder, path, seen, disk_name, self._known(known))

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
                self._compare(folder, prefix + seen.disk_name, seen, name, row)
            if deep and seen.kind is Kind.FOLDER:
                self._queue_child(folder, prefix, seen, row)
        for disk_name, row in known.items():
            self._note_gone(row[3], folder, prefix + disk_name)
        self._notes.skipped(folder, skipped)

    def _pass_over(
        self, listing: FolderListing, rows: Mapping[str, LookRow], *, deep: bool
    ) -> None:
        """Nothing has changed, so names and ignore rules say what they said before."""
        prefix = f"{listing.path}/" if listing.path else ""
        for name, is_folder, *_, node in rows.values() if deep else ():
            if is_folder:
                self._folders.append((node, prefix + name, True))

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

    def _queue_child(self, folder: NodeKey, prefix: str, seen: Seen, row: Known | None) -> None:
        """A folder that is new here was queued when it was taken in."""
        if row is not None and row[0] == 1:
            self._folders.append((row[3], prefix + seen.disk_name, True))

    def _compare(
        self, folder: NodeKey, path: str, seen: Seen, name: str, known: Known | None
    ) -> None:
        if self._postpone_landing(path, seen.kind is Kind.FOLDER):
            return
        if known is not None and self._trees.local(known[3]) is None:
            known = None  # its name went to another item of the listing
        if known is not None and known[0] != (0 if seen.kind is Kind.FILE else 1):
            if self._in_flight(known[3]):
                self._hints.postpone(path)
                return
            self._drop_now(known[3])
            known = None
        if known is None:
            self._take_in(folder, path, seen, name)
        elif self._in_flight(known[3]):
            self._hints.postpone(path)
        else:
            self._update(folder, seen, name, known[3])

    def _update(self, folder: NodeKey, seen: Seen, name: str, node: NodeKey) -> None:
        self._missing.found(node)
        entry = self._trees.local(node)
        if entry is None:
            return
        known = entry.content if fingerprint_of(seen) == entry.fingerprint else None
        new = local_entry_of(folder, name, seen, known)
        if new != entry:
            self._free_name(folder, name, node)
            self._put(node, new)
            unseen = self.distrusts and not self._was_told
            self._trees.suspect(node, is_suspect=unseen and is_suspect(entry, new.fingerprint))

    def _take_in(self, folder: NodeKey, path: str, seen: Seen, name: str) -> None:
        holder = self._trees.child(Side.LOCAL, folder, name)
        in_the_way = holder is not None and self._in_flight(holder)
        found = self._recogniser.recognise(folder, path, seen, name)
        if in_the_way or found is Recognition.BUSY:
            self._hints.postpone(path, deep=seen.kind is Kind.FOLDER)
            return
        if found is Recognition.NEW:
            node, content = self._trees.new_node(), None
        else:
            node, content = found.node, found.content
            self._missing.found(node)
        self._free_name(folder, name, node)
        self._put(node, local_entry_of(folder, name, seen, content))
        if seen.kind is Kind.FOLDER:
            self._folders.append((node, path, True))

    def _free_name(self, folder: NodeKey, name: str, node: NodeKey) -> None:
        """Whoever the tree still has under that name is no longer there: the disk has no twins."""
        holder = self._trees.child(Side.LOCAL, folder, name)
        if holder is not None and holder != node:
            self._drop_now(holder)

    def _put(self, node: NodeKey, entry: LocalEntry) -> None:
        self._trees.put_local(node, entry)
        self.moved_out.discard(node)
        self._context.journal.problems.item_changed(node)
        if entry.name == IGNORE_FILE:
            self.ignore_file_changed = True

    def _note_gone(self, node: NodeKey, folder: NodeKey, path: str) -> None:
        """Unless the node has been found elsewhere meanwhile: then it has only left this place."""
        entry = self._trees.local(node)
        if entry is None or (entry.parent, entry.disk_name) != (folder, path.rpartition("/")[2]):
            return
        if self._in_flight(node):
            self._hints.postpone(path)
        else:
            self._missing.note(node, entry, path)

    def _in_flight(self, node: NodeKey) -> bool:
        """Whether an operation is on its way that takes the node along: on it, or on a folder that
        it is in. A folder that was just moved leaves its children's old paths empty."""
        while node != ROOT:
            entry = self._trees.local(node)
            if self._busy(node):
                return True
            if entry is None:
                return False
            node = entry.parent
        return False

    def _drop_missing(self, now: float) -> None:
        waited = self._missing.until is None or now >= self._missing.until
        if waited or not self._hints:
            for node, renamed in self._missing.take_gone():
                self._drop_now(node)
                if renamed:
                    self.moved_out.add(node)

    def _drop_now(self, node: NodeKey) -> None:
        entry = self._trees.local(node)
        self._trees.drop_local_with_all_below(node)
        self._missing.found(node)
        if entry is not None and entry.name == IGNORE_FILE:
            self.ignore_file_changed = True
