"""The engine: `step` takes events and gives jobs. The cycle, in one place.

observe (hints and scans to the local tree, pages to the remote tree) -> plan -> jobs -> settle.

One step is one transaction of the journal: what its events changed is durable before any job that
it starts has an effect. A step that raises has changed nothing in the journal; whoever runs the
engine then makes a new one, which plans again from what is durable.
"""

from collections.abc import Sequence

from dreamsync.core.nodes import Kind
from dreamsync.core.operations import Deletion
from dreamsync.core.status import Paused
from dreamsync.engine.care import Care
from dreamsync.engine.connection import Connection, Link
from dreamsync.engine.context import Context
from dreamsync.engine.conversation import Conversation
from dreamsync.engine.deletions import Deletions
from dreamsync.engine.dispatch import Dispatcher
from dreamsync.engine.events import (
    Disturbed,
    Event,
    Finished,
    Hinted,
    Job,
    NetworkChanged,
    Noted,
    Outcome,
    PauseChanged,
    Pushed,
    PushState,
    SyncAsked,
    VerifyAsked,
    WatchStarted,
    WatchTroubled,
    Woken,
)
from dreamsync.engine.feed import Feed
from dreamsync.engine.ignoring import apply_rules, load_rules
from dreamsync.engine.observe import Observer
from dreamsync.engine.outcomes import Outcomes
from dreamsync.engine.pausing import pause_in_force
from dreamsync.engine.planning import Planning
from dreamsync.engine.queue import Queue
from dreamsync.engine.settle import Settler
from dreamsync.engine.stopping import note_end, note_work, take_over
from dreamsync.engine.verify import Verifier
from dreamsync.local.protocol import RootGone, RootState, WatchTrouble

_FOLDERS_A_STEP = 500
_ROOT_CHECK = 60.0
"""Seconds between looks at the marker of a folder in which nothing happens."""


class Engine:
    """One folder, one space. Single-threaded; holds no thread, queue of events, sleep or clock."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._journal = context.journal
        self._queue = Queue()
        self._busy = self._queue.busy
        self.observer = Observer(context, self._busy.__contains__, self._queue.lands_at)
        self._feed = Feed(context)
        self.settler = Settler(context, self._feed)
        self.deletions = Deletions(context, self.observer.intake.moved_out)
        self._dispatcher = Dispatcher(context, self._queue, self._may_trash_along)
        self._planning = Planning(
            context,
            self._queue,
            self.settler,
            self.deletions,
            rules=lambda: self.observer.rules,
            unsure=self._feed.unsure,
        )
        self.connection = Connection(context)
        self._conversation = Conversation(context, self._queue, self._feed, self.connection)
        self._care = Care(context)
        self._outcomes = Outcomes(
            context,
            self._queue,
            self.observer,
            self._feed,
            self.settler,
            self.connection,
            self._care,
        )
        self.root = RootState.PRESENT
        self.paused: Paused | None = None
        self.watch_trouble: tuple[WatchTrouble, str] | None = None
        self._root_checked = float("-inf")
        self._next_full_scan = 0.0
        self._plan_due = True
        self._planned_ms = 0
        self._waiting_deletions: tuple[Deletion, ...] | None = None
        self._started = False
        self.times_asked = 0
        self.verifier = Verifier(context, self.observer.look_again)
        context.remote.use_cursor(self._feed.cursor)

    def step(self, events: Sequence[Event]) -> list[Job]:
        with self._journal.transaction():
            before = self._journal.changes()
            if not self._started:
                self._start()
            for event in events:
                self._handle(event)
            jobs = self._advance()
            if self._journal.changes() != before:
                note_work(self._journal.settings)
            return jobs

    def end(self) -> None:
        """No step follows, and none was broken off: what this engine knows is what was."""
        if self._started and not self.observer.distrusts:
            with self._journal.transaction():
                note_end(self._journal.settings)

    @property
    def quiescent(self) -> bool:
        """Nothing to do: all looked at, feed at head, planned, nothing planned or running, and what
        is done once all else is (`care.py`) done too."""
        if self.root is not RootState.PRESENT or self.paused is not None:
            return self._idle
        return self.settled and not self._care_due

    @property
    def settled(self) -> bool:
        return (
            self._idle
            and self.observer.at_rest()
            and self._feed.complete
            and not self._feed.due
            and not self._feed.behind
            and not self._plan_due
            and not self._waiting_deletions
            and not self._soon()
        )

    @property
    def _care_due(self) -> bool:
        online = self.connection.link is Link.ONLINE
        return online and self._care.due(self._context.clock.monotonic())

    @property
    def talking(self) -> bool:
        """A question to the server is under way: what is known of it may be about to change."""
        return self._conversation.under_way

    @property
    def push_live(self) -> bool | None:
        """None until the push stream was tried."""
        return self._conversation.push_live

    @property
    def syncing(self) -> bool:
        """Something moves, or is about to; a poll of the feed alone is no syncing."""
        return self._queue.working or bool(self._waiting_deletions)

    def next_wake(self) -> float:
        """The monotonic time at which `step` is wanted if nothing happens before.

        What waits for a job to finish is no reason to wake: its end is an event.
        """
        now = self._context.clock.monotonic()
        if self.root is not RootState.PRESENT:
            return self._root_checked + self._context.settings.root_check
        if self._plan_due and self._can_plan and not self.observer.missing_something:
            return now
        if self.settled and self._care_due:
            return now
        times = [self._next_full_scan, self._root_checked + _ROOT_CHECK]
        due = self.observer.next_due()
        if due is not None:
            times.append(due)
        asks_at = self._conversation.next_due(now, planned=not self._plan_due)
        if asks_at is not None and self.paused is None:
            times.append(asks_at)
        if self._may_plan and self._only_quiet_is_missing:
            times.append(self._quiet_at(now))
        times.extend(self._delayed(now))
        if self.settled and self._care.flush_at is not None:
            times.append(self._care.flush_at)
        if self.settled or self.verifier.is_asked:
            times.append(self.verifier.next_due(now))
        return min(times)

    def _delayed(self, now: float) -> list[float]:
        """Wall-clock times (retries, the end of a pause) as monotonic ones."""
        now_ms = self._context.clock.now_ms()
        wanted = [self.paused.until_ms if self.paused is not None else None]
        if self._can_plan and not self.observer.missing_something:
            wanted.append(self._journal.problems.next_try_ms(after_ms=self._planned_ms))
        return [now + max(0, at - now_ms) / 1000 for at in wanted if at is not None]

    def _start(self) -> None:
        self._started = True
        self.observer.distrusts = take_over(self._context)
        self.observer.rules, changed = load_rules(self._context)
        if changed:
            apply_rules(self._context, self.observer.rules)

    @property
    def _idle(self) -> bool:
        return self._queue.idle and not self.talking

    def _soon(self) -> bool:
        """A file that is being written right now is tried again in a moment."""
        now_ms = self._context.clock.now_ms()
        next_ms = self._journal.problems.next_quick_try_ms()
        return next_ms is not None and next_ms > now_ms - 1

    def _handle(self, event: Event) -> None:
        now = self._context.clock.monotonic()
        match event:
            case Finished(job, outcomes):
                self._finished(job, outcomes)
            case Noted(note):
                self._outcomes.note(note)
            case Hinted(path, deep, sign):
                self.observer.hint(path, deep=deep, sign=sign, now=now, calm=self._queue.drained)
            case WatchTroubled(trouble, message):
                self._watch_troubled(trouble, message)
            case WatchStarted():
                self.watch_trouble = None
                self._next_full_scan = 0.0
            case Pushed() | NetworkChanged():
                self._feed.due = True
                self.connection.retry_now()
            case PushState(live):
                self._conversation.push_live = live
                self._feed.due = True
            case SyncAsked():
                self.times_asked += 1
                self._look_at_everything()
            case Disturbed():
                self._look_at_everything()
            case VerifyAsked():
                self.verifier.ask()
            case PauseChanged() | Woken():
                pass

    def _look_at_everything(self) -> None:
        self._next_full_scan = 0.0
        self._root_checked = float("-inf")
        self._feed.due = True
        self._plan_due = True
        self.connection.retry_now()
        self._journal.problems.retry_all()

    def _watch_troubled(self, trouble: WatchTrouble, message: str) -> None:
        """An overflow is over once all was looked at; without a watcher there is only looking."""
        self._next_full_scan = 0.0
        if trouble is not WatchTrouble.OVERFLOW:
            self.watch_trouble = (trouble, message)

    def _finished(self, job: int, outcomes: Sequence[Outcome]) -> None:
        before = self._journal.changes()
        if self.verifier.finished(job, outcomes):
            self._plan_due = self._plan_due or self._journal.changes() != before
            return
        self._conversation.ended(job)
        self._outcomes.take_all(outcomes)
        self._dispatcher.finished(job)
        self.observer.release()
        self._plan_due = True

    def _advance(self) -> list[Job]:
        now = self._context.clock.monotonic()
        now_ms = self._context.clock.now_ms()
        self.paused = pause_in_force(self._context)
        self._retry_what_is_due(now_ms)
        if not self._root_is_there(now):
            return []
        self._observe(now)
        if self.paused is not None:
            self._queue.clear()
            self._context.break_transfers_off()
            self._plan_due = True
            return self.verifier.jobs(now, at_rest=False)
        jobs = self._conversation.talk(now, planned=not self._plan_due)
        if self._may_plan:
            self._plan(now, now_ms)
            self._queue.let_some_go = False
            jobs.extend(self._dispatcher.jobs())
            self._plan_due = self._plan_due or self._queue.let_some_go
        jobs = jobs or self._take_care(now)
        at_rest = self.settled
        if at_rest:
            self.verifier.compare_if_due(moved=self.settler.moved)
        return [*jobs, *self.verifier.jobs(now, at_rest=at_rest)]

    def _retry_what_is_due(self, now_ms: int) -> None:
        retry_ms = self._journal.problems.next_try_ms(after_ms=self._planned_ms)
        if retry_ms is not None and retry_ms <= now_ms:
            self._plan_due = True

    def _root_is_there(self, now: float) -> bool:
        """Looked at before every scan, every plan that could take absence for deletion, and every
        deletion."""
        planning = self._plan_due or bool(self._waiting_deletions)
        work = not self.observer.at_rest() or planning or now >= self._next_full_scan
        if work or now >= self._root_checked + _ROOT_CHECK or self.root is not RootState.PRESENT:
            self._root_checked = now
            before, self.root = self.root, self._context.disk.root_state()
            if self.root is RootState.PRESENT and before is not RootState.PRESENT:
                self._next_full_scan, self._plan_due = 0.0, True
        if self.root is RootState.PRESENT:
            return True
        self.observer.forget_all()
        self._queue.clear()
        self.verifier.give_up()
        self._waiting_deletions = None
        return False

    def _observe(self, now: float) -> None:
        if now >= self._next_full_scan:
            interval = self._context.settings.full_scan
            if self.watch_trouble is not None:
                interval = self._context.settings.poll
            self._next_full_scan = now + interval
            self.observer.scan_all()
        due = self.observer.next_due()
        if due is None or due > now:
            return
        before = self._journal.changes()
        try:
            self.observer.run(now=now, folders=_FOLDERS_A_STEP)
        except RootGone:
            self._root_checked = float("-inf")
            self.observer.forget_all()
            self._next_full_scan = 0.0
        if self.observer.intake.ignore_file_changed:
            self._reload_rules()
        if self._journal.changes() != before:
            self._plan_due = True

    def _reload_rules(self) -> None:
        self.observer.intake.ignore_file_changed = False
        self.observer.rules, changed = load_rules(self._context)
        if changed:
            apply_rules(self._context, self.observer.rules)
            self.observer.scan_all()

    def _take_care(self, now: float) -> list[Job]:
        """What is done once all else is; before it is done there is no rest."""
        if not (self._may_plan and self.settled):
            return []
        return self._conversation.ask(self._care.effects(now))

    def _plan(self, now: float, now_ms: int) -> None:
        """While something is still to be looked at, absence in the local tree may be half a move;
        what is there can be planned, but nothing is called deleted."""
        due = self.observer.next_due()
        if self.observer.missing_something or (due is not None and due <= now):
            return
        if self._plan_due and not self._queue_full:
            self._plan_due = False
            self._planned_ms = now_ms
            result = self._planning.run()
            self._plan_due = result.more
            self._waiting_deletions = None if result.planned or result.more else result.deletions
        self._delete_if_quiet(now)

    @property
    def _may_plan(self) -> bool:
        return self.paused is None and self.connection.link is Link.ONLINE and self._feed.complete

    @property
    def _can_plan(self) -> bool:
        return self._may_plan and not self._queue_full

    @property
    def _queue_full(self) -> bool:
        return len(self._queue) >= self._context.settings.window

    def _quiet_at(self, now: float) -> float:
        quiet = self.deletions.quiet(self._waiting_deletions or (), now=now)
        return self.observer.last_hint + quiet

    @property
    def _only_quiet_is_missing(self) -> bool:
        return (
            self._waiting_deletions is not None
            and self.observer.at_rest()
            and not self._feed.due
            and not self.talking
            and self._queue.drained
        )

    def _delete_if_quiet(self, now: float) -> None:
        if self._only_quiet_is_missing and now >= self._quiet_at(now):
            deletions, self._waiting_deletions = self._waiting_deletions or (), None
            self._planning.delete(deletions)

    def _may_trash_along(self, path: str) -> bool:
        """What a folder deleted elsewhere may take to the trash: what is ignored here."""
        return any(self.observer.rules.matches(path, kind) for kind in Kind)
