"""Reading a space: its status, its feed, one node."""

from dreamsync.server.metadata.records import Node
from dreamsync.server.metadata.store import MetadataStore, SpaceReader
from dreamsync.server.service.access import reading
from dreamsync.server.service.answers import FeedPage, Quota, SpaceStatus
from dreamsync.server.service.cursors import Cursor, require_fresh
from dreamsync.server.service.errors import Invalid, NotFound
from dreamsync.server.service.requests import Caller
from dreamsync.server.service.views import Views
from dreamsync.wire.sync_file import SyncFile

MOST_ENTRIES = 5000


class Feed:
    """The latest state of each node in the order of commits."""

    def __init__(self, metadata: MetadataStore) -> None:
        self._metadata = metadata

    def status(self, caller: Caller) -> SpaceStatus:
        with reading(self._metadata, caller.space_id) as reader:
            head = reader.head
        quota = Quota(head.used_bytes, head.quota_limit)
        return SpaceStatus(head.space_id, head.name, str(Cursor.at_head(head)), quota)

    def head(self, space_id: str) -> str:
        """The cursor of the latest commit. Raise `NotFound`."""
        with reading(self._metadata, space_id) as reader:
            return str(Cursor.at_head(reader.head))

    def page(self, caller: Caller, since: str | None, limit: int) -> FeedPage:
        """What changed after `since`, at most `limit` nodes; without it, a listing from zero.

        Raise `Invalid`, `FeedBroken`.
        """
        if not 1 <= limit <= MOST_ENTRIES:
            raise Invalid.request(f"limit is 1 to {MOST_ENTRIES}.")
        cursor = None if since is None else Cursor.parse(since)
        with reading(self._metadata, caller.space_id) as reader:
            if cursor is None:
                cursor = Cursor(0, "", listed_from=reader.head.sequence)
            else:
                require_fresh(reader, cursor)
            nodes = reader.changes(
                after=cursor.sequence, limit=limit + 1, live_through=cursor.live_through
            )
            page = nodes[:limit]
            files = Views(reader.nodes).all_of(page)
            if len(nodes) <= limit:
                return FeedPage(files, str(Cursor.at_head(reader.head)), has_more=False)
            return FeedPage(files, str(_cursor_at(reader, page[-1], cursor)), has_more=True)

    def file(self, caller: Caller, file_id: str) -> SyncFile:
        """Raise `NotFound`. Tombstones are shown too."""
        with reading(self._metadata, caller.space_id) as reader:
            node = reader.node(file_id)
            if node is None:
                raise NotFound
            return Views(reader.nodes).of(node)


def _cursor_at(reader: SpaceReader, node: Node, before: Cursor) -> Cursor:
    commit = reader.commit_at(node.sequence)
    commit_id = reader.head.commit_id if commit is None else commit.id
    return Cursor(node.sequence, commit_id, before.listed_from)
