"""Care of a server: retention, garbage, claimed checksums. Safe beside writers and readers.

The order that keeps bytes safe: a blob is durable before the metadata names it, and is collected
only once nothing names it and its object has been quiet for the grace period, which is longer than
any write takes to be named.
"""

import hashlib
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from dreamsync.server.blobs.store import BlobError, BlobStore, StoredObject
from dreamsync.server.metadata.records import BlobRange, Commit, Content
from dreamsync.server.metadata.store import Changes, MetadataStore
from dreamsync.server.service.access import reading, writing
from dreamsync.server.service.clock import Clock, Ids
from dreamsync.server.service.commits import Commits
from dreamsync.server.service.cursors import Cursor
from dreamsync.server.service.uploads import release

DAY_MS = 24 * 3600 * 1000
RETENTION_MS = 30 * DAY_MS
ANSWERS_KEPT_MS = 7 * DAY_MS
GRACE_MS = 3600 * 1000

_PURGED_AT_ONCE = 500
"""Rows in one transaction, so that writers wait for milliseconds only."""

_SPARSE = 2
"""A pack is rewritten when less than one part in this many is still named."""


class Care:
    def __init__(
        self,
        metadata: MetadataStore,
        blobs: BlobStore,
        commits: Commits,
        *,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._metadata = metadata
        self._blobs = blobs
        self._commits = commits
        self._clock = clock
        self._ids = ids
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End care under way within moments: the server is about to end. What is left stays due."""
        self._stopping.set()

    def run(self) -> None:
        """Everything that is due; meant to be called hourly."""
        self.purge()
        self.confirm_checksums()
        self.collect_garbage()

    def purge(self, *, older_than_ms: int = RETENTION_MS) -> None:
        """Forget deletions and superseded versions of that age, answers, abandoned uploads."""
        now_ms = self._clock.now_ms()
        for space_id in self._spaces():
            while not self._stopping.is_set() and self._purge_some(
                space_id, before_ms=now_ms - older_than_ms
            ):
                pass
            with writing(self._metadata, space_id) as writer:
                writer.drop_answers(before_ms=now_ms - ANSWERS_KEPT_MS)
                for upload in writer.expired_uploads(now_ms=now_ms):
                    release(writer, upload)

    def expire_cursors(self) -> None:
        """Make every cursor given out so far `cursorExpired`: clients list everything again."""
        for space_id in self._spaces():
            self._expire(space_id)

    def confirm_checksums(self) -> None:
        """Read the contents whose MD5 is the client's word, and store what it is."""
        for space_id in self._spaces():
            skipped: set[str] = set()
            while claimed := self._claimed(space_id, skipped):
                for content in claimed:
                    if self._stopping.is_set():
                        return
                    if not self._confirm(space_id, content):
                        skipped.add(content.id)

    def collect_garbage(self, *, grace_ms: int = GRACE_MS) -> None:
        """Delete objects that nothing names; rewrite packs that are mostly garbage.

        Objects younger than `grace_ms` are left alone: their metadata may be about to come. Their
        age is by the system's clock, which stamped them, and not by the one injected.
        """
        for space_id in self._spaces():
            before_ms = time.time_ns() // 1_000_000 - grace_ms
            for stored in list(self._blobs.objects(space_id)):
                if stored.modified_ms <= before_ms and not self._stopping.is_set():
                    self._collect(space_id, stored)

    def _purge_some(self, space_id: str, *, before_ms: int) -> int:
        with writing(self._metadata, space_id) as writer:
            return writer.purge(before_ms=before_ms, limit=_PURGED_AT_ONCE)

    def _expire(self, space_id: str) -> None:
        with writing(self._metadata, space_id) as writer:
            sequence = writer.head.sequence + 1
            # A commit of nothing, so that even a cursor at the head is older than the purge.
            commit = Commit(self._ids.token(), sequence, sequence, "", "", self._clock.now_ms())
            head = replace(
                writer.head, sequence=sequence, commit_id=commit.id, purged_through=sequence
            )
            writer.apply(Changes(head=head, commit=commit))
        self._commits.tell(space_id, str(Cursor.at_head(head)))

    def _claimed(self, space_id: str, skipped: set[str]) -> list[Content]:
        with reading(self._metadata, space_id) as reader:
            claimed = reader.claimed_contents(_PURGED_AT_ONCE + len(skipped))
        return [content for content in claimed if content.id not in skipped]

    def _confirm(self, space_id: str, content: Content) -> bool:
        checksum = hashlib.md5(usedforsecurity=False)
        try:
            for block in content.blocks:
                for piece in self._blobs.read(block.at):
                    checksum.update(piece)
                    if self._stopping.is_set():
                        return False
        except BlobError:
            return False
        with writing(self._metadata, space_id) as writer:
            writer.confirm_content(content.id, checksum.hexdigest())
        return True

    def _collect(self, space_id: str, stored: StoredObject) -> None:
        with reading(self._metadata, space_id) as reader:
            ranges = reader.ranges_in(stored.object)
        if not ranges:
            self._blobs.delete(stored.object)
        elif sum(at.size for at in ranges) * _SPARSE < stored.size:
            with suppress(BlobError):  # Damaged: kept as it is, for whoever repairs the disk.
                self._rewrite(space_id, ranges)

    def _rewrite(self, space_id: str, ranges: Sequence[BlobRange]) -> None:
        """Copy what is still named; the old object is garbage at the next collection."""
        moves = {}
        with self._blobs.group(space_id) as group:
            for at in ranges:
                blob = group.add()
                for piece in self._blobs.read(at):
                    blob.write(piece)
                moves[at] = blob.finish()
            group.settle()
        with writing(self._metadata, space_id) as writer:
            writer.move_ranges(moves)

    def _spaces(self) -> Sequence[str]:
        return self._metadata.space_ids()
