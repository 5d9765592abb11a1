"""Outcomes to trees: each verified effect changes its side and base, in the step's transaction.

Base changes only here and in `feed.py`, and only to what a server has acknowledged or a disk
durably has (promises, invariant 10).
"""

from collections import Counter
from dataclasses import replace

from dreamsync.core.conflicts import is_conflict_name, original_name
from dreamsync.core.nodes import (
    ROOT,
    BaseEntry,
    Content,
    Kind,
    LocalEntry,
    NodeKey,
    RemoteEntry,
    Side,
)
from dreamsync.core.operations import (
    Adopt,
    CreateLocalFolder,
    CreateRemoteFolder,
    DeleteRemote,
    Detach,
    Download,
    Forget,
    JournalOperation,
    MoveLocal,
    MoveRemote,
    Operation,
    Pair,
    SetAside,
    SetLocalExecutable,
    SetRemoteExecutable,
    TrashLocal,
    Upload,
    node_of,
)
from dreamsync.core.status import Act, Activity
from dreamsync.core.suspects import is_damaged_since
from dreamsync.core.trees import Place, place_of
from dreamsync.engine import agreement
from dreamsync.engine.compare import fingerprint_of, local_entry_of
from dreamsync.engine.context import Context
from dreamsync.engine.damage import note_damage
from dreamsync.engine.events import Applied, ContentRead, Flushed, Sent
from dreamsync.engine.feed import Feed
from dreamsync.journal.rows import NO_FILE
from dreamsync.journal.told import ConflictRecord
from dreamsync.local.protocol import Seen
from dreamsync.wire.sync_file import SyncFile


class Settler:
    def __init__(self, context: Context, feed: Feed) -> None:
        self._context = context
        self._journal = context.journal
        self._trees = context.journal.trees
        self._feed = feed
        self.tally: Counter[Act] = Counter()

    @property
    def moved(self) -> int:
        """How much was ever synced; it only grows."""
        return self.tally.total()

    def adopted(self, outcome: Flushed) -> None:
        """Unless a side has changed since both were found equal: then it is planned again."""
        operation, node = outcome.operation, outcome.operation.node
        sides = (self._trees.local(node), self._trees.remote(node))
        if sides == (operation.expect, operation.remote):
            self._agree(node)

    def journal_operation(self, operation: JournalOperation) -> None:
        match operation:
            case Adopt(node=node):
                self._agree(node)
            case Pair(local, remote):
                self._trees.rekey_local(local, remote)
            case Forget(node):
                self._trees.forget(node)
            case Detach(node):
                self._trees.rekey_local(node, self._trees.new_node())

    def sent(self, outcome: Sent) -> None:
        operation = outcome.operation
        match operation:
            case DeleteRemote(node):
                self._deleted_remotely(node, operation, outcome.file)
            case Upload(node) | CreateRemoteFolder(node):
                self._created_or_changed(node, outcome)
            case MoveRemote(node, place, expect):
                self._put_remote(node, outcome.file, was_there=True)
                self._base_changes(node, parent=place.parent, name=place.name)
                self._note(
                    Act.MOVED_THERE, self._path(node, Side.REMOTE), other=self._old_path(expect)
                )
            case SetRemoteExecutable(node, executable):
                self._put_remote(node, outcome.file, was_there=True)
                self._base_changes(node, executable=executable)
                self._note(Act.EXECUTABLE, self._path(node, Side.REMOTE))
            case _:
                raise AssertionError(operation)
        self._journal.intents.remove(node_of(operation))
        self._journal.sessions.remove(node_of(operation))
        self._done(node_of(operation))

    def applied(self, outcome: Applied) -> bool:
        """False where the folder that it went into is no longer known: what is there is then for a
        look to tell."""
        operation, seen = outcome.operation, outcome.seen
        if not self._has_folder(operation):
            self._trees.mark_dirty(node_of(operation))
            return False
        match operation:
            case TrashLocal(node):
                self._trashed(node, operation, outcome.path)
            case Download(node, place, remote):
                self._downloaded(node, place, remote, operation, seen)
            case CreateLocalFolder(node, place, remote):
                self._folder_made(node, place, remote, seen)
            case MoveLocal():
                self._moved_here(operation, seen)
            case SetAside(node, place, expect):
                self._set_aside(node, place, expect, seen)
            case SetLocalExecutable(node, executable, expect):
                self._seen_again(node, expect, seen)
                self._base_changes(node, executable=executable)
                self._note(Act.EXECUTABLE, self._path(node))
            case _:
                raise AssertionError(operation)
        self._done(node_of(operation))
        return True

    def _has_folder(self, operation: Operation) -> bool:
        if not isinstance(operation, Download | CreateLocalFolder | MoveLocal | SetAside):
            return True
        known = self._trees.local(operation.node) if isinstance(operation, Download) else None
        parent = known.parent if known is not None else operation.place.parent
        return parent == ROOT or self._trees.local(parent) is not None

    def content_read(self, outcome: ContentRead) -> None:
        node = node_of(outcome.operation)
        local = self._trees.local(node)
        if local is not None and local.fingerprint == outcome.fingerprint:
            if self._trees.is_suspect(node):
                self._judge_suspect(node, local, outcome.content)
            self._trees.put_local(node, replace(local, content=outcome.content))
        self._done(node)

    def _judge_suspect(self, node: NodeKey, local: LocalEntry, read: Content) -> None:
        self._trees.suspect(node, is_suspect=False)
        base = self._trees.base(node)
        if base is not None and is_damaged_since(base, local, read):
            note_damage(self._context, node)

    def _created_or_changed(self, node: NodeKey, outcome: Sent) -> None:
        """Where the feed was faster than the answer, the node goes on under the feed's key."""
        known = self._trees.node_of(outcome.file.id)
        if known is not None and known != node:
            self._trees.mark_dirty(known)
            if self._trees.local(node) is not None:
                if self._trees.local(known) is not None:
                    # It has been downloaded already: what it was sent from is one more file.
                    self._trees.mark_dirty(node)
                    return
                self._trees.rekey_local(node, known)
            self._trees.mark_clean([node])
            self._done(known)
            node = known
        self._trees.identify(node, outcome.file.id)
        entry = self._feed.entry_of(outcome.file)
        operation = outcome.operation
        changed = isinstance(operation, Upload) and operation.remote is not None
        self._put_remote(node, outcome.file, was_there=changed)
        self._base_after_upload(node, entry, outcome)
        act = Act.UPLOADED if entry.kind is Kind.FILE else Act.FOLDER_THERE
        size = entry.content.size if entry.content else 0
        self._note(act, self._path(node, Side.REMOTE), size=size)
        self._clean_if_agreed(node)

    def _base_after_upload(self, node: NodeKey, entry: RemoteEntry, outcome: Sent) -> None:
        """Unless both sides have agreed on something newer since."""
        local, base = self._trees.local(node), self._trees.base(node)
        if base is not None and base.version > entry.version:
            return
        fingerprint = outcome.fingerprint or (local.fingerprint if local else NO_FILE)
        content = outcome.content if entry.kind is Kind.FILE else None
        if local is not None and content is not None and local.fingerprint == fingerprint:
            self._trees.put_local(node, replace(local, content=content))
        place = place_of(base) if base is not None else place_of(entry)
        self._trees.put_base(
            node,
            BaseEntry(
                place.parent,
                place.name,
                entry.kind,
                entry.version,
                fingerprint,
                content,
                entry.executable,
            ),
        )

    def _deleted_remotely(self, node: NodeKey, operation: DeleteRemote, file: SyncFile) -> None:
        """Another device may have revived it since, which the feed was faster to tell."""
        path = self._path(node, Side.REMOTE)
        if self._feed.is_old(file):
            self._trees.drop_base(node)
            self._trees.mark_dirty(node)
            return
        self._trees.drop_remote(node, None)
        self._count_deletion(Side.LOCAL, operation.kind, confirmed=operation.confirmed)
        self._note(Act.DELETED_THERE, path)
        self._gone(node)

    def _trashed(self, node: NodeKey, operation: TrashLocal, path: str) -> None:
        self._trees.drop_local_with_all_below(node)
        self._count_deletion(Side.REMOTE, operation.kind, confirmed=operation.confirmed)
        self._note(Act.DELETED_HERE, path)
        self._gone(node)

    def _gone(self, node: NodeKey) -> None:
        """Unless a side has it again by now: then it is new there, and dirty."""
        self._trees.drop_base(node)
        if self._trees.local(node) is None and self._trees.remote(node) is None:
            self._trees.forget(node)
        else:
            self._trees.mark_dirty(node)

    def _downloaded(
        self,
        node: NodeKey,
        place: Place,
        remote: RemoteEntry,
        operation: Download,
        seen: Seen | None,
    ) -> None:
        if seen is None:
            return
        known = self._trees.local(node)
        here = place_of(known) if known is not None and operation.expect is not None else place
        self._put_local(node, here, seen, remote.content)
        base = self._trees.base(node)
        agreed = place_of(base) if base is not None else here
        if base is None and is_conflict_name(here.name):
            self._note_conflict(node, here)
        self._trees.put_base(node, self._base(agreed, remote, seen))
        size = remote.content.size if remote.content else 0
        self._note(Act.DOWNLOADED, self._path(node), size=size)
        self._clean_if_agreed(node)

    def _folder_made(
        self, node: NodeKey, place: Place, remote: RemoteEntry, seen: Seen | None
    ) -> None:
        if seen is None:
            return
        if self._trees.child(Side.LOCAL, *place) not in {None, node}:
            # Another has come there since, and its folder passed for this one.
            self._trees.mark_dirty(node)
            return
        self._put_local(node, place, seen, None)
        self._trees.put_base(node, self._base(place, remote, seen))
        self._note(Act.FOLDER_HERE, self._path(node))
        self._clean_if_agreed(node)

    def _moved_here(self, operation: MoveLocal, seen: Seen | None) -> None:
        """Where the server has moved it on since, this was still the server's move and no one's
        here: base follows, or it would be sent back as ours."""
        node, place, expect = operation.node, operation.place, operation.expect
        if seen is None:
            return
        old_path = self._path(node)
        self._put_local(node, place, seen, expect.content)
        base, remote = self._trees.base(node), self._trees.remote(node)
        local = self._trees.local(node)
        if base and local and base.fingerprint == expect.fingerprint:
            # A rename changes ctime: where base was what stood here, it still is.
            self._trees.put_base(node, replace(base, fingerprint=local.fingerprint))
        if not operation.aside or (remote is not None and place_of(remote) == place):
            self._base_changes(node, parent=place.parent, name=place.name)
        self._note(Act.MOVED_HERE, self._path(node), other=old_path)

    def _set_aside(
        self, node: NodeKey, place: Place, expect: LocalEntry, seen: Seen | None
    ) -> None:
        if seen is None:
            return
        original = self._path(node, Side.REMOTE)
        copy = self._trees.new_node()
        self._trees.rekey_local(node, copy)
        self._put_local(copy, place, seen, expect.content)
        self._trees.drop_base(node)
        self._trees.mark_dirty(node)
        self._journal.intents.remove(node)
        self._list_conflict(copy, node, original)
        self._note(Act.CONFLICT, self._path(copy), other=original)

    def _note_conflict(self, copy: NodeKey, place: Place) -> None:
        """One that another device has set aside: a person may answer it on any of them."""
        plain = original_name(place.name)
        original = self._trees.child(Side.LOCAL, place.parent, plain)
        folder = self._path(place.parent)
        self._list_conflict(copy, original or copy, f"{folder}/{plain}" if folder else plain)

    def _list_conflict(self, copy: NodeKey, original: NodeKey, path: str) -> None:
        now_ms = self._context.clock.now_ms()
        self._journal.conflicts.add(ConflictRecord(copy, original, path, now_ms))

    def _seen_again(self, node: NodeKey, expect: LocalEntry, seen: Seen | None) -> None:
        base = self._trees.base(node)
        if seen is None:
            return
        self._put_local(node, place_of(expect), seen, expect.content)
        if base is not None and base.fingerprint == expect.fingerprint:
            self._trees.put_base(node, replace(base, fingerprint=fingerprint_of(seen)))

    def _put_remote(self, node: NodeKey, file: SyncFile, *, was_there: bool) -> None:
        """Unless the answer comes after later news: a newer version, or that the node is gone."""
        gone = was_there and self._trees.remote(node) is None
        if not gone and not self._feed.is_old(file):
            self._trees.put_remote(node, self._feed.entry_of(file))

    def _put_local(self, node: NodeKey, place: Place, seen: Seen, content: Content | None) -> None:
        holder = self._trees.child(Side.LOCAL, place.parent, place.name)
        if holder is not None and holder != node:
            self._trees.drop_local_with_all_below(holder)
        self._trees.put_local(node, local_entry_of(*place, seen, content))

    def _base(self, place: Place, remote: RemoteEntry, seen: Seen) -> BaseEntry:
        executable = remote.executable if seen.executable is None else seen.executable
        return BaseEntry(
            place.parent,
            place.name,
            remote.kind,
            remote.version,
            fingerprint_of(seen),
            remote.content,
            executable,
        )

    def _base_changes(
        self,
        node: NodeKey,
        *,
        parent: NodeKey | None = None,
        name: str | None = None,
        executable: bool | None = None,
    ) -> None:
        """Place or executable bit agreed on anew. The version follows only where the content is
        agreed on as well: equal versions mean equal content to the planner."""
        base, remote = self._trees.base(node), self._trees.remote(node)
        if base is not None and remote is not None:
            changed = replace(
                base,
                parent=base.parent if parent is None else parent,
                name=base.name if name is None else name,
                executable=base.executable if executable is None else executable,
                version=remote.version if agreement.content_agreed(base, remote) else base.version,
            )
            self._trees.put_base(node, changed)
        self._clean_if_agreed(node)

    def _agree(self, node: NodeKey) -> None:
        local, remote = self._trees.local(node), self._trees.remote(node)
        if local is None or remote is None:
            return
        self._trees.put_base(node, agreement.adopted(local, remote))
        self._journal.intents.remove(node)
        self._done(node)
        self._clean_if_agreed(node)

    def _clean_if_agreed(self, node: NodeKey) -> None:
        """Spares the planner the nodes that an outcome has brought to rest."""
        if agreement.is_at_rest(self._trees, node):
            self._trees.mark_clean([node])

    def _count_deletion(self, side: Side, kind: Kind, *, confirmed: bool) -> None:
        """What a person has answered for does not count towards the next question."""
        if kind is Kind.FILE and not confirmed:
            self._journal.holds.note_deleted(side, 1, at_ms=self._context.clock.now_ms())

    def _done(self, node: NodeKey) -> None:
        self._journal.problems.remove(node)

    def _path(self, node: NodeKey, side: Side = Side.LOCAL) -> str:
        return self._context.path(node, side)

    def _old_path(self, entry: RemoteEntry) -> str:
        parent = self._path(entry.parent, Side.REMOTE)
        return f"{parent}/{entry.name}" if parent else entry.name

    def _note(self, act: Act, path: str, *, other: str | None = None, size: int = 0) -> None:
        self.tally[act] += 1
        now_ms = self._context.clock.now_ms()
        self._journal.history.add(Activity(now_ms, act, path, other, size))
