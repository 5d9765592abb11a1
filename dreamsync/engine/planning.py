"""Dirty nodes to planned operations, window by window; deletions once nothing else is left."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from dreamsync.core.decisions import Policy
from dreamsync.core.ignore import IgnoreRules
from dreamsync.core.nodes import Kind, NodeKey
from dreamsync.core.operations import Adopt, Deletion, Detach, Forget, Pair, Plan
from dreamsync.core.reconcile import reconcile
from dreamsync.core.trees import RememberingTrees
from dreamsync.engine.agreement import stands_as_agreed
from dreamsync.engine.context import Context
from dreamsync.engine.deletions import Deletions
from dreamsync.engine.queue import Effect, Queue
from dreamsync.engine.settle import Settler

_MOST_ROUNDS = 200
"""What the journal alone settles takes a few rounds; more is a defect that must not spin."""


@dataclass(frozen=True, slots=True)
class PassResult:
    """`planned` operations were queued; `deletions` wait for quiet; `more`: there are windows
    left, or nodes that have become others and want a plan of their own."""

    planned: int
    deletions: tuple[Deletion, ...]
    more: bool


class Planning:
    def __init__(
        self,
        context: Context,
        queue: Queue,
        settler: Settler,
        deletions: Deletions,
        *,
        rules: Callable[[], IgnoreRules],
        unsure: Callable[[], Collection[NodeKey]],
    ) -> None:
        """`unsure`: nodes that wait for an answer of the server."""
        self._context = context
        self._trees = context.journal.trees
        self._queue = queue
        self._settler = settler
        self._deletions = deletions
        self._rules = rules
        self._unsure = unsure
        self._settled_some = False

    def run(self) -> PassResult:
        """Plan all dirty nodes that are neither in flight nor waiting for another try."""
        planned = 0
        for _ in range(_MOST_ROUNDS):
            self._settled_some = False
            result = self._pass()
            planned += result.planned
            if not self._settled_some or result.more or result.planned:
                return replace(result, planned=planned)
        return PassResult(planned, (), more=False)

    def _pass(self) -> PassResult:
        waiting = self._context.journal.problems.waiting(at_ms=self._context.clock.now_ms())
        waiting.update(self._unsure())
        window = self._context.settings.window
        planned, after = 0, 0
        deletions: list[Deletion] = []
        while True:
            nodes = self._trees.dirty(after=after, limit=window)
            if not nodes:
                return PassResult(planned, tuple(deletions), more=False)
            if len(self._queue) >= window:
                return PassResult(planned, (), more=True)
            after = nodes[-1]
            plan = self._plan_window(
                [node for node in nodes if node not in self._queue.busy and node not in waiting]
            )
            effects = self._settle_journal_operations(plan)
            self._queue.add(effects)
            self._deletions.came_between(effects)
            planned += len(effects)
            deletions.extend(plan.deletions)

    def delete(self, deletions: tuple[Deletion, ...]) -> int:
        """Queue what the guard admits; how many."""
        admitted = self._deletions.admit(deletions)
        self._queue.add(admitted)
        return len(admitted)

    def _settle_journal_operations(self, plan: Plan) -> list[Effect]:
        """What concerns the journal alone is settled at once, and what that frees, or makes of
        one node another, is planned in the next pass; the rest."""
        effects: list[Effect] = []
        for operation in plan.operations:
            match operation:
                case Adopt(node=node) if not stands_as_agreed(self._trees, node):
                    effects.append(operation)
                case Adopt() | Pair() | Forget() | Detach():
                    self._settler.journal_operation(operation)
                    self._settled_some = True
                case _:
                    effects.append(operation)
        return effects

    def _plan_window(self, nodes: list[NodeKey]) -> Plan:
        policy = Policy(
            device=self._context.settings.device_name,
            ignores=self._rules().matches,
            moves_remotely=self._context.remote.capabilities.patch,
        )
        self._trees.read_ahead(nodes)
        trees = RememberingTrees(self._trees)
        plan = reconcile(trees, nodes, policy, busy=self._queue.busy)
        self._trees.mark_clean(plan.converged)
        self._forget_problems(plan.converged)
        return plan

    def _forget_problems(self, nodes: Sequence[NodeKey]) -> None:
        """What has nothing left to do has no problem either; but for a folder that is there, whose
        problem is that it cannot be listed."""
        problems = self._context.journal.problems
        if not problems.any():
            return
        for node in nodes:
            local = self._trees.local(node)
            if local is None or local.kind is Kind.FILE:
                problems.remove(node)
