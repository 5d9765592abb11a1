"""What a look has shown, brought into the local tree.

What is there is known, recognised or new; what is not is missing until all looks are done, and gone
then. Of what is in flight nothing is said: it is looked at again once that has ended.
"""

from collections.abc import Callable

from dreamsync.core.ignore import IGNORE_FILE
from dreamsync.core.nodes import ROOT, Kind, LocalEntry, NodeKey, Side
from dreamsync.core.suspects import is_suspect
from dreamsync.engine.compare import Known, fingerprint_of, local_entry_of
from dreamsync.engine.context import Context
from dreamsync.engine.hints import Hints
from dreamsync.engine.missing import Missing
from dreamsync.engine.recognise import Recogniser, Recognition
from dreamsync.local.protocol import Seen


class Intake:
    """`busy` tells of nodes in flight, `landing` of paths at which an operation in flight puts
    something; `enter` is told of each folder that is new here, whose items are to be looked at.

    `distrusts`: what has changed under an unchanged mtime is suspect. `moved_out`: of what is gone
    from this disk, what the watcher saw renamed to somewhere else.
    """

    def __init__(
        self,
        context: Context,
        hints: Hints,
        missing: Missing,
        *,
        busy: Callable[[NodeKey], bool],
        landing: Callable[[str], bool],
        enter: Callable[[NodeKey, str], None],
    ) -> None:
        self._context = context
        self._trees = context.journal.trees
        self._busy = busy
        self._landing = landing
        self._hints = hints
        self._missing = missing
        self._enter = enter
        self._recogniser = Recogniser(context, busy)
        self.distrusts = False
        self.moved_out: set[NodeKey] = set()
        self.ignore_file_changed = False

    def compare(
        self, folder: NodeKey, path: str, seen: Seen, name: str, known: Known | None
    ) -> None:
        """`name`: what the item is called on the wire; `known`: what the tree has at its place."""
        if self.postpone_landing(path, deep=seen.kind is Kind.FOLDER):
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

    def note_gone(self, node: NodeKey, folder: NodeKey, path: str) -> None:
        """Unless the node has been found elsewhere meanwhile: then it has only left this place."""
        entry = self._trees.local(node)
        if entry is None or (entry.parent, entry.disk_name) != (folder, path.rpartition("/")[2]):
            return
        if self._in_flight(node):
            self._hints.postpone(path)
        else:
            self._missing.note(node, entry, path)

    def drop_missing(self, now: float) -> None:
        """All has been looked at that was to be, but for what a hint may yet tell in a moment."""
        waited = self._missing.until is None or now >= self._missing.until
        if waited or not self._hints:
            for node, renamed in self._missing.take_gone():
                self._drop_now(node)
                if renamed:
                    self.moved_out.add(node)

    def postpone_landing(self, path: str, *, deep: bool) -> bool:
        """It may come and go before what brings it has told of it: a look now tells nothing."""
        landing = self._landing(path)
        if landing:
            self._hints.postpone(path, deep=deep)
        return landing

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
            is_doubtful = self.distrusts and is_suspect(entry, new.fingerprint)
            self._trees.suspect(node, is_suspect=is_doubtful)

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
            self._enter(node, path)

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

    def _drop_now(self, node: NodeKey) -> None:
        entry = self._trees.local(node)
        self._trees.drop_local_with_all_below(node)
        self._missing.found(node)
        if entry is not None and entry.name == IGNORE_FILE:
            self.ignore_file_changed = True
