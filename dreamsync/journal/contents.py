"""Which contents the server is known to have, and under which nodes."""

from dreamsync.core.nodes import Content, NodeKey, RemoteEntry
from dreamsync.journal.rows import REMOTE_COLUMNS, remote_entry
from dreamsync.journal.statements import Statements

INDEXED_ABOVE = 256 * 1024
"""Bytes. A smaller file with the same content is found only by reading the whole tree."""


class Contents:
    """Looked for by size and digest in the remote tree."""

    def __init__(self, statements: Statements) -> None:
        self._sql = statements

    def has_size(self, size: int, *, beside: NodeKey) -> bool:
        """Whether the server has a file of that size, other than `beside`, whose digest it told."""
        row = self._sql.execute(
            f"SELECT 1 FROM remote WHERE {_of_size(size)} AND node != ? LIMIT 1", (size, beside)
        ).fetchone()
        return row is not None

    def holder_of(self, content: Content, *, beside: NodeKey) -> RemoteEntry | None:
        """A file on the server, other than `beside`, with that digest and size."""
        row = self._sql.execute(
            f"SELECT remote_id, {REMOTE_COLUMNS} FROM remote JOIN identity USING (node) "
            f"WHERE {_of_size(content.size)} AND digest = ? AND node != ? LIMIT 1",
            (content.size, content.digest, beside),
        ).fetchone()
        return remote_entry(row[1:], row[0]) if row else None


def _of_size(size: int) -> str:
    """Says to SQLite that an index of large files only will do."""
    large = f" AND size > {INDEXED_ABOVE}" if size > INDEXED_ABOVE else ""
    return f"size = ?{large} AND kind = 0 AND digest IS NOT NULL"
