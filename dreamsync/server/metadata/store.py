"""The seam between the rules and what keeps the metadata: `MetadataStore`.

A space is read through a `SpaceReader`, one state throughout, and written through a `SpaceWriter`,
which holds the space's head: writers of one space follow one another, and what a writer reads stays
true until it ends. Decisions are made above; a writer applies them in one step.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from dreamsync.server.metadata.records import (
    Acknowledgement,
    BlobRange,
    Block,
    Commit,
    Content,
    Head,
    Node,
    Revision,
    StoredAnswer,
    Upload,
)


class SpaceMissing(Exception):
    """There is no space of this id."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What one commit stores, all of it or nothing.

    `revisions` come in the order of their sequence; each is its node's new latest state.
    `head` already counts the contents added. `closed_upload` ends with this commit.
    """

    head: Head
    commit: Commit | None = None
    revisions: Sequence[Revision] = ()
    contents: Sequence[Content] = ()
    answers: Sequence[StoredAnswer] = ()
    closed_upload: str | None = None


@dataclass(frozen=True, slots=True)
class TrashPosition:
    """Where a listing of the trash goes on: after the node deleted then, with that id."""

    deleted_ms: int
    node_id: str


class SpaceReader(Protocol):
    """One state of one space. What is absent is None or empty, never an error."""

    @property
    def head(self) -> Head: ...

    def node(self, node_id: str) -> Node | None: ...

    def nodes(self, node_ids: Iterable[str]) -> Mapping[str, Node]: ...

    def child(self, parent_id: str, name: str) -> Node | None:
        """The live node of exactly this name."""
        ...

    def children(self, positions: Iterable[tuple[str, str]]) -> Sequence[Node]:
        """The live nodes that have one of these positions: parent and exact name."""
        ...

    def dead_child(self, parent_id: str, name: str, version: int) -> Node | None:
        """The tombstone at `version` that had this position, the latest of several."""
        ...

    def child_ids(self, parent_id: str, limit: int) -> Sequence[str]:
        """Live children, in no order, at most `limit`."""
        ...

    def height(self, folder_id: str) -> int:
        """How many levels of live nodes lie below the folder; 0 when it is empty."""
        ...

    def changes(self, *, after: int, limit: int, live_through: int) -> Sequence[Node]:
        """Nodes whose sequence is above `after`, in its order.

        Tombstones with a sequence up to `live_through` are left out.
        """
        ...

    def commit(self, commit_id: str) -> Commit | None: ...

    def commit_at(self, sequence: int) -> Commit | None:
        """The commit that issued `sequence`."""
        ...

    def revisions(self, node_id: str) -> Sequence[Revision]:
        """Newest first."""
        ...

    def revision(self, node_id: str, version: int) -> Revision | None: ...

    def trash(self, after: TrashPosition | None, limit: int) -> Sequence[Node]:
        """Tombstones, the latest deleted first."""
        ...

    def content(self, content_id: str) -> Content | None: ...

    def contents(self, content_ids: Iterable[str]) -> Mapping[str, Content]: ...

    def claimed_contents(self, limit: int) -> Sequence[Content]: ...

    def answer(self, account_id: str, key: str) -> StoredAnswer | None: ...

    def answers(self, account_id: str, keys: Iterable[str]) -> Mapping[str, StoredAnswer]: ...

    def upload(self, upload_id: str) -> Upload | None: ...

    def upload_blocks(self, upload_id: str, positions: range | None = None) -> Mapping[int, Block]:
        """By their positions; None stands for all."""
        ...

    def acknowledgements(self) -> Sequence[Acknowledgement]: ...

    def ranges_in(self, blob_object: str) -> Sequence[BlobRange]:
        """The ranges of this blob object that any content or upload names."""
        ...


class SpaceWriter(SpaceReader, Protocol):
    """The one writer of a space at a time."""

    def apply(self, changes: Changes) -> None: ...

    def put_head(self, head: Head) -> None: ...

    def put_upload(self, upload: Upload) -> None: ...

    def put_upload_blocks(self, upload_id: str, blocks: Mapping[int, Block]) -> None: ...

    def drop_upload(self, upload_id: str) -> None: ...

    def put_acknowledgement(self, acknowledgement: Acknowledgement) -> None: ...

    def drop_answers(self, *, before_ms: int) -> None: ...

    def expired_uploads(self, *, now_ms: int) -> Sequence[Upload]: ...

    def purge(self, *, before_ms: int, limit: int) -> int:
        """Forget tombstones and revisions whose day has passed; the number of rows forgotten.

        At most about `limit` of: tombstones deleted before, with all their revisions, and revisions
        superseded before. Contents that no revision names any more go with them. The head's
        `purged_through` and `stored_bytes` follow. 0: nothing is left to purge.
        """
        ...

    def confirm_content(self, content_id: str, checksum: str) -> None:
        """The content's checksum is now known: store it wherever the content is named."""
        ...

    def move_ranges(self, moves: Mapping[BlobRange, BlobRange]) -> None:
        """The same bytes now lie elsewhere: name the new place in every content and upload."""
        ...


class MetadataStore(Protocol):
    def read(self, space_id: str) -> AbstractContextManager[SpaceReader]:
        """Raise `SpaceMissing`."""
        ...

    def write(self, space_id: str) -> AbstractContextManager[SpaceWriter]:
        """Waits for the space's other writers. Raise `SpaceMissing`."""
        ...

    def create_space(self, head: Head, first: Commit) -> None: ...

    def add_member(self, space_id: str, account_id: str, *, joined_ms: int) -> None: ...

    def space_of_member(self, account_id: str, space_id: str | None) -> Head | None:
        """The space if the account is a member; None as id: the one it joined first."""
        ...

    def space_ids(self) -> Sequence[str]: ...

    def drop_space(self, space_id: str) -> None: ...

    def close(self) -> None: ...
