"""Spaces and their members."""

from dataclasses import replace

from dreamsync.server.blobs.store import BlobStore
from dreamsync.server.metadata.records import Commit, Head
from dreamsync.server.metadata.store import MetadataStore
from dreamsync.server.service.access import writing
from dreamsync.server.service.clock import Clock, Ids
from dreamsync.server.service.errors import NotFound


class Spaces:
    def __init__(
        self, metadata: MetadataStore, blobs: BlobStore, *, clock: Clock, ids: Ids
    ) -> None:
        self._metadata = metadata
        self._blobs = blobs
        self._clock = clock
        self._ids = ids

    def create(self, account_id: str, name: str, *, quota_limit: int | None = None) -> Head:
        """A new space whose first member is the account. `quota_limit` in bytes, None: no limit."""
        now_ms = self._clock.now_ms()
        # A first commit, of nothing: there is always a commit that a cursor can name.
        first = Commit(self._ids.token(), 0, 0, account_id, "", now_ms)
        head = Head(self._ids.node_id(), name, 0, first.id, quota_limit=quota_limit)
        self._metadata.create_space(head, first)
        self._metadata.add_member(head.space_id, account_id, joined_ms=now_ms)
        return head

    def resolve(self, account_id: str, space_id: str | None) -> Head:
        """The space, if the account is a member; None: the one it joined first.

        Raise `NotFound`, the same for a foreign space and for none.
        """
        head = self._metadata.space_of_member(account_id, space_id)
        if head is None:
            raise NotFound
        return head

    def set_quota(self, space_id: str, limit: int | None) -> None:
        """Below what is used, nothing is removed and nothing more is accepted."""
        with writing(self._metadata, space_id) as writer:
            writer.put_head(replace(writer.head, quota_limit=limit))

    def remove(self, space_id: str) -> None:
        """Forget the space, its members and its bytes, for ever."""
        self._metadata.drop_space(space_id)
        for stored in list(self._blobs.objects(space_id)):
            self._blobs.delete(stored.object)
