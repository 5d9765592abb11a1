"""What the engine goes on from besides the trees: one small class for each table or two."""

from collections.abc import Sequence
from dataclasses import dataclass

from dreamsync.core.nodes import Fingerprint, NodeKey
from dreamsync.core.trees import Place
from dreamsync.journal.rows import fingerprint_cells
from dreamsync.journal.statements import Statements

_OVERTAKEN = """
SELECT intent.node, intent.node FROM intent CROSS JOIN remote USING (node)
WHERE remote.version > intent.base_version + 1
UNION
SELECT intent.node, intent.node FROM intent CROSS JOIN tombstone USING (node)
WHERE tombstone.version > intent.base_version + 1
UNION
SELECT intent.node, remote.node FROM intent
CROSS JOIN remote ON remote.parent = intent.parent AND remote.name = intent.name
WHERE intent.base_version = 0 AND remote.version > 1
AND remote.node NOT IN (SELECT node FROM base)
AND intent.node NOT IN (SELECT node FROM remote)
ORDER BY 2, 1
"""
"""Asked in each cycle: CROSS JOIN makes SQLite begin with the few intents, not the whole tree."""

_CREATION = "base_version = 0 AND node NOT IN (SELECT node FROM remote)"
_NEWCOMERS = f"""
SELECT node FROM remote WHERE version > 1
AND node >= (SELECT min(next_node) FROM intent WHERE {_CREATION})
AND node NOT IN (SELECT node FROM base) AND node NOT IN (SELECT node FROM local)
"""
_ADD = """
INSERT OR REPLACE INTO intent VALUES (
    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT value FROM counter WHERE name = 'next_node')
)
"""


class Settings:
    """Single values: the cursor, the device, the pause, how the last run ended.

    Asked many times in each cycle, so what was read is kept: nobody else writes to a journal that
    is open.
    """

    def __init__(self, statements: Statements) -> None:
        self._sql = statements
        self._known: dict[str, str | None] = {}

    def get(self, name: str) -> str | None:
        if name not in self._known:
            row = self._sql.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
            self._known[name] = row[0] if row else None
        return self._known[name]

    def set(self, name: str, value: str | None) -> None:
        if self.get(name) == value:
            return
        if value is None:
            self._sql.execute("DELETE FROM setting WHERE name = ?", (name,))
        else:
            self._sql.execute(
                "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", (name, value)
            )
        self._known[name] = value

    def undone(self) -> None:
        """What was set since the transaction began is not."""
        self._known.clear()

    def get_integer(self, name: str) -> int | None:
        value = self.get(name)
        return int(value) if value is not None else None


@dataclass(frozen=True, slots=True)
class Intent:
    """A mutation of `node` that was, or was about to be, sent with this base version.

    `place` is where the server will then have it; `fingerprint` the local file's when it was read
    for sending, `NO_FILE` where no content was sent."""

    node: NodeKey
    base_version: int
    place: Place
    fingerprint: Fingerprint
    at_ms: int


class Intents:
    def __init__(self, statements: Statements) -> None:
        self._sql = statements

    def add(self, intent: Intent) -> None:
        self._sql.later(
            "intent",
            intent.node,
            _ADD,
            (
                intent.node,
                intent.base_version,
                *intent.place,
                *fingerprint_cells(intent.fingerprint),
                intent.at_ms,
            ),
        )

    def of(self, node: NodeKey) -> Intent | None:
        row = self._sql.of_one("intent", node, "SELECT * FROM intent WHERE node = ?", (node,))
        found = row.fetchone()
        return _intent(found) if found else None

    def nodes(self) -> set[NodeKey]:
        """All of which something was sent, or was about to be, without an answer."""
        return {NodeKey(node) for (node,) in self._sql.execute("SELECT node FROM intent")}

    def any(self) -> bool:
        """Or there were some when the transaction began."""
        return not self._sql.is_empty("intent")

    def creations(self) -> set[NodeKey]:
        """Those of `nodes` that the server, as far as is known, does not have."""
        rows = self._sql.execute(f"SELECT node FROM intent WHERE {_CREATION}")
        return {NodeKey(node) for (node,) in rows}

    def newcomers(self) -> set[NodeKey]:
        """Nodes on the server only, not at their first version, that were not heard of before
        something was created that it does not seem to have."""
        return {NodeKey(node) for (node,) in self._sql.execute(_NEWCOMERS)}

    def creations_at(self, place: Place) -> Sequence[Intent]:
        """Creations at that place whose answers never came, the newest first."""
        return self._all("base_version = 0 AND parent = ? AND name = ?", *place)

    def overtaken(self) -> Sequence[tuple[Intent, NodeKey]]:
        """Intents whose node, or whose place where they create one, the server shows at a later
        version than they were to make; and the node that it has there."""
        rows = self._sql.execute(_OVERTAKEN).fetchall()
        return [(self._all("node = ?", node)[0], NodeKey(on_server)) for node, on_server in rows]

    def remove(self, node: NodeKey) -> None:
        self._sql.later("intent", node, "DELETE FROM intent WHERE node = ?", (node,))

    def clear(self) -> None:
        """No answer to what was sent can come any more."""
        self._sql.execute("DELETE FROM intent")

    def _all(self, condition: str, *values: object) -> Sequence[Intent]:
        rows = self._sql.execute(
            f"SELECT * FROM intent WHERE {condition} ORDER BY at_ms DESC, node DESC", values
        )
        return [_intent(row) for row in rows]


def _intent(row: tuple[int, int, int, str, int, int, int, int, int, int, int]) -> Intent:
    node, base_version, parent, name, *stat, at_ms, _ = row
    place = Place(NodeKey(parent), name)
    return Intent(NodeKey(node), base_version, place, Fingerprint(*stat), at_ms)


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A resumable upload: valid while file and base version are as they were. The server will put
    what it makes of it at `place`, wherever the file is by then."""

    session: str
    base_version: int
    place: Place
    fingerprint: Fingerprint


class Sessions:
    def __init__(self, statements: Statements) -> None:
        self._sql = statements

    def put(self, node: NodeKey, record: SessionRecord) -> None:
        self._sql.execute(
            "INSERT OR REPLACE INTO upload_session VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                node,
                record.session,
                record.base_version,
                *fingerprint_cells(record.fingerprint),
                *record.place,
            ),
        )

    def of(self, node: NodeKey) -> SessionRecord | None:
        if self._sql.is_empty("upload_session"):
            return None
        row = self._sql.execute("SELECT * FROM upload_session WHERE node = ?", (node,)).fetchone()
        if row is None:
            return None
        _, session, base_version, *stat, parent, name = row
        return SessionRecord(
            session, base_version, Place(NodeKey(parent), name), Fingerprint(*stat)
        )

    def remove(self, node: NodeKey) -> None:
        if not self._sql.is_empty("upload_session"):
            self._sql.execute("DELETE FROM upload_session WHERE node = ?", (node,))
