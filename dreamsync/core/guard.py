"""The guard: so many deletions at once are first shown to the person.

Counts files at all depths, moves excluded, each side by itself, together with those executed in the
last ten minutes, so that a large deletion seen in pieces is judged whole.
"""

ALWAYS_ALLOWED = 25
SHARE_ALLOWED = 0.20
WINDOW_MS = 10 * 60 * 1000


def must_hold(*, deleting: int, recently_deleted: int, files: int) -> bool:
    """Whether to hold: `deleting` files now, `recently_deleted` in the window, of `files` that both
    sides last agreed on (before any of these deletions)."""
    allowed = max(ALWAYS_ALLOWED, SHARE_ALLOWED * files)
    return deleting > 0 and deleting + recently_deleted > allowed
