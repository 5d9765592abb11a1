"""What the journal keeps to tell people: problems, holds, history, conflicts; a class for each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dreamsync.core.nodes import NodeKey, Side
from dreamsync.core.status import Act, Activity, Hold, Problem, Reason, SkippedItem
from dreamsync.journal.statements import Statements
from dreamsync.message import packed, unpacked

_HOLD_SAMPLE = 10


@dataclass(frozen=True, slots=True)
class NodeProblem:
    """A problem of one node, with how often it was tried and when it is tried again."""

    node: NodeKey
    problem: Problem
    attempts: int
    next_ms: int


class Problems:
    def __init__(self, statements: Statements) -> None:
        self._sql = statements

    def put(self, record: NodeProblem) -> None:
        problem = record.problem
        self._sql.execute(
            "INSERT OR REPLACE INTO problem VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                record.node,
                problem.path,
                problem.reason.value,
                packed(problem.message),
                packed(problem.hint),
                problem.since_ms,
                record.attempts,
                record.next_ms,
            ),
        )

    def of(self, node: NodeKey) -> NodeProblem | None:
        row = self._sql.execute("SELECT * FROM problem WHERE node = ?", (node,)).fetchone()
        return _problem(row) if row else None

    def all(self) -> Sequence[NodeProblem]:
        return [_problem(row) for row in self._sql.execute("SELECT * FROM problem ORDER BY path")]

    def nodes(self) -> set[NodeKey]:
        return {NodeKey(node) for (node,) in self._sql.execute("SELECT node FROM problem")}

    def waiting(self, *, at_ms: int) -> set[NodeKey]:
        """Nodes that are not to be tried before a time after `at_ms`."""
        rows = self._sql.execute("SELECT node FROM problem WHERE next_ms > ?", (at_ms,))
        return {NodeKey(node) for (node,) in rows}

    def next_try_ms(self, *, after_ms: int) -> int | None:
        row = self._sql.execute(
            "SELECT min(next_ms) FROM problem WHERE next_ms > ?", (after_ms,)
        ).fetchone()
        return None if row[0] is None else int(row[0])

    def next_quick_try_ms(self) -> int | None:
        """When a file that has changed under our eyes only once or twice is tried again."""
        row = self._sql.execute(
            "SELECT min(next_ms) FROM problem WHERE reason = ? AND attempts <= 3",
            (Reason.KEEPS_CHANGING.value,),
        ).fetchone()
        return None if row[0] is None else int(row[0])

    def retry_all(self) -> None:
        self._sql.execute("UPDATE problem SET next_ms = 0 WHERE next_ms > 0")

    def remove(self, node: NodeKey) -> None:
        if self.any():
            self._sql.execute("DELETE FROM problem WHERE node = ?", (node,))

    def item_changed(self, node: NodeKey) -> None:
        """What failed may work now; only a file that keeps changing goes on waiting."""
        if self.any():
            self._sql.execute(
                "DELETE FROM problem WHERE node = ? AND reason != ?",
                (node, Reason.KEEPS_CHANGING.value),
            )

    def any(self) -> bool:
        """Or there were some earlier in the transaction."""
        return not self._sql.is_empty("problem")


def _problem(row: tuple[int, str, str, str, str, int, int, int]) -> NodeProblem:
    node, path, reason, message, hint, since_ms, attempts, next_ms = row
    problem = Problem(path, Reason(reason), unpacked(message), unpacked(hint), since_ms)
    return NodeProblem(NodeKey(node), problem, attempts, next_ms)


class SkippedItems:
    def __init__(self, statements: Statements) -> None:
        self._sql = statements

    def replace(self, folder: NodeKey, items: Iterable[SkippedItem]) -> None:
        """What the newest listing of that folder left alone; written only where it changed."""
        wanted = {(item.path, item.reason) for item in items}
        rows = self._sql.execute("SELECT path, reason FROM skipped WHERE folder = ?", (folder,))
        if set(rows) == wanted:
            return
        self._sql.execute("DELETE FROM skipped WHERE folder = ?", (folder,))
        self._sql.executemany(
            "INSERT OR REPLACE INTO skipped (path, folder, reason) VALUES (?, ?, ?)",
            ((path, folder, reason) for path, reason in wanted),
        )

    def has(self, path: str) -> bool:
        return bool(self._sql.execute("SELECT 1 FROM skipped WHERE path = ?", (path,)).fetchone())

    def folders(self) -> set[NodeKey]:
        """Those in which something is left alone."""
        return {NodeKey(node) for (node,) in self._sql.execute("SELECT folder FROM skipped")}

    def all(self) -> tuple[SkippedItem, ...]:
        rows = self._sql.execute("SELECT path, reason FROM skipped ORDER BY path")
        return tuple(SkippedItem(path, reason) for path, reason in rows)


@dataclass(frozen=True, slots=True)
class HeldNode:
    node: NodeKey
    path: str
    is_file: bool


class Holds:
    """Deletions that wait, and those that the person has answered for."""

    def __init__(self, statements: Statements) -> None:
        self._sql = statements

    def add(
        self, hold_id: str, side: Side, nodes: Iterable[HeldNode], *, reason: str, since_ms: int
    ) -> None:
        self._sql.execute(
            "INSERT INTO hold (id, side, reason, since_ms) VALUES (?, ?, ?, ?)",
            (hold_id, side.value, packed(reason), since_ms),
        )
        self._sql.executemany(
            "INSERT OR REPLACE INTO held (node, hold, path, is_file) VALUES (?, ?, ?, ?)",
            ((held.node, hold_id, held.path, held.is_file) for held in nodes),
        )

    def all(self) -> tuple[Hold, ...]:
        rows = self._sql.execute(
            "SELECT id, side, reason, since_ms FROM hold ORDER BY since_ms, id"
        ).fetchall()
        return tuple(self._hold(*row) for row in rows)

    def nodes(self, hold_id: str) -> Sequence[NodeKey]:
        rows = self._sql.execute("SELECT node FROM held WHERE hold = ?", (hold_id,))
        return [NodeKey(node) for (node,) in rows]

    def paths(self, hold_id: str) -> Sequence[str]:
        """All that wait under one hold, files first; empty where there is no such hold."""
        rows = self._sql.execute(
            "SELECT path FROM held WHERE hold = ? ORDER BY is_file DESC, path", (hold_id,)
        )
        return [path for (path,) in rows]

    def held(self) -> set[NodeKey]:
        return {NodeKey(node) for (node,) in self._sql.execute("SELECT node FROM held")}

    def holds(self, node: NodeKey) -> bool:
        return bool(self._sql.execute("SELECT 1 FROM held WHERE node = ?", (node,)).fetchone())

    def release(self, nodes: Iterable[NodeKey]) -> None:
        """These are no longer deletions, or no longer wait; an emptied hold ends."""
        self._sql.executemany("DELETE FROM held WHERE node = ?", ((node,) for node in nodes))
        self._sql.execute("DELETE FROM hold WHERE id NOT IN (SELECT hold FROM held)")

    def approve(self, nodes: Iterable[NodeKey]) -> None:
        self._sql.executemany(
            "INSERT OR IGNORE INTO approved (node) VALUES (?)", ((node,) for node in nodes)
        )

    def approved(self) -> set[NodeKey]:
        return {NodeKey(node) for (node,) in self._sql.execute("SELECT node FROM approved")}

    def note_deleted(self, side: Side, files: int, *, at_ms: int) -> None:
        self._sql.execute(
            "INSERT INTO deletion (at_ms, side, files) VALUES (?, ?, ?)", (at_ms, side.value, files)
        )

    def recently_deleted(self, side: Side, *, since_ms: int) -> int:
        row = self._sql.execute(
            "SELECT coalesce(sum(files), 0) FROM deletion WHERE side = ? AND at_ms >= ?",
            (side.value, since_ms),
        ).fetchone()
        return int(row[0])

    def forget_deletions(self, *, before_ms: int) -> None:
        self._sql.execute("DELETE FROM deletion WHERE at_ms < ?", (before_ms,))

    def _hold(self, hold_id: str, side: str, reason: str, since_ms: int) -> Hold:
        count, files = self._sql.execute(
            "SELECT count(*), coalesce(sum(is_file), 0) FROM held WHERE hold = ?", (hold_id,)
        ).fetchone()
        rows = self._sql.execute(
            "SELECT path FROM held WHERE hold = ? ORDER BY is_file DESC, path LIMIT ?",
            (hold_id, _HOLD_SAMPLE),
        )
        sample = tuple(path for (path,) in rows)
        return Hold(hold_id, Side(side), files or count, sample, unpacked(reason), since_ms)


class History:
    """What happened, for people; the oldest rows make room."""

    KEPT = 20_000

    def __init__(self, statements: Statements) -> None:
        self._sql = statements

    def add(self, activity: Activity) -> None:
        self._sql.later(
            "activity",
            object(),
            "INSERT INTO activity (at_ms, act, path, other_path, size) VALUES (?, ?, ?, ?, ?)",
            (
                activity.at_ms,
                activity.act.value,
                activity.path,
                activity.other_path,
                activity.size,
            ),
        )

    def newest(self, limit: int) -> Sequence[Activity]:
        rows = self._sql.execute(
            "SELECT at_ms, act, path, other_path, size FROM activity ORDER BY id DESC LIMIT ?",
            (limit,),
        )
        return [Activity(at, Act(act), path, other, size) for at, act, path, other, size in rows]

    def trim(self) -> None:
        self._sql.execute(
            "DELETE FROM activity WHERE id <= (SELECT max(id) FROM activity) - ?", (self.KEPT,)
        )


@dataclass(frozen=True, slots=True)
class ConflictRecord:
    """`node` is the copy; `original_node` had, and `original` is, the name it lost. Where another
    device has set it aside and nothing here has that name, both nodes are the copy."""

    node: NodeKey
    original_node: NodeKey
    original: str
    at_ms: int


class Conflicts:
    def __init__(self, statements: Statements) -> None:
        self._sql = statements

    def add(self, record: ConflictRecord) -> None:
        self._sql.execute(
            "INSERT OR REPLACE INTO conflict VALUES (?, ?, ?, ?)",
            (record.node, record.original_node, record.original, record.at_ms),
        )

    def all(self) -> Sequence[ConflictRecord]:
        rows = self._sql.execute("SELECT * FROM conflict ORDER BY at_ms DESC, node")
        return [
            ConflictRecord(NodeKey(node), NodeKey(original_node), original, at_ms)
            for node, original_node, original, at_ms in rows
        ]

    def newest(self) -> tuple[NodeKey, int, int] | None:
        """Of those whose copies are here under such a name: the last one's node and time, and how
        many there are. CROSS JOIN: SQLite begins with the conflicts, not with the whole tree."""
        row = self._sql.execute(
            "SELECT node, max(at_ms), count(*) FROM conflict CROSS JOIN local USING (node) "
            "WHERE local.name LIKE '% (conflict %'"
        ).fetchone()
        return None if row[0] is None else (NodeKey(row[0]), row[1], row[2])

    def remove(self, node: NodeKey) -> None:
        self._sql.execute("DELETE FROM conflict WHERE node = ?", (node,))
