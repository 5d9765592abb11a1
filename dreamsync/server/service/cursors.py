"""Cursors: a position in a space's feed, as clients carry it.

A cursor names a commit by a sequence number that it issued and its random id, so that a server
restored from a backup knows the cursors it never gave out. While a full listing is under way the
cursor also carries the head at the listing's start: deletions up to there are of no interest to the
listing, so purging them does not expire it.
"""

import re
from dataclasses import dataclass

from dreamsync.server.metadata.records import Head
from dreamsync.server.metadata.store import SpaceReader
from dreamsync.server.service.errors import FeedBroken, Invalid

_CURSOR = re.compile(r"([0-9]{1,18})\.([0-9A-Za-z-]{1,64})(?:\.([0-9]{1,18}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cursor:
    sequence: int
    commit_id: str
    listed_from: int = 0

    @classmethod
    def at_head(cls, head: Head) -> "Cursor":
        return cls(head.sequence, head.commit_id)

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Raise `Invalid` where `text` is not a cursor at all."""
        match = _CURSOR.fullmatch(text)
        if match is None:
            raise Invalid.cursor()
        sequence, commit_id, listed_from = match.groups()
        return cls(int(sequence), commit_id, int(listed_from or 0))

    def __str__(self) -> str:
        plain = f"{self.sequence}.{self.commit_id}"
        return f"{plain}.{self.listed_from}" if self.listed_from > self.sequence else plain

    @property
    def live_through(self) -> int:
        """Tombstones up to this sequence are of no interest to whoever carries the cursor."""
        return max(self.sequence, self.listed_from)


def require_known(reader: SpaceReader, cursor: Cursor) -> None:
    """Raise `FeedBroken` (historyReplaced) where the cursor's commit is none of this space."""
    if (cursor.sequence, cursor.commit_id) == (reader.head.sequence, reader.head.commit_id):
        return
    commit = reader.commit(cursor.commit_id)
    if commit is None or not commit.first <= cursor.sequence <= commit.last:
        raise FeedBroken.replaced()


def require_fresh(reader: SpaceReader, cursor: Cursor) -> None:
    """Raise `FeedBroken` where the feed does not continue from the cursor."""
    require_known(reader, cursor)
    if cursor.live_through < reader.head.purged_through:
        raise FeedBroken.expired()
