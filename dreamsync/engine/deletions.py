"""Deletions, last of all: the guard's holds, the person's answers, and what may go on."""

from collections.abc import Collection, Iterable, Sequence

from dreamsync.core.guard import ALWAYS_ALLOWED, WINDOW_MS, must_hold
from dreamsync.core.nodes import Kind, NodeKey, Side
from dreamsync.core.operations import DeleteRemote, Deletion, Download, TrashLocal, Upload
from dreamsync.core.status import Hold
from dreamsync.engine.context import Context
from dreamsync.engine.queue import Effect
from dreamsync.journal.told import HeldNode
from dreamsync.message import N_

_FEWEST_TO_EMPTY = 2


class Deletions:
    """Each side is judged by itself: a hold on one never stops the other. `moved_out` tells what
    was renamed out of the folder."""

    def __init__(self, context: Context, moved_out: Collection[NodeKey]) -> None:
        self._context = context
        self._moved_out = moved_out
        self._judged_at = dict.fromkeys(Side, float("-inf"))
        self._trees = context.journal.trees
        self._holds = context.journal.holds

    def came_between(self, effects: Iterable[Effect]) -> None:
        """Where content comes, a folder is not being emptied: the deletion after it is no sequel to
        the one before."""
        for effect in effects:
            match effect:
                case Upload():
                    self._judged_at[Side.LOCAL] = float("-inf")
                case Download():
                    self._judged_at[Side.REMOTE] = float("-inf")
                case _:
                    pass

    def quiet(self, deletions: Sequence[Deletion], *, now: float) -> float:
        """Seconds without a local event after which they may be judged: until no more of them are
        to come, so that many are judged whole."""
        settings = self._context.settings
        if len(deletions) != 1 or not self._comes_alone(deletions[0], now=now):
            return settings.quiet
        few = self._trees.base_files() <= ALWAYS_ALLOWED
        return settings.quiet_alone_of_few if few else settings.quiet_alone

    def _comes_alone(self, deletion: Deletion, *, now: float) -> bool:
        """One file that a person has moved out, or that the guard of another device let pass.

        Never one that was deleted here, which may be the first of an `rm -r`; nor one of so few
        files that the folder could not be called emptied once those which follow are gone.
        """
        side = _side(deletion)
        if now < self._judged_at[side] + self._context.settings.quiet:
            return False
        if deletion.kind is not Kind.FILE or self._trees.base_files() <= _FEWEST_TO_EMPTY:
            return False
        return side is Side.REMOTE or deletion.node in self._moved_out

    def admit(self, deletions: Sequence[Deletion]) -> list[Deletion]:
        """Those that may be executed now. What must wait is put on hold; what is on hold and no
        longer a deletion is released."""
        planned = {deletion.node for deletion in deletions}
        held = self._holds.held()
        stale = held - planned
        if stale:
            self._holds.release(stale)
        approved = self._holds.approved()
        fresh = [deletion for deletion in deletions if deletion.node not in held]
        for deletion in deletions:
            self._judged_at[_side(deletion)] = self._context.clock.monotonic()
        admitted: list[Deletion] = []
        for side in Side:
            of_side = [deletion for deletion in fresh if _side(deletion) is side]
            admitted.extend(self._admit_side(side, of_side, approved))
        return admitted

    def _admit_side(
        self, side: Side, deletions: Sequence[Deletion], approved: set[NodeKey]
    ) -> Iterable[Deletion]:
        answered = [_confirmed(d) for d in deletions if d.confirmed or d.node in approved]
        asked = {deletion.node for deletion in answered}
        open_ones = [deletion for deletion in deletions if deletion.node not in asked]
        if not open_ones or not self._too_many(side, open_ones):
            return [*answered, *open_ones]
        self._hold(side, open_ones)
        return answered

    def _too_many(self, side: Side, deletions: Sequence[Deletion]) -> bool:
        now_ms = self._context.clock.now_ms()
        deleting = sum(1 for deletion in deletions if deletion.kind is Kind.FILE)
        recent = self._holds.recently_deleted(side, since_ms=now_ms - WINDOW_MS)
        files = self._trees.base_files()
        emptied = side is Side.LOCAL and files >= _FEWEST_TO_EMPTY and deleting >= files
        return emptied or must_hold(
            deleting=deleting, recently_deleted=recent, files=files + recent
        )

    def _hold(self, side: Side, deletions: Sequence[Deletion]) -> None:
        count = sum(1 for deletion in deletions if deletion.kind is Kind.FILE)
        nodes = [
            HeldNode(
                deletion.node,
                self._context.path(deletion.node, side.other),
                deletion.kind is Kind.FILE,
            )
            for deletion in deletions
        ]
        self._holds.add(
            self._context.random.token()[:8],
            side,
            nodes,
            reason=N_("{n} files were deleted on this computer", n=count)
            if side is Side.LOCAL
            else N_("{n} files were deleted on another device", n=count),
            since_ms=self._context.clock.now_ms(),
        )

    def answer(self, hold_ids: Iterable[str], *, reject: bool) -> list[Hold]:
        """Exactly these: approved ones go with the next cycle, rejected ones come back, because
        without base a node on one side only is new there."""
        wanted = set(hold_ids)
        answered = [hold for hold in self._holds.all() if hold.id in wanted]
        for hold in answered:
            nodes = self._holds.nodes(hold.id)
            for node in nodes:
                if reject:
                    self._trees.drop_base(node)
                self._trees.mark_dirty(node)
            if not reject:
                self._holds.approve(nodes)
            self._holds.release(nodes)
        return answered


def _side(deletion: Deletion) -> Side:
    """Where the deletion was made: what is to be deleted here was deleted there."""
    return Side.REMOTE if isinstance(deletion, TrashLocal) else Side.LOCAL


def _confirmed(deletion: Deletion) -> Deletion:
    if isinstance(deletion, TrashLocal):
        return TrashLocal(deletion.node, deletion.kind, deletion.expect, confirmed=True)
    return DeleteRemote(deletion.node, deletion.kind, deletion.expect, confirmed=True)
