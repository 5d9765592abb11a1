"""Verified state: what the digests of both sides say, and whether the disk still holds these bytes.

*Comparison*, once a day and after changes: the digests that the journal has of both sides are
counted where they are equal. What a scan found unchanged has the digest of when it was last read.

*Rereading*: each file's bytes have their turn once in a round (of a month, if nothing else is
set), a slice at a time and only while nothing else is to do, with pauses that leave the processor
to others. How far a round has come outlives the process. A person who asks gets a round of their
own, without pauses.

A file whose bytes are others although nothing about it says so is *suspect*: no program edits like
that, but a failing disk does. It loses its base and is read once more; both sides then differ
without a common past, which restores the server's version and keeps the local bytes as a conflict
copy. Nothing of it is sent over the good version.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

from dreamsync.core.nodes import NodeKey
from dreamsync.core.status import VerifyReport
from dreamsync.core.suspects import is_damaged
from dreamsync.engine.context import Context
from dreamsync.engine.damage import note_damage
from dreamsync.engine.events import Effects, Job, Outcome, Reread
from dreamsync.engine.failures import concerns_the_moment, note_failure
from dreamsync.engine.jobs.rereading import FileOnceMore, reread

_DAY_MS = 24 * 3600 * 1000
_FILES_A_SLICE = 256
_BYTES_A_SLICE = 16 * 1024 * 1024
_FIRST_LOOK = 5.0
_BETWEEN_LOOKS = 3600.0
_PAUSE = 24.0
"""A pause is so many times as long as the slice before it took: less than 5 % of one processor."""
_BETWEEN_NOTES = 60.0
_ROUND = "reread"


@dataclass(slots=True)
class _Round:
    """All files up to the node `after`, `done` of them, have had their turn since `began_ms`."""

    began_ms: int
    after: int = 0
    done: int = 0


@dataclass(slots=True)
class Asked:
    """A person's round: `nodes` are still to be taken up. `over` once all have had their turn, or
    the folder is gone."""

    nodes: list[NodeKey]
    total: int
    checked: int = 0
    matching: int = 0
    damaged: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    over: bool = False


class Verifier:
    """`look_again` takes a path at which the disk is not as the journal has it."""

    def __init__(self, context: Context, look_again: Callable[[str], None]) -> None:
        self._context = context
        self._trees = context.journal.trees
        self._settings = context.journal.settings
        self._look_again = look_again
        self._begun: list[FileOnceMore] = []
        self._job: int | None = None
        self._jobs_made = 0
        self._job_began = 0.0
        self._round = self._noted_round()
        self._target: int | None = None
        self._next_look = context.clock.monotonic() + _FIRST_LOOK
        self._next_slice = 0.0
        self._next_note = 0.0
        self._compared_at = 0
        self.asked: Asked | None = None

    def ask(self) -> None:
        """A person wants all bytes read now."""
        nodes = list(self._trees.files_on_both_sides())
        self.asked = Asked(nodes, len(nodes), over=not nodes)
        self._begun.clear()

    @property
    def is_asked(self) -> bool:
        return self.asked is not None and not self.asked.over

    def give_up(self) -> None:
        """The folder is not there."""
        self._begun.clear()
        self._target = None
        if self.asked is not None:
            self.asked.over = True

    def compare_if_due(self, *, moved: int) -> None:
        """`moved` counts what was ever synced. Asked only while nothing is left to do."""
        now_ms = self._context.clock.now_ms()
        at_ms = self._settings.get_integer("verified_at_ms")
        passed = None if at_ms is None else now_ms - at_ms
        news = moved != self._compared_at
        if passed is None or not 0 <= passed < _DAY_MS or (news and passed >= self._dear_ms()):
            self.compare(moved=moved)

    def _dear_ms(self) -> int:
        """A comparison takes some 2 µs a file: it takes no more than a thousandth of all time."""
        return self._trees.base_files() * 2

    def compare(self, *, moved: int) -> None:
        self._compared_at = moved
        now_ms = self._context.clock.now_ms()
        self._settings.set("verified_at_ms", str(now_ms))
        self._settings.set("verified_files", str(self._trees.matching_files()))
        if self._round is None:
            self._begin_round(now_ms)

    def jobs(self, now: float, *, at_rest: bool) -> list[Job]:
        """The next slice, if it is time for one."""
        if self._job is not None:
            return []
        effects = None
        if self.asked is not None and not self.asked.over:
            effects = self._asked_slice(self.asked)
        elif at_rest and self._round is not None and self._is_due(now, self._round):
            effects = self._slice_of_round(self._round)
        if effects is None:
            return []
        self._jobs_made += 1
        self._job, self._job_began = -self._jobs_made, now
        return [Job(self._job, effects)]

    def next_due(self, now: float) -> float:
        """When a slice is wanted, if nothing else is to do; never while one is running."""
        if self._job is not None:
            return float("inf")
        if self.is_asked:
            return now
        return self._next_look if self._target is None else self._next_slice

    def finished(self, job: int, outcomes: Sequence[Outcome]) -> bool:
        """Whether the job was one of these; then what came of it is noted."""
        if job >= 0:
            return False
        if job == self._job:
            self._job = None
            now = self._context.clock.monotonic()
            self._next_slice = now + _PAUSE * (now - self._job_began)
        begun = {one.node for one in self._begun}
        seen = [one for one in outcomes if isinstance(one, Reread) and one.node in begun]
        ended = {outcome.node for outcome in seen}
        self._begun = [one for one in self._begun if one.node not in ended]
        for outcome in seen:
            self._take(outcome)
        self._advance_rounds(len(seen))
        return True

    def report(self) -> VerifyReport | None:
        """Of the person's round, once it is over."""
        asked = self.asked
        if asked is None or not asked.over:
            return None
        return VerifyReport(
            checked=asked.checked,
            matching=asked.matching,
            repaired=tuple(asked.damaged),
            mismatched=tuple(asked.unreadable),
            pending=self._trees.pending_count(),
        )

    def _asked_slice(self, asked: Asked) -> Effects | None:
        while asked.nodes and not self._begun:
            taken = asked.nodes[:_FILES_A_SLICE]
            del asked.nodes[:_FILES_A_SLICE]
            self._take_up(taken)
        if not self._begun:
            asked.over = True
            return None
        return reread(self._context.disk, self._begun, _BYTES_A_SLICE)

    def _is_due(self, now: float, of: _Round) -> bool:
        """Once an hour it is seen whether the round is behind its time."""
        if self._target is not None:
            return now >= self._next_slice
        if now < self._next_look:
            return False
        self._next_look = now + _BETWEEN_LOOKS
        expected = self._expected(of)
        if expected <= of.done:
            return False
        self._target = expected
        self._next_note = now + _BETWEEN_NOTES
        return True

    def _expected(self, of: _Round) -> int:
        """How many files should have had their turn by now."""
        length_ms = self._context.settings.reread * 1000
        if length_ms <= 0:
            return 0
        passed_ms = max(0, self._context.clock.now_ms() - of.began_ms)
        return int(self._trees.base_files() * min(1.0, passed_ms / length_ms))

    def _slice_of_round(self, of: _Round) -> Effects | None:
        if not self._begun:
            most = min(_FILES_A_SLICE, max(1, (self._target or 0) - of.done))
            nodes = self._trees.files_on_both_sides(after=of.after, limit=most)
            if not nodes:
                self._target = None
                self._begin_round(self._context.clock.now_ms())
                return None
            of.after = nodes[-1]
            of.done += len(nodes)
            self._take_up(nodes)
        return reread(self._context.disk, self._begun, _BYTES_A_SLICE)

    def _take_up(self, nodes: Sequence[NodeKey]) -> None:
        """What is to be synced is none of our matter: it is read then."""
        for node in nodes:
            local, path = self._trees.local(node), self._context.disk_path(node)
            in_sync = self._trees.base(node) is not None and not self._trees.is_dirty(node)
            if local is not None and path is not None and in_sync:
                self._begun.append(FileOnceMore.of(node, path, local.fingerprint))

    def _advance_rounds(self, files: int) -> None:
        asked = self.asked
        if asked is not None and not asked.over:
            asked.checked += files
            asked.over = not asked.nodes and not self._begun
            if asked.over:
                self._begin_round(self._context.clock.now_ms())
            return
        if self._target is None or self._round is None or self._begun:
            return
        now = self._context.clock.monotonic()
        if self._round.done >= self._target:
            self._target = None
        if self._round.done >= self._trees.base_files():
            self._begin_round(self._context.clock.now_ms())
        elif self._target is None or now >= self._next_note:
            self._next_note = now + _BETWEEN_NOTES
            self._note_round()

    def _take(self, outcome: Reread) -> None:
        """Nothing is made of a file that has changed since, or is about to be synced."""
        node = outcome.node
        local, remote = self._trees.local(node), self._trees.remote(node)
        if outcome.content is None:
            self._take_failure(outcome)
            return
        if local is None or remote is None or remote.content is None:
            return
        if local.fingerprint != outcome.fingerprint or self._trees.is_dirty(node):
            return
        if is_damaged(outcome.content, remote.content):
            self._take_damage(node)
            return
        self._context.journal.problems.remove(node)
        if self.asked is not None and not self.asked.over:
            self.asked.matching += 1

    def _take_damage(self, node: NodeKey) -> None:
        path = note_damage(self._context, node)
        if self.asked is not None and not self.asked.over:
            self.asked.damaged.append(path)

    def _take_failure(self, outcome: Reread) -> None:
        error, node = outcome.error, outcome.node
        if error is None:
            return
        if concerns_the_moment(error):
            self._look_again(error.path)
            return
        path = self._context.path(node)
        note_failure(self._context, node, path, error)
        if self.asked is not None and not self.asked.over:
            self.asked.unreadable.append(path)

    def _begin_round(self, now_ms: int) -> None:
        self._round = _Round(now_ms)
        self._note_round()

    def _note_round(self) -> None:
        if self._round is not None:
            self._settings.set(_ROUND, json.dumps(asdict(self._round)))

    def _noted_round(self) -> _Round | None:
        noted = self._settings.get(_ROUND)
        return None if noted is None else _Round(**json.loads(noted))
