"""What was sent and never answered: intents, settled by what the server shows afterwards.

The feed shows only the latest version of a node. Where that is the very one that was to be made, it
is told by device and version. Where others have gone on from it, the server is asked for the node's
history, and until then nothing is planned for it. What this device has created without hearing of
it, and another has moved since, comes as a *newcomer*: a node never heard of, at a place where
nothing was sent, and not at its first version. Only its history tells that it is the same.
"""

from collections.abc import Sequence

from dreamsync.core.nodes import ROOT, Content, Kind, NodeKey, RemoteEntry
from dreamsync.core.trees import Place
from dreamsync.engine import agreement
from dreamsync.engine.context import Context
from dreamsync.journal.records import Intent
from dreamsync.remotes.protocol import KeptVersion

_HISTORIES_AT_ONCE = 50


class Unheard:
    """A process that begins finds the newcomers that the one before left: their page of the feed is
    not read again."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._own = context.settings.device_id
        self._intents = context.journal.intents
        self._trees = context.journal.trees
        self._came = self._intents.newcomers()

    @property
    def _newcomers(self) -> set[NodeKey]:
        """Whose histories are still to be asked for; not where the server has deleted them since,
        or an answer has come after all."""
        self._came = {
            node for node in self._came if self._trees.remote(node) and not self._trees.base(node)
        }
        return self._came

    def unsure(self) -> set[NodeKey]:
        """Nodes for which nothing is planned before histories are known."""
        nodes = set(self._newcomers)
        if nodes:
            nodes |= self._intents.creations()
        for intent, on_server in self._intents.overtaken():
            nodes |= {intent.node, on_server}
        return nodes

    def histories_wanted(self) -> list[tuple[NodeKey, str]]:
        """Nodes with their remote ids on which others have built since this device sent something
        without hearing what became of it. Newcomers first: what has come into a place tells nothing
        of what was created there and has left it."""
        overtaken = {on_server for _, on_server in self._intents.overtaken()}
        newcomers = self._newcomers
        nodes = [*sorted(newcomers), *sorted(overtaken - newcomers)]
        ids = ((node, self._trees.remote_id(node)) for node in nodes[:_HISTORIES_AT_ONCE])
        return [(node, remote_id) for node, remote_id in ids if remote_id is not None]

    def comes(self, node: NodeKey, entry: RemoteEntry) -> bool:
        """Whether this node, which was not heard of before, may be one that was created here."""
        if entry.version == 1 or not self._context.remote.capabilities.versions:
            return False
        if not self._intents.any() or not self._intents.creations():
            return False
        self._came.add(node)
        return True

    def take_history(self, node: NodeKey, versions: Sequence[KeptVersion]) -> None:
        """The version that was to be made is base if this device made it; else nothing arrived."""
        newcomer = node in self._newcomers
        self._came.discard(node)
        if newcomer and self._recognise(node, versions):
            return
        intents = [
            intent
            for intent, on_server in self._intents.overtaken()
            if on_server == node and (intent.node == node or not self._newcomers)
        ]
        for intent in intents:
            self._intents.remove(intent.node)
            self._trees.mark_dirty(intent.node)
        if not intents:
            return
        self._trees.mark_dirty(node)
        sent = intents[0]
        wanted = sent.base_version + 1, self._own
        made = [kept for kept in versions if (kept.version, kept.device_id) == wanted]
        if made and made[0].change == "deleted":
            self._trees.drop_base(node)
        elif made and self._may_have_made(node, sent):
            self._agree_on(node, made[0], sent)

    def settle(
        self,
        node: NodeKey,
        entry: RemoteEntry,
        device_id: str | None,
        before: RemoteEntry | None,
    ) -> None:
        """Where it is what this device sent, it becomes base, whatever local is now."""
        if device_id != self._own:
            return
        intent = self._intents.of(node)
        if intent is None:
            intent = self._creation_at(Place(entry.parent, entry.name), entry.kind)
            if intent is None or entry.version != 1 or self._trees.base(intent.node) is not None:
                return
            self._trees.rekey_local(intent.node, node)
        elif entry.version != intent.base_version + 1:
            return
        self._intents.remove(intent.node)
        self._settle(node, entry, intent, before)

    def deleted(self, node: NodeKey, version: int, device_id: str | None) -> None:
        """It is at this version on the server, whose device has deleted it. What is here of what
        was deleted from here has come since: it is new, as after an answer."""
        intent = self._intents.of(node)
        if intent is None:
            return
        here = self._trees.local(node) or self._trees.base(node)
        if here and version > intent.base_version + 1:
            return
        self._intents.remove(node)
        if device_id == self._own:
            self._trees.drop_base(node)

    def _recognise(self, node: NodeKey, versions: Sequence[KeptVersion]) -> bool:
        """By its first version: made by this device, at the place and of the size of a creation
        whose answer never came."""
        first, remote = versions[-1] if versions else None, self._trees.remote(node)
        if first is None or (first.version, first.device_id) != (1, self._own):
            return False
        intent = self._creation_of(first, remote.kind) if remote is not None else None
        if intent is None or self._trees.local(node) is not None:
            return False
        self._intents.remove(intent.node)
        for dirty in (intent.node, node):
            self._trees.mark_dirty(dirty)
        self._agree_on(node, first, intent)
        return True

    def _creation_of(self, first: KeptVersion, kind: Kind) -> Intent | None:
        parent = ROOT if first.parent_id is None else self._trees.node_of(first.parent_id)
        if parent is None:
            return None
        intent = self._creation_at(Place(parent, first.name), kind)
        if intent is None or intent.node not in self._intents.creations():
            return None
        return intent if first.size == intent.fingerprint.size or kind is Kind.FOLDER else None

    def _may_have_made(self, node: NodeKey, sent: Intent) -> bool:
        """A first version of this device's may be an older one's, of another kind, too."""
        local, remote = self._trees.local(sent.node), self._trees.remote(node)
        return local is None or remote is None or local.kind is remote.kind

    def _agree_on(self, node: NodeKey, made: KeptVersion, sent: Intent) -> None:
        if sent.node != node and self._trees.local(node) is None:
            self._trees.rekey_local(sent.node, node)
        local, old = self._trees.local(node), self._trees.base(node)
        known = self._trees.remote(node) or old or local
        if known is None:
            return
        content = Content(made.size, made.digest, made.checksum)
        entry = RemoteEntry(
            parent=sent.place.parent,
            name=sent.place.name,
            kind=known.kind,
            remote_id=self._trees.remote_id(node) or "",
            version=made.version,
            content=content if known.kind is Kind.FILE else None,
            executable=(local or known).executable,
            modified_ns=0,
        )
        self._settle(node, entry, sent, None)

    def _settle(
        self, node: NodeKey, entry: RemoteEntry, intent: Intent, before: RemoteEntry | None
    ) -> None:
        base = agreement.after_own(self._trees.base(node), entry, intent, before)
        if base is not None:
            self._trees.put_base(node, base)

    def _creation_at(self, place: Place, kind: Kind) -> Intent | None:
        intents = [
            intent
            for intent in self._intents.creations_at(place)
            if (local := self._trees.local(intent.node)) is None or local.kind is kind
        ]
        return intents[0] if intents else None
