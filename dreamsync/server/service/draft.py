"""A draft: what one commit is going to change, seen as if it had happened already.

Rules read through the draft and add to it; nothing is stored before `settle`. A rule refuses before
it changes its first node, and `attempt` takes back what it had counted until then, so an item of a
batch that is refused leaves no trace in the draft.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from dreamsync.core.nodes import Kind
from dreamsync.server.metadata.records import (
    Change,
    Commit,
    Content,
    Head,
    Node,
    Revision,
    StoredAnswer,
)
from dreamsync.server.metadata.store import Changes, SpaceWriter
from dreamsync.server.service.answers import Answer
from dreamsync.server.service.clock import Ids
from dreamsync.server.service.errors import NotFound, QuotaExceeded, ServiceError
from dreamsync.server.service.requests import Caller
from dreamsync.server.service.views import Views
from dreamsync.wire.sync_file import SyncFile


class Draft:
    """One commit of `caller` in the making."""

    def __init__(self, writer: SpaceWriter, caller: Caller, *, now_ms: int, ids: Ids) -> None:
        self.writer = writer
        self.caller = caller
        self.now_ms = now_ms
        self._ids = ids
        self._sequence = writer.head.sequence
        self._stored_bytes = writer.head.stored_bytes
        self._reserved_bytes = writer.head.reserved_bytes
        self._commit_id = ids.token()
        self._revisions: list[Revision] = []
        self._contents: list[Content] = []
        self._answers: dict[str, StoredAnswer] = {}
        self._closed_upload: str | None = None
        self._nodes: dict[str, Node] = {}
        self._stored: dict[str, Node] = {}
        self._children: dict[tuple[str, str], Node | None] = {}
        self.views = Views(self.nodes)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Around one rule: where it refuses, its contents and reservations are taken back."""
        used = self._stored_bytes, self._reserved_bytes
        contents, closed = len(self._contents), self._closed_upload
        try:
            yield
        except ServiceError:
            self._stored_bytes, self._reserved_bytes = used
            self._closed_upload = closed
            del self._contents[contents:]
            raise

    def foresee(self, node_ids: Iterable[str], positions: Iterable[tuple[str, str]]) -> None:
        """Read what a batch is going to ask for in a few queries instead of some for each item."""
        asked = set(positions)
        self._stored.update(self.writer.nodes({*node_ids, *(parent for parent, _ in asked)}))
        self._children.update(dict.fromkeys(asked))
        for node in self.writer.children(asked):
            self._children[node.parent_id, node.name] = node

    def nodes(self, node_ids: Iterable[str]) -> Mapping[str, Node]:
        wanted = set(node_ids)
        drafted = {node_id: self._nodes[node_id] for node_id in wanted & self._nodes.keys()}
        stored = self.writer.nodes(wanted - drafted.keys()) if len(drafted) < len(wanted) else {}
        return {**stored, **drafted}

    def node(self, node_id: str) -> Node | None:
        return self._nodes.get(node_id) or self._stored.get(node_id) or self.writer.node(node_id)

    def require(self, node_id: str) -> Node:
        node = self.node(node_id)
        if node is None:
            raise NotFound
        return node

    def child(self, parent_id: str, name: str) -> Node | None:
        position = parent_id, name
        if position not in self._children:
            self._children[position] = self.writer.child(parent_id, name)
        return self._children[position]

    def has_children(self, parent_id: str) -> bool:
        if any(not n.deleted and n.parent_id == parent_id for n in self._nodes.values()):
            return True
        # Every drafted node may hide one stored child: one more than those cannot be hidden.
        stored = self.writer.child_ids(parent_id, len(self._nodes) + 1)
        return any(node_id not in self._nodes for node_id in stored)

    def show(self, node: Node) -> SyncFile:
        return self.views.of(node)

    def add_content(self, content: Content) -> None:
        """Raise `QuotaExceeded`."""
        self._require_room(content.size)
        self._stored_bytes += content.size
        self._contents.append(content)

    def reserve(self, size: int) -> None:
        """Raise `QuotaExceeded`."""
        self._require_room(size)
        self._reserved_bytes += size

    def close_upload(self, upload_id: str, reserved: int) -> None:
        """The upload ends with this commit; its reservation makes room for the content."""
        self._reserved_bytes = max(0, self._reserved_bytes - reserved)
        self._closed_upload = upload_id

    def create(self, parent_id: str, name: str, kind: Kind) -> Node:
        """A node that is not there yet: pass what it shall be to `change`."""
        return Node(
            id=self._ids.node_id(),
            parent_id=parent_id,
            name=name,
            kind=kind,
            version=0,
            sequence=0,
            size=0,
            checksum=None,
            digest=None,
            content_id=None,
            executable=None,
            modified_ns=None,
            device_id="",
            created_ms=self.now_ms,
            updated_ms=0,
        )

    def change(self, before: Node, after: Node, change: Change) -> Node:
        """`after` becomes the node's next version; the sequence is issued here."""
        self._sequence += 1
        node = replace(
            after,
            version=before.version + 1,
            sequence=self._sequence,
            updated_ms=self.now_ms,
            device_id=self.caller.device_id,
        )
        self._revisions.append(Revision(node, change, self._commit_id))
        self._nodes[node.id] = node
        if not before.deleted and before.version:
            self._children[before.parent_id, before.name] = None
        if not node.deleted:
            self._children[node.parent_id, node.name] = node
        is_new = not before.version
        if node.kind is Kind.FOLDER and not is_new and _position(before) != _position(node):
            self.views.forget()
        return node

    def remembered(self, key: str) -> StoredAnswer | None:
        return self._answers.get(key)

    def remember(self, key: str, request_hash: str, answer: Answer) -> None:
        body = json.dumps(answer.file.to_json(), ensure_ascii=False)
        self._answers[key] = StoredAnswer(
            self.caller.account_id, key, request_hash, answer.status, body, self.now_ms
        )

    def settle(self) -> bool:
        """Store everything in one step; True where the space has a new commit."""
        if self._revisions:
            first = self._revisions[0].node.sequence
            commit = self._commit(first)
        else:
            commit = None
        head = self._head(commit)
        if commit is not None or self._answers or head != self.writer.head:
            self.writer.apply(self._changes(head, commit))
        return commit is not None

    def _commit(self, first: int) -> Commit:
        return Commit(
            self._commit_id,
            first,
            self._sequence,
            self.caller.account_id,
            self.caller.device_id,
            self.now_ms,
        )

    def _head(self, commit: Commit | None) -> Head:
        before = self.writer.head
        return replace(
            before,
            sequence=self._sequence,
            commit_id=before.commit_id if commit is None else commit.id,
            stored_bytes=self._stored_bytes,
            reserved_bytes=self._reserved_bytes,
        )

    def _changes(self, head: Head, commit: Commit | None) -> Changes:
        return Changes(
            head=head,
            commit=commit,
            revisions=self._revisions,
            contents=self._contents,
            answers=tuple(self._answers.values()),
            closed_upload=self._closed_upload,
        )

    def _require_room(self, wanted: int) -> None:
        used, limit = self._stored_bytes + self._reserved_bytes, self.writer.head.quota_limit
        if limit is not None and used + wanted > limit:
            raise QuotaExceeded(used=used, limit=limit, wanted=wanted)


def _position(node: Node) -> tuple[str, str]:
    return node.parent_id, node.name
