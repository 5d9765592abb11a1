"""One device of the simulation: the real engine and journal, and whatever is under way on it."""

import heapq
import math
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from dreamsync.engine.context import Context, EngineSettings
from dreamsync.engine.engine import Engine
from dreamsync.engine.events import (
    Event,
    FeedRead,
    Finished,
    Hinted,
    Job,
    Noted,
    Outcome,
    ServerFailed,
    SyncAsked,
    VerifyAsked,
    Woken,
)
from dreamsync.journal.journal import Journal
from dreamsync.local.protocol import DiskError, Sign
from dreamsync.remotes.errors import RemoteError, Unreachable
from dreamsync.remotes.memory import MemoryRemote, MemoryServer
from dreamsync.remotes.protocol import Remote
from tests.simulation.disk import Broken, SimDisk
from tests.simulation.faults import DiskFaults, Happenings, NetworkFaults
from tests.simulation.file_system import FileSystem
from tests.simulation.network import FaultyRemote
from tests.simulation.scenario import Names, Scenario
from tests.simulation.trace import Trace
from tests.simulation.vigil import Vigil
from tests.support.counting_remote import CountingRemote

_EPOCH_MS = 1_700_000_000_000
_MOST_IDLE_WAKES = 300


@dataclass(slots=True)
class Time:
    """Virtual seconds of the whole world; `tick` keeps two file times from being the same."""

    seconds: float = 0.0
    tick: int = 0


@dataclass(slots=True)
class DeviceClock:
    time: Time
    skew_ms: int

    def now_ms(self) -> int:
        return _EPOCH_MS + self.skew_ms + int(self.time.seconds * 1000)

    def now_ns(self) -> int:
        self.time.tick += 1
        return self.now_ms() * 1_000_000 + self.time.tick

    def monotonic(self) -> float:
        return self.time.seconds


@dataclass(slots=True)
class SeededRandom:
    chance: random.Random

    def token(self) -> str:
        return f"{self.chance.getrandbits(128):032x}"

    def jitter(self) -> float:
        return self.chance.uniform(0.5, 1.5)


@cache
def _new_journal() -> bytes:
    """Making the tables takes longer than most of what follows."""
    journal = Journal(":memory:")
    try:
        return journal.image()
    finally:
        journal.close()


class SimDevice:
    """`act` does the next thing that is due: a step, or one effect of one job."""

    def __init__(
        self,
        name: str,
        server: MemoryServer,
        scenario: Scenario,
        *,
        index: int,
        time: Time,
        counts: Counter[str],
        tell: Callable[[str], None],
        trace: Trace | None,
    ) -> None:
        def stream(of: str) -> random.Random:
            return random.Random(f"{of} {name} {scenario.streams}")

        self.name = name
        self.time = time
        self.clock = DeviceClock(time, scenario.skew_ms[index])

        def tell_own(text: str) -> None:
            tell(f"{name}: {text}")

        self.tell: Callable[[str], None] = tell_own
        self.counts = counts

        def happenings(of: str) -> Happenings:
            return Happenings(f"{name} {of}", scenario.spared, counts, self.tell)

        self.disk_faults = DiskFaults(stream("disk"), scenario.disk_rate, happenings("disk"))
        rates = dict(scenario.network_rates)
        self.network = NetworkFaults(stream("network"), rates, happenings("network"))
        remote: Remote = MemoryRemote(server, name, hint_wait_s=0.0)
        self.counting = CountingRemote(trace.traced(name, remote) if trace else remote)
        self.remote = FaultyRemote(self.counting, self.network, stream("listings"))
        files = FileSystem(
            now_ns=self.clock.now_ns,
            folds_case=scenario.names[index] is Names.FOLDS,
            decomposes=scenario.names[index] is Names.DECOMPOSES,
        )
        self.disk = SimDisk(
            files, self.disk_faults, now_ms=self.clock.now_ms, has_bit=scenario.has_bit[index]
        )
        self.disk.on_change = self.hint
        self._random = SeededRandom(stream("engine"))
        self._order = stream("schedule")
        self._power = stream("power")
        self._signs = stream("signs")
        self._tells_ends = self._signs.random() < 0.8
        self._hint_loss = scenario.hint_loss
        self._parallel = stream("parallel").choice((1, 4, 4))
        self._inbox: list[tuple[float, int, Event]] = []
        self._posted = 0
        self._jobs: dict[int, tuple[float, Job]] = {}
        self._idle_wakes = 0
        self._last_wake = -1.0
        self._next_time: float | None = None
        self._engine_wake: float | None = None
        self._asleep_until = 0.0
        self.watching = True
        self.blind = False
        """A hint was lost since all was looked at last."""
        self.rots = False
        """Its disk has changed a file that nobody wrote to; only a reading of all can tell."""
        self._journal_image = _new_journal()
        self._open_journal(self._journal_image)

    def _open_journal(self, image: bytes) -> None:
        self.journal = Journal(":memory:", image=image)
        self._vigil = Vigil(self.name, self.disk, self.journal)
        self.start()

    def start(self) -> None:
        self._next_time = self._engine_wake = None
        self.context = Context(
            self.journal,
            self.disk,
            self.remote,
            self.clock,
            self._random,
            EngineSettings(
                device_id=self.name, device_name=self.name, copy_above=0, parallel=self._parallel
            ),
        )
        self.engine = Engine(self.context)

    def crash(self, *, power: bool) -> None:
        """The process ends wherever it is; with the power, what was not flushed may be gone."""
        self.tell("the power fails" if power else "dreamsync is killed")
        self.counts["power loss" if power else "crash"] += 1
        self._stop()
        if power:
            agreed = self._vigil.agreed_contents()
            self.disk.files.crash(self._power)
            self._vigil.power_was_lost(agreed)
        self.start()

    def _stop(self) -> None:
        if self._jobs:
            self.counts["crash with jobs under way"] += 1
        for _, job in self._jobs.values():
            job.effects.close()
        self._jobs.clear()
        self._inbox.clear()

    def lose_journal(self, *, older: bool) -> None:
        """Gone altogether, or as it was when it was last noted (someone put a backup back)."""
        self.tell("the journal is an older one now" if older else "the journal is lost")
        self._stop()
        image = self._journal_image if older else _new_journal()
        self.journal.close()
        self._open_journal(image)

    def rot(self, chance: random.Random, damage: Callable[[bytes], bytes]) -> None:
        """Change a file that is in sync, if there is one, and nothing that `lstat` shows."""
        agreed = {number for number, data in self._vigil.agreed_contents().items() if data}
        files = [item for item in self.disk.files.walk() if item[1].number in agreed]
        if not files:
            return
        path, inode = chance.choice(files)
        inode.data = inode.flushed = damage(inode.data)
        self.tell(f"the disk damages {path}: {inode.data!r}")
        self.counts["file damaged by its disk"] += 1
        self.rots = True

    def ask_verify(self) -> None:
        if self.rots:
            self.post(VerifyAsked())

    def note_journal(self) -> None:
        self._journal_image = self.journal.image()

    def sleep(self, seconds: float) -> None:
        """As when the lid is closed: nothing goes on, and the watcher's news wait."""
        self.tell(f"suspended for {seconds} s")
        self._asleep_until = self.time.seconds + seconds

    def post(self, event: Event, *, delay: float = 0.0) -> None:
        self._next_time = self._engine_wake = None
        self._posted += 1
        heapq.heappush(self._inbox, (self.time.seconds + delay, self._posted, event))

    def hint(self, path: str, sign: Sign) -> None:
        """As the watcher would; now and then late, now and then not at all. Not every system tells
        that a file was closed, and on those that do its writing may have been told before."""
        if self._order.random() < self._hint_loss or not self.watching:
            self.counts["hint lost"] += 1
            self.blind = True
            return
        delay = self._order.choice([0.0, 0.01, 0.2])
        deep = self._order.random() < 0.5
        if sign is Sign.FINISHED and not self._tells_ends:
            sign = Sign.CHANGING
        elif sign is Sign.FINISHED and self._signs.random() < 0.5:
            self.post(Hinted(path))
        self.counts[f"hint {sign.value}"] += 1
        self.post(Hinted(path, deep=deep, sign=sign), delay=delay)

    @property
    def at_rest(self) -> bool:
        return not self._inbox and not self._jobs and self.engine.quiescent

    def next_time(self) -> float:
        """Asked after each act of any device, and remembered until something happens to this; what
        the engine wants is asked only where nothing else is due already."""
        if self._next_time is None:
            times = [ready for ready, _ in self._jobs.values()]
            if self._inbox:
                times.append(self._inbox[0][0])
            self._next_time = min(times, default=math.inf)
            if self._next_time > self.time.seconds:
                self._next_time = min(self._next_time, self._wake_of_engine())
        return max(self._next_time, self.time.seconds, self._asleep_until)

    def _wake_of_engine(self) -> float:
        """Jobs that go on do not change it."""
        if self._engine_wake is None:
            self._engine_wake = self.engine.next_wake()
        return self._engine_wake

    def act(self) -> None:
        self._next_time = None
        now = self.time.seconds
        ready = sorted(number for number, (at, _) in self._jobs.items() if at <= now)
        due = bool(self._inbox) and self._inbox[0][0] <= now
        if ready and not (due and self._order.random() < 0.5):
            self._resume(self._order.choice(ready))
        elif due:
            events = []
            while self._inbox and self._inbox[0][0] <= now:
                events.append(heapq.heappop(self._inbox)[2])
            self._step(events)
        else:
            self._wake()

    def _wake(self) -> None:
        """Waking up again and again with nothing to do is a defect: it would burn a core."""
        now = self.time.seconds
        before = self.journal.changes()
        made = self._step([Woken()])
        idle = not made and self.journal.changes() == before and now - self._last_wake < 0.005
        self._idle_wakes = self._idle_wakes + 1 if idle else 0
        self._last_wake = now
        if self._idle_wakes > _MOST_IDLE_WAKES:
            raise Broken(f"{self.name} wakes again and again and does nothing")
        self.time.seconds += 0.001

    def _step(self, events: list[Event]) -> bool:
        self._engine_wake = None
        jobs = self.engine.step(events)
        self._vigil.jobs_begin(jobs)
        for job in jobs:
            self._jobs[job.id] = (self._soon(), job)
        return bool(jobs)

    def _soon(self) -> float:
        if self._order.random() < 0.03:
            return self.time.seconds + self._order.uniform(0.5, 15.0)
        return self.time.seconds + self._order.expovariate(1 / 0.01)

    def _resume(self, number: int) -> None:
        job = self._jobs[number][1]
        try:
            note = next(job.effects)
        except StopIteration as end:
            self._finish(number, end.value)
        except RemoteError as error:
            self._finish(number, [ServerFailed(error)])
        except DiskError as error:
            self.counts["disk error out of a job"] += 1
            self._finish(number, [ServerFailed(Unreachable(str(error)))])
        else:
            if note is not None:
                self.post(Noted(note))
            self._jobs[number] = (self._soon(), job)

    def _finish(self, number: int, outcomes: list[Outcome]) -> None:
        del self._jobs[number]
        self._tell_outcomes(outcomes)
        self._vigil.job_ended(outcomes, self.clock.now_ms())
        self.post(Finished(number, outcomes))

    def _tell_outcomes(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            self.counts["listing of nothing"] += self._names_nothing(outcome)
            operation = getattr(outcome, "operation", None)
            error = getattr(outcome, "error", None)
            subject = type(operation).__name__ if operation else ""
            node = getattr(operation, "node", None)
            path = self.context.path(node) if node is not None else ""
            failed = f" ({type(error).__name__}: {error})" if error else ""
            self.tell(f"{type(outcome).__name__} {subject} {node or ''} {path}{failed}")
            if error is not None:
                code = getattr(error, "code", None)
                which = f" {code.value}" if code else ""
                self.counts[f"outcome {type(error).__name__}{which}"] += 1
            elif subject:
                self.counts[f"done {subject}"] += 1

    def _names_nothing(self, outcome: Outcome) -> bool:
        """A full listing without any of what was agreed on: no deletion, it is all sent anew."""
        if not isinstance(outcome, FeedRead) or outcome.since is not None:
            return False
        named = any(not file.deleted for file in outcome.page.files)
        return not named and any(self.journal.trees.based())

    def ask_sync(self) -> None:
        self.blind = False
        self.post(SyncAsked())
