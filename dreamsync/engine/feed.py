"""Server to remote tree: pages of the feed, full listings, and single answers.

A page and its cursor are one transaction. What a page says is the latest state of each node it
names: taking it in twice changes nothing. A full listing is numbered; what it did not name is
absent once its last page is in, and what absence means depends on why the listing was made.
"""

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum

from dreamsync.core.names import wire_name_problem
from dreamsync.core.nodes import (
    ROOT,
    BaseEntry,
    Content,
    Kind,
    NodeKey,
    RemoteEntry,
    Side,
    Tombstone,
)
from dreamsync.core.trees import place_of
from dreamsync.engine import agreement
from dreamsync.engine.context import Context
from dreamsync.engine.failures import hostile_name
from dreamsync.engine.unheard import Unheard
from dreamsync.journal.rows import of_no_file
from dreamsync.journal.told import NodeProblem
from dreamsync.remotes.protocol import KeptVersion, Page
from dreamsync.wire.sync_file import SyncFile

_NEVER_MS = 2**62


class Listing(Enum):
    """Why everything is listed anew: `EXPIRED`, absence is deletion, unless nothing at all is left
    (a server that has lost its own says the same); `REPLACED`, it never is."""

    EXPIRED = "expired"
    REPLACED = "replaced"


class Feed:
    """The remote tree's keeper, and the cursor's.

    `due`: there may be news. `behind`: the server has acknowledged what the cursor does not name
    yet; were it put back to a backup of the time between, nobody would notice that it had lost that
    again. `of_another_history`: what is still under way was planned on states that the server
    lacks; its new history is read only once that has ended. Nothing is planned for nodes
    `asked_about` before the feed has been read: what is known of them is out of date. At first
    these are all whose answers the process before did not hear.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._journal = context.journal
        self._trees = context.journal.trees
        self._settings = context.journal.settings
        self.due = True
        self.behind = False
        self.of_another_history = False
        self.asked_about = self._journal.intents.nodes()
        self._unheard = Unheard(context)
        self._told: dict[str, int] = {}
        self._buried: dict[str, SyncFile] = {}
        self._listing = self._settings.get_integer("listing") or 0

    @property
    def cursor(self) -> str | None:
        return self._settings.get("cursor")

    @property
    def complete(self) -> bool:
        """Whether the feed was ever read to its head, and no listing is half done."""
        return self._settings.get("feed_complete") == "yes"

    def start_listing(self, why: Listing) -> None:
        """From zero again. The remote tree stays until the last page shows what is absent.

        What is sent meanwhile still names the old position, so that another history refuses it:
        its versions may be the same numbers for other states."""
        if why is Listing.REPLACED:
            self._journal.intents.clear()
            self._trees.drop_tombstones()
            self.of_another_history = True
        self._listing += 1
        self._settings.set("listing", str(self._listing))
        self._settings.set("listing_why", why.value)
        self._settings.set("cursor", None)
        self._settings.set("feed_complete", None)
        self.due = True

    def ask_about(self, node: NodeKey) -> None:
        self.asked_about.add(node)
        self.due = True

    def unsure(self) -> set[NodeKey]:
        """Nodes for which nothing is planned before the server has been asked again."""
        return self.asked_about | self._unheard.unsure()

    def histories_wanted(self) -> list[tuple[NodeKey, str]]:
        return self._unheard.histories_wanted()

    def read_begins(self) -> None:
        """Whatever was answered until now is in what the server will send."""
        self._told.clear()
        self.behind = False
        self.of_another_history = False

    def note_answer(self, file: SyncFile) -> None:
        """It is newer than a page that is being read may be: such a page must not undo it."""
        self.behind = True
        self._told[file.id] = max(file.version, self._told.get(file.id, 0))

    def take_page(self, page: Page, *, in_flight: bool) -> None:
        """`in_flight`: answers are yet to come that may name what the page is the first to name."""
        self._trees.read_ahead_ids([file.id for file in page.files])
        for file in page.files:
            if self._told.get(file.id, 0) <= file.version:
                self.take(file)
        if not in_flight:
            self._buried.clear()
        self._settings.set("cursor", page.cursor)
        self._context.remote.use_cursor(page.cursor)
        if not page.has_more:
            self.asked_about.clear()
            self._end_listing()
            self._settings.set("feed_complete", "yes")

    def deleted_since(self, file: SyncFile) -> None:
        """An answer of long ago has told of this node: of its end a page may have told before,
        and no page will again."""
        buried = self._buried.pop(file.id, None)
        if buried is not None and buried.version > file.version:
            self.take(buried)

    def is_old(self, file: SyncFile) -> bool:
        """Whether something newer is known of the node: an answer may come after the page that
        tells what others have done since."""
        node = self._trees.node_of(file.id)
        known = (self._trees.remote(node) or self._trees.tombstone(node)) if node else None
        return known is not None and known.version > file.version

    def take(self, file: SyncFile) -> None:
        """One node as the server has it now."""
        node = self._trees.node_of(file.id)
        if file.deleted:
            if node is not None:
                self._take_tombstone(node, file)
            else:
                self._buried[file.id] = file
            return
        if node is None:
            node = self._trees.new_node()
            self._trees.identify(node, file.id)
        entry = self.entry_of(file)
        known = self._trees.remote(node)
        if known == entry:
            if self._listing:
                self._trees.note_listed(node, self._listing)
            return
        if self._hostile(node, file):
            return
        new = known is None
        self._trees.put_remote(node, entry, listing=self._listing)
        self._unheard.settle(node, entry, file.device_id, known)
        if new and self._trees.base(node) is None and not self._unheard.comes(node, entry):
            self._pair(node, entry)

    def take_history(self, node: NodeKey, versions: Sequence[KeptVersion]) -> None:
        """What turns out to be nobody's from here is new."""
        self._unheard.take_history(node, versions)
        entry = self._trees.remote(node)
        if entry is not None and self._trees.base(node) is None:
            self._pair(node, entry)

    def _take_tombstone(self, node: NodeKey, file: SyncFile) -> None:
        known = self._trees.remote(node)
        if known is not None and known.version > file.version:
            return
        if known is None and self._trees.tombstone(node) is not None:
            return
        here = self._trees.local(node) is not None or self._trees.base(node) is not None
        tombstone = Tombstone(file.id, file.version, file.confirmed) if here else None
        if not here:
            self._buried[file.id] = file
        if known is not None or here:
            self._trees.drop_remote(node, tombstone)
        if known is not None and not self._context.remote.capabilities.folders:
            self._drop_implied_folder(known.parent)
        self._unheard.deleted(node, file.version, file.device_id)

    def _drop_implied_folder(self, folder: NodeKey) -> None:
        """A server without folders of its own: one that another device has emptied is gone."""
        entry = self._trees.remote(folder) if folder != ROOT else None
        if entry is None or self._trees.children(Side.REMOTE, folder):
            return
        self._trees.drop_remote(folder, Tombstone(entry.remote_id, entry.version))
        self._drop_implied_folder(entry.parent)

    def entry_of(self, file: SyncFile) -> RemoteEntry:
        return RemoteEntry(
            parent=self._parent(file.parent_id),
            name=file.name,
            kind=file.kind,
            remote_id=file.id,
            version=file.version,
            content=None
            if file.kind is Kind.FOLDER
            else Content(file.file_size, file.digest, file.checksum),
            executable=file.executable,
            modified_ns=file.modified_ns or 0,
        )

    def _parent(self, parent_id: str | None) -> NodeKey:
        """A parent may come after its children: its node is made when it is first named."""
        if parent_id is None:
            return ROOT
        node = self._trees.node_of(parent_id)
        if node is None:
            node = self._trees.new_node()
            self._trees.identify(node, parent_id)
        return node

    def _hostile(self, node: NodeKey, file: SyncFile) -> bool:
        """A name that no honest server sends never gets as far as a tree."""
        wrong = wire_name_problem(file.name)
        if wrong is None:
            return False
        problem = hostile_name(file.name, wrong.value, since_ms=self._context.clock.now_ms())
        self._journal.problems.put(NodeProblem(node, problem, attempts=1, next_ms=_NEVER_MS))
        if self._trees.remote(node) is not None:
            self._trees.drop_base(node)
            self._trees.drop_remote(node, None)
        return True

    def _pair(self, node: NodeKey, entry: RemoteEntry) -> None:
        """New there, and here a new item of the same kind under the same name: one node."""
        twin = self._trees.child(Side.LOCAL, entry.parent, entry.name)
        if twin is None or twin == node or self._trees.local(node) is not None:
            return
        local = self._trees.local(twin)
        if local is None or local.kind is not entry.kind:
            return
        if self._trees.base(twin) is None and self._trees.remote(twin) is None:
            self._trees.rekey_local(twin, node)

    def _end_listing(self) -> None:
        why = self._settings.get("listing_why")
        if why is None:
            return
        self._settings.set("listing_why", None)
        absent = self._trees.unlisted(self._listing)
        for node in absent:
            if self._trees.remote_id(node) in self._told:
                continue
            self._trees.drop_remote(node, None)
        emptied = bool(absent) and not self._trees.children(Side.REMOTE, ROOT)
        if emptied or why == Listing.REPLACED.value:
            self._rebase()

    def _rebase(self) -> None:
        """The server is an older one. Where it is behind what was agreed on, base becomes what it
        has: a local side that still has the agreed state then differs, and puts it back under
        compare-and-swap. Where it has gone its own way since, nothing is agreed on any more."""
        for node in self._trees.based():
            base, remote = self._trees.base(node), self._trees.remote(node)
            if base is None:
                continue
            if remote is None:
                self._trees.drop_base(node)
            elif _same_state(base, remote):
                self._trees.put_base(node, replace(base, version=remote.version))
            elif remote.version < base.version:
                self._trees.put_base(
                    node,
                    replace(
                        base,
                        parent=remote.parent,
                        name=remote.name,
                        version=remote.version,
                        content=remote.content,
                        executable=remote.executable,
                        fingerprint=base.fingerprint
                        if agreement.content_agreed(base, remote)
                        else of_no_file(base.fingerprint),
                    ),
                )
            else:
                self._trees.drop_base(node)
            self._trees.mark_dirty(node)


def _same_state(base: BaseEntry, remote: RemoteEntry) -> bool:
    return place_of(base) == place_of(remote) and agreement.content_agreed(base, remote)
