"""The feed and its cursors.

A cursor names a commit: `SEQUENCE.COMMIT`. While a listing from zero is under way it is
`SEQUENCE.COMMIT.START`, START being the head when the listing began: deletions since then are told,
older ones are not, and a purge of older tombstones does not expire it.
"""

import re
from dataclasses import dataclass
from itertools import takewhile

from dreamsync.remotes.errors import CursorExpired, HistoryReplaced, InvalidRequest
from dreamsync.remotes.memory.space import Space
from dreamsync.remotes.protocol import Page

_CURSOR = re.compile(r"(\d{1,15})\.([^.]{1,64})(?:\.(\d{1,15}))?\Z", re.ASCII)


def head_cursor(space: Space) -> str:
    return f"{space.head}.{space.commits[-1]}"


def page_after(space: Space, since: str | None, limit: int) -> Page:
    """Raise `CursorExpired`, `HistoryReplaced` or, for what is no cursor, `InvalidRequest`."""
    position = _Position(0, space.head) if since is None else _position(space, since)
    if position.known_until < space.purged_until:
        raise CursorExpired("deletions after this position are no longer known")
    changed = takewhile(lambda item: item[1] > position.sequence, reversed(space.feed.items()))
    told = [item for item in reversed(list(changed)) if position.tells(space, *item)]
    page, more = told[:limit], len(told) > limit
    files = (space.nodes[node_id] for node_id, _ in page)
    return Page(
        files=tuple(space.answered(node) for node in files),
        cursor=position.after(space, page[-1][1]) if more else head_cursor(space),
        has_more=more,
    )


def ensure_known(space: Space, cursor: str | None) -> None:
    """Raise `HistoryReplaced` where a mutation's cursor names a commit that never was."""
    if cursor is not None:
        _position(space, cursor)


@dataclass(frozen=True, slots=True)
class _Position:
    """After `sequence`; `listing_start` is the head at the start of a listing from zero."""

    sequence: int
    listing_start: int | None = None

    @property
    def known_until(self) -> int:
        return self.sequence if self.listing_start is None else self.listing_start

    def tells(self, space: Space, node_id: str, sequence: int) -> bool:
        return sequence > self.known_until or not space.nodes[node_id].deleted

    def after(self, space: Space, sequence: int) -> str:
        start = "" if self.listing_start is None else f".{self.listing_start}"
        return f"{sequence}.{space.commits[sequence]}{start}"


def _position(space: Space, cursor: str) -> _Position:
    match = _CURSOR.match(cursor)
    if match is None:
        raise InvalidRequest(f"{cursor!r} is no cursor of this server")
    sequence = int(match[1])
    if sequence > space.head or space.commits[sequence] != match[2]:
        raise HistoryReplaced("the server does not know this commit; it was restored")
    return _Position(sequence, int(match[3]) if match[3] else None)
