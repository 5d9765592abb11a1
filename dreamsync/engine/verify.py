"""Verified state: each file's bytes read and compared with the digest that the server announced.

A file whose content changed while size and mtime did not is *suspect*: no program edits like that,
but a failing disk does. It is never uploaded over a good version: the server's version is restored,
and the local bytes are kept as a conflict copy.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from dreamsync.core.nodes import Content, Fingerprint, Kind, NodeKey
from dreamsync.core.status import VerifyReport
from dreamsync.engine.context import Context
from dreamsync.engine.jobs.reading import FileToRead, hash_content
from dreamsync.local.protocol import DiskError


class Match(Enum):
    SAME = "same"
    SUSPECT = "suspect"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Item:
    node: NodeKey
    path: str
    fingerprint: Fingerprint
    announced: Content


@dataclass(slots=True)
class Verification:
    """`items` and `note` belong to the engine's thread; `check` may run anywhere."""

    context: Context
    suspects: list[str] = field(default_factory=list)
    _matching: int = 0
    _checked: int = 0
    _unreadable: list[str] = field(default_factory=list)

    def items(self) -> Sequence[Item]:
        """All files that are in sync now, as far as the journal knows."""
        return [
            Item(node, path, local.fingerprint, remote.content)
            for node in self.context.journal.trees.based()
            if (local := self.context.journal.trees.local(node)) is not None
            and local.kind is Kind.FILE
            and (remote := self.context.journal.trees.remote(node)) is not None
            and remote.content is not None
            and (path := self.context.disk_path(node)) is not None
        ]

    def check(self, item: Item) -> Match:
        try:
            effects = hash_content(self.context.disk, FileToRead(item.path, item.fingerprint))
            while True:
                next(effects)
        except StopIteration as end:
            content: Content = end.value
            same = content.equals(item.announced) is True
            return Match.SAME if same else Match.SUSPECT
        except DiskError:
            return Match.UNREADABLE

    def note(self, item: Item, match: Match) -> None:
        """A suspect loses its base: both sides then differ without a common past, which keeps the
        server's bytes under the name and the local ones beside them."""
        self._checked += 1
        trees = self.context.journal.trees
        local = trees.local(item.node)
        if match is Match.SAME:
            self._matching += 1
        elif match is Match.UNREADABLE:
            self._unreadable.append(item.path)
        elif local is not None and local.fingerprint == item.fingerprint:
            with self.context.journal.transaction():
                unread = Content(local.fingerprint.size)
                trees.put_local(item.node, replace(local, content=unread))
                trees.drop_base(item.node)
            self.suspects.append(item.path)

    def report(self) -> VerifyReport:
        """Also notes when and for how many files this was true."""
        settings = self.context.journal.settings
        repaired = tuple(self.suspects)
        matching = self._matching + len(repaired)
        if not self._unreadable:
            with self.context.journal.transaction():
                settings.set("verified_at_ms", str(self.context.clock.now_ms()))
                settings.set("verified_files", str(matching))
        return VerifyReport(
            checked=self._checked,
            matching=self._matching,
            repaired=repaired,
            mismatched=tuple(self._unreadable),
            pending=self.context.journal.trees.pending_count(),
        )
