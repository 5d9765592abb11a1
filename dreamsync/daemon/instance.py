"""One instance: the engine with its loop, its watcher and its push stream, answering `Commands`.

The daemon runs it until it is told to stop; a command without a daemon opens it, asks, and closes
it. Both go through the same object.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from dreamsync.config.errors import ConfigError
from dreamsync.config.file import load_config
from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import Config
from dreamsync.control.commands import CommandError, ErrorCode, Keep
from dreamsync.core.ignore import IgnoreRules
from dreamsync.core.status import (
    Act,
    Activity,
    ConflictCopy,
    Hold,
    ItemState,
    ListedItem,
    Problem,
    Quota,
    State,
    Status,
    SyncSummary,
    VerifyReport,
)
from dreamsync.daemon.compose import compose, engine_settings
from dreamsync.daemon.known_errors import no_hold
from dreamsync.daemon.limits import Limits
from dreamsync.daemon.loop import Loop
from dreamsync.daemon.memory import Rest, share_arenas
from dreamsync.daemon.pause_rules import PauseRules
from dreamsync.daemon.progress import PROGRESS_SECONDS, Pace, Progress
from dreamsync.daemon.queries import Queries
from dreamsync.daemon.settings_file import continued, mistaken, needs_restart
from dreamsync.daemon.summary import summary_of
from dreamsync.daemon.surroundings import Surroundings
from dreamsync.daemon.troubles import Troubles
from dreamsync.daemon.verifying import noted, read_all_once_more
from dreamsync.engine.connection import Link
from dreamsync.engine.context import Context
from dreamsync.engine.engine import Engine
from dreamsync.engine.events import Event, Hinted, PauseChanged, SyncAsked
from dreamsync.engine.ignoring import load_rules
from dreamsync.engine.pausing import write_pause
from dreamsync.engine.status import engine_status, journal_status
from dreamsync.journal.database import is_full
from dreamsync.local.protocol import RootState, TrashItem
from dreamsync.message import N_, message_of
from dreamsync.remotes.errors import RemoteError
from dreamsync.remotes.protocol import KeptVersion

_log = logging.getLogger(__name__)

_WORKERS = 10
_PATIENCE = 0.03
_MOST_FAILURES = 5
_ROOM_SECONDS = 3.0
_FAILURES_WITHIN = 600.0
_LONGEST_STEP = 600.0
"""No step takes so long that is not stuck for good."""


def open_instance(paths: InstancePaths, config: Config) -> "Instance":
    """Nothing is started and nobody is asked yet. Raises `CommandError`."""
    limits = Limits(config.network)
    context, aside = compose(paths, config, limits)
    if aside is not None:
        _log.warning("the journal was damaged; it was put aside as %s and a new one begun", aside)
    return Instance(paths, config, context, limits)


class Instance:
    """Implements `control.commands.Commands`."""

    def __init__(
        self, paths: InstancePaths, config: Config, context: Context, limits: Limits
    ) -> None:
        self._paths = paths
        self._config = config
        self._context = context
        self._limits = limits
        self._troubles = Troubles()
        self._pause_rules = PauseRules(context, config.sync)
        self._surroundings: Surroundings | None = None
        self._journal = context.journal
        self._engine, self._loop = self._make_engine()
        self._queries = Queries(context)
        self._changed = threading.Condition()
        self._running = False
        self._rest = Rest(self._journal.release_memory)
        self._stop_event: threading.Event | None = None
        never_settled = self._journal.settings.get("last_sync_ms") is None
        self._pace = Pace()
        self._settled_tally = -1 if never_settled else 0
        self._status = self._described(journal_status(self._journal, now_ms=context.clock.now_ms()))

    def run(self, stop_event: threading.Event) -> None:
        """Sync until `stop_event` is set, which is noticed at once."""
        share_arenas()
        self._stop_event = stop_event
        self._running = True
        threading.Thread(target=self._stop_on, args=(stop_event,), daemon=True).start()
        self._surroundings = Surroundings(self._context, self._pause_rules, self._limits, self)
        self._surroundings.start(self._config)
        try:
            self._run_engine(stop_event)
        finally:
            self._running = False
            self._surroundings.stop()

    def is_alive(self) -> bool:
        return self._loop.busy_seconds() < _LONGEST_STEP

    def _run_engine(self, stop_event: threading.Event) -> None:
        """A step that raises has changed nothing durable: a new engine plans again from there. One
        that raises again and again is a defect that must not spin."""
        failures: list[float] = []
        while not stop_event.is_set():
            try:
                self._loop.run(until=stop_event.is_set)
            except Exception as error:
                if is_full(error):
                    self._wait_for_room(stop_event)
                    continue
                now = time.monotonic()
                failures = [at for at in failures if now - at < _FAILURES_WITHIN] + [now]
                if len(failures) > _MOST_FAILURES:
                    raise
                _log.exception("the engine failed; it begins again from the journal")
                self._begin_again()
                stop_event.wait(len(failures))

    def _wait_for_room(self, stop_event: threading.Event) -> None:
        """A full disk is no defect, however long it lasts; status says so meanwhile."""
        if self._troubles.note_no_room(self._context.clock):
            _log.warning("there is no room for the journal; it is tried again")
        self._begin_again()
        self._loop.call(self._refresh)
        stop_event.wait(_ROOM_SECONDS)

    def post(self, event: Event) -> None:
        """To whichever loop is running now."""
        self._loop.post(event)

    def between_steps(self, work: Callable[[], None]) -> None:
        self._loop.call(work)

    def _begin_again(self) -> None:
        self._loop.close()
        before = self._engine
        self._engine, self._loop = self._make_engine()
        self._engine.times_asked = before.times_asked
        self._engine.settler.tally.update(before.settler.tally)
        self._loop.post(SyncAsked())

    def _make_engine(self) -> tuple[Engine, Loop]:
        engine = Engine(self._context)
        loop = Loop(engine, workers=_WORKERS, senses=self._senses, after_step=self._after_step)
        return engine, loop

    def _senses(self) -> Sequence[Event]:
        return self._surroundings.senses() if self._surroundings is not None else ()

    def close(self) -> None:
        self._loop.close()
        try:
            if self._loop.whole:
                self._engine.end()
        finally:
            self._context.remote.close()
            self._journal.close()

    def status(self) -> Status:
        """Fresh where the engine is between two steps, else as of the last one: a person who asks
        must not wait for a long scan."""
        if self._running:
            return self._loop.call_within(_PATIENCE, self._refresh) or self._status
        return self._status

    def wait_for_status(self, *, after_revision: int, seconds: float) -> Status:
        with self._changed:
            self._changed.wait_for(lambda: self._status.revision != after_revision, seconds)
            return self._status

    def quota(self) -> Quota:
        try:
            said = self._context.remote.status()
        except RemoteError as error:
            raise CommandError(ErrorCode.UNREACHABLE, message_of(error)) from error
        return Quota(said.quota_used, said.quota_limit)

    def sync(self, *, on_progress: Callable[[Status], None] | None = None) -> SyncSummary:
        before = self._loop.call(lambda: dict(self._engine.settler.tally))
        asked = self._loop.call(lambda: self._engine.times_asked)
        self._loop.post(SyncAsked())
        progress = Progress(self.wait_for_status, on_progress)

        def finished() -> SyncSummary | None:
            """Asked between two steps: by the next one something new may have begun."""
            rested = self._engine.times_asked > asked and self._at_rest()
            return self._summary(before) if rested or self._troubles.no_room else None

        def rested() -> bool:
            progress.tell()
            return finished() is not None

        while (summary := self._loop.call(finished)) is None:
            if self._running:
                progress.tell()
                self._await_step()
            else:
                self._loop.run(until=rested)
        return summary

    def verify(self, *, on_progress: Callable[[int, int], None] | None = None) -> VerifyReport:
        summary = self.sync()
        if summary.state is State.SIGNED_OUT:
            raise CommandError(ErrorCode.SIGNED_OUT, N_("You are not signed in."))
        wait = self._await_step if self._running else None
        report = read_all_once_more(self._engine, self._loop, wait, on_progress)
        if report.repaired:
            self.sync()
        return self._loop.call(lambda: noted(self._engine, self._journal, report))

    def confirm(self, hold_id: str | None, *, reject: bool) -> Sequence[Hold]:
        def answer() -> Sequence[Hold]:
            listed = [hold.id for hold in self._journal.holds.all()]
            wanted = listed if hold_id is None else [hold_id]
            if not set(wanted) <= set(listed):
                raise no_hold(hold_id)
            with self._journal.transaction():
                return self._engine.deletions.answer(wanted, reject=reject)

        answered = self._loop.call(answer)
        self._loop.post(SyncAsked())
        return answered

    def held(self, hold_id: str) -> Sequence[str]:
        paths = self._loop.call(lambda: self._journal.holds.paths(hold_id))
        if not paths:
            raise no_hold(hold_id)
        return paths

    def pause(self, *, until_ms: int | None) -> None:
        def write() -> None:
            with self._journal.transaction():
                write_pause(self._journal.settings, until_ms=until_ms)

        self._loop.call(write)
        self._loop.post(PauseChanged())

    def resume(self) -> None:
        self._loop.call(self._pause_rules.resume)
        self._loop.post(PauseChanged())

    def activity(self, *, limit: int) -> Sequence[Activity]:
        return self._loop.call(lambda: self._journal.history.newest(limit))

    def conflicts(self) -> Sequence[ConflictCopy]:
        return self._loop.call(self._queries.conflicts)

    def resolve_conflict(self, path: str, keep: Keep) -> None:
        touched = self._loop.call(lambda: self._queries.resolve_conflict(path, keep))
        for changed in touched:
            self._loop.post(Hinted(changed))

    def history(self, path: str) -> Sequence[KeptVersion]:
        return self._queries.history(self._loop.call(lambda: self._queries.remote_id(path)))

    def restore(self, path: str, *, version: int | None) -> None:
        self._queries.restore(path, version, self._loop.call)
        self._loop.post(SyncAsked())
        if not self._running:
            self.sync()

    def list_items(self, path: str) -> Sequence[ListedItem]:
        return self._loop.call(lambda: self._queries.list_items(path, self._rules()))

    def item_states(self, paths: Sequence[str]) -> Sequence[ItemState]:
        return self._loop.call(lambda: self._queries.states.of_paths(paths, self._rules()))

    def explain_ignore(self, path: str) -> str | None:
        return self._loop.call(lambda: self._queries.explain_ignore(path, self._rules()))

    def add_ignore(self, pattern: str) -> None:
        self._loop.call(lambda: self._queries.add_ignore(pattern, self._config.folder.path))
        self._loop.post(SyncAsked())

    def trash(self) -> Sequence[TrashItem]:
        return list(self._context.disk.trash())

    def restore_from_trash(self, item_id: str) -> str:
        path = self._queries.restore_from_trash(item_id)
        self._loop.post(Hinted(path, deep=True))
        return path

    def reload_configuration(self) -> None:
        """Delays and limits take effect at once; account and folder with the next start. Where the
        file cannot be used, all stays as it was and the status says so."""
        try:
            config = load_config(self._paths.config_file)
        except ConfigError as error:
            self._loop.call(partial(self._note_settings, mistaken(error, self._context.clock)))
            raise CommandError(ErrorCode.CONFIGURATION, error.words, hint=error.hint) from error

        def apply() -> None:
            trouble = needs_restart(self._config, config, self._context.clock)
            self._config = continued(self._config, config)
            self._context.settings = engine_settings(self._config)
            self._limits.apply(config.network)
            self._pause_rules.use(config.sync)
            self._note_settings(trouble)

        self._loop.call(apply)
        self._loop.post(SyncAsked())

    def _note_settings(self, trouble: Problem | None) -> None:
        self._troubles.settings = trouble
        self._refresh()

    def stop(self) -> None:
        if self._stop_event is None:
            raise CommandError(ErrorCode.NOT_RUNNING, N_("The daemon is not running."))
        self._stop_event.set()

    def _rules(self) -> IgnoreRules:
        """Those in force; an engine that has not stepped yet has none."""
        if self._running:
            return self._engine.observer.rules
        with self._journal.transaction():
            return load_rules(self._context)[0]

    def _stop_on(self, stop_event: threading.Event) -> None:
        stop_event.wait()
        self._loop.stop()

    def _after_step(self) -> None:
        self._troubles.no_room = None
        if self._surroundings is not None and self._engine.root is RootState.PRESENT:
            self._surroundings.watch_again()
        if self._engine.settled:
            self._note_settled()
            self._rest.begun()
        else:
            self._rest.disturbed()
        if not self._engine.syncing or self._pace.due():
            self._refresh()

    def _note_settled(self) -> None:
        """For people: when all was last in sync. Written only when something has moved since."""
        moved = self._engine.settler.moved
        if moved != self._settled_tally:
            self._settled_tally = moved
            with self._journal.transaction():
                self._journal.settings.set("last_sync_ms", str(self._context.clock.now_ms()))
                self._journal.history.trim()

    def _refresh(self) -> Status:
        fresh = self._described(engine_status(self._context, self._engine))
        with self._changed:
            if replace(fresh, revision=self._status.revision) != self._status:
                self._status = replace(fresh, revision=self._status.revision + 1)
            self._changed.notify_all()
            return self._status

    def _described(self, status: Status) -> Status:
        config = self._config
        return replace(
            self._troubles.told_in(status),
            device_id=config.account.device_id,
            device_name=config.account.device_name,
            account=config.account.email,
            folder=config.folder.path,
            server=config.account.server,
            secrets=config.desktop.secrets.value,
        )

    def _at_rest(self) -> bool:
        engine = self._engine
        return engine.quiescent or (
            engine.connection.link in {Link.OFFLINE, Link.SIGNED_OUT}
            and not (engine.syncing or engine.talking)
        )

    def _summary(self, before: dict[Act, int]) -> SyncSummary:
        return summary_of(before, self._engine.settler.tally, self._refresh())

    def _await_step(self) -> None:
        with self._changed:
            self._changed.wait(PROGRESS_SECONDS)
        if not self._running:
            raise CommandError(ErrorCode.NOT_RUNNING, N_("The daemon was stopped."))
