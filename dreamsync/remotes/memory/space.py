"""The state of the reference server: all of it in one object that can be copied and put back."""

from dataclasses import dataclass, field, replace

from dreamsync.core.nodes import Content
from dreamsync.remotes.protocol import Put
from dreamsync.wire.sync_file import SyncFile


@dataclass(frozen=True, slots=True)
class Revision:
    """One version of a node: its state, and what kind of change made it (`wire.CHANGES`)."""

    node: SyncFile
    change: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a key was answered, for a replay; `request` tells whether it is the same request."""

    request: object
    node: SyncFile


@dataclass(slots=True)
class Upload:
    """A session of a large file: the blocks received so far, by index."""

    put: Put
    block_size: int
    blocks: dict[int, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class Space:
    """Everything the server would find again after a restart.

    `nodes` holds live nodes and tombstones by id, without `file_name` (derived when answering).
    `feed` maps a node to the sequence of its latest change, in the order of the sequences.
    `commits[sequence]` is the random id of the commit that issued the sequence.
    `revisions[id][version - 1]` is a node's history. `blobs` keeps contents by digest.
    Tombstones up to sequence `purged_until` are gone.
    """

    commits: list[str]
    nodes: dict[str, SyncFile] = field(default_factory=dict)
    children: dict[str | None, dict[str, str]] = field(default_factory=dict)
    feed: dict[str, int] = field(default_factory=dict)
    revisions: dict[str, list[Revision]] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    acks: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    purged_until: int = 0

    @property
    def head(self) -> int:
        return len(self.commits) - 1

    @property
    def used(self) -> int:
        """Bytes that count against the quota: the live files."""
        return sum(node.file_size for node in self.nodes.values() if not node.deleted)

    def path(self, node: SyncFile) -> str:
        """The node's `fileName`; below a purged folder it begins at that folder."""
        parent = self.nodes.get(node.parent_id) if node.parent_id else None
        return node.name if parent is None else f"{self.path(parent)}/{node.name}"

    def answered(self, node: SyncFile) -> SyncFile:
        """The node as it is told to a client."""
        return replace(node, file_name=self.path(node))

    def record(self, node: SyncFile, change: str, commit: str) -> None:
        """Make `node` the newest state of its id, in history, feed and the index of names."""
        before = self.nodes.get(node.id)
        if before is not None and not before.deleted:
            del self.children[before.parent_id][before.name]
        if not node.deleted:
            self.children.setdefault(node.parent_id, {})[node.name] = node.id
        self.nodes[node.id] = node
        self.revisions.setdefault(node.id, []).append(Revision(node, change))
        self.commits.append(commit)
        self.feed.pop(node.id, None)
        self.feed[node.id] = self.head

    def purge_tombstones(self) -> None:
        for node_id in [id_ for id_, node in self.nodes.items() if node.deleted]:
            self.purged_until = max(self.purged_until, self.feed.pop(node_id))
            del self.nodes[node_id], self.revisions[node_id]

    def keep(self, content: bytes, identity: Content) -> None:
        if identity.digest is not None:
            self.blobs[identity.digest] = content

    def copy(self) -> "Space":
        """An independent copy; nodes, contents and revisions are immutable and shared."""
        return Space(
            commits=list(self.commits),
            nodes=dict(self.nodes),
            children={parent: dict(names) for parent, names in self.children.items()},
            feed=dict(self.feed),
            revisions={node_id: list(rows) for node_id, rows in self.revisions.items()},
            blobs=dict(self.blobs),
            answers=dict(self.answers),
            uploads={
                upload_id: Upload(upload.put, upload.block_size, dict(upload.blocks))
                for upload_id, upload in self.uploads.items()
            },
            acks=dict(self.acks),
            purged_until=self.purged_until,
        )
