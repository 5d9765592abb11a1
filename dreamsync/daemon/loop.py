"""The engine's thread: events in, steps, jobs to a pool; and calls from other threads in between.

All of the engine and its journal belong to whichever thread is inside `_turn`; everybody else posts
events or asks for a call.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from dreamsync.engine.events import Event, Finished, Job, Noted, Outcome, ServerFailed, Woken
from dreamsync.local.protocol import DiskError
from dreamsync.message import N_, message_of
from dreamsync.remotes.errors import RemoteError, Unreachable

_log = logging.getLogger(__name__)

_Answer = TypeVar("_Answer")
_LONGEST_WAIT = 60.0
_STOPPING_SECONDS = 5.0


class Steppable(Protocol):
    """What the loop needs of an engine."""

    def step(self, events: list[Event]) -> list[Job]: ...

    def next_wake(self) -> float: ...


class Loop:
    """`senses` is asked in the loop's thread before each step what else has happened; `after_step`
    is called after each."""

    def __init__(
        self,
        engine: Steppable,
        *,
        workers: int,
        senses: Callable[[], Sequence[Event]],
        after_step: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._senses = senses
        self._after_step = after_step
        self._inbox: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="transfer")
        self._turn = threading.RLock()
        self._stopping = threading.Event()
        self._jobs = 0
        self._begun: float | None = None
        self.whole = True
        """Whether no step was broken off by an error."""

    def busy_seconds(self) -> float:
        """How long the step under way has taken so far; 0 between two steps."""
        begun = self._begun
        return 0.0 if begun is None else time.monotonic() - begun

    def post(self, event: Event) -> None:
        self._inbox.put(event)

    def wake(self) -> None:
        self._inbox.put(None)

    def call(self, question: Callable[[], _Answer]) -> _Answer:
        """The answer of `question`, asked between two steps."""
        with self._turn:
            return question()

    def call_within(self, seconds: float, question: Callable[[], _Answer]) -> _Answer | None:
        """The same; None where a step takes longer than that."""
        if not self._turn.acquire(timeout=seconds):
            return None
        try:
            return question()
        finally:
            self._turn.release()

    def run(self, until: Callable[[], bool]) -> None:
        """Step until `until` is true, which is asked after each step."""
        while not until() and not self._stopping.is_set():
            events = [*self._collect(), *self._senses()]
            with self._turn:
                self.whole = False
                self._begun = time.monotonic()
                for job in self._engine.step(events):
                    self._start(job)
                self._after_step()
                self.whole = True
                self._begun = None

    def stop(self) -> None:
        self._stopping.set()
        self.wake()

    def close(self) -> None:
        """Ends jobs at their next effect; what they have not reported is looked at again."""
        self._stopping.set()
        deadline = time.monotonic() + _STOPPING_SECONDS
        while self._jobs and time.monotonic() < deadline:
            self._take(min(0.1, _STOPPING_SECONDS))
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _collect(self) -> list[Event]:
        """What has been posted; waits for it until the engine wants to be woken."""
        with self._turn:
            wait = self._engine.next_wake() - time.monotonic()
        events: list[Event] = []
        first = self._take(max(0.0, min(wait, _LONGEST_WAIT)))
        if first is not None:
            events.append(first)
        while not self._inbox.empty():
            event = self._take(0.0)
            if event is not None:
                events.append(event)
        return events or [Woken()]

    def _take(self, seconds: float) -> Event | None:
        try:
            item = self._inbox.get(timeout=seconds) if seconds else self._inbox.get_nowait()
        except queue.Empty:
            return None
        if isinstance(item, Finished):
            self._jobs -= 1
        return item

    def _start(self, job: Job) -> None:
        self._jobs += 1
        self._pool.submit(self._drain, job)

    def _drain(self, job: Job) -> None:
        self.post(Finished(job.id, self._outcomes(job)))

    def _outcomes(self, job: Job) -> list[Outcome]:
        try:
            while not self._stopping.is_set():
                note = next(job.effects)
                if note is not None:
                    self.post(Noted(note))
            job.effects.close()
        except StopIteration as end:
            return list(end.value)
        except RemoteError as error:
            return [ServerFailed(error)]
        except DiskError as error:
            _log.warning("a transfer failed: %s: %s", error.path, error)
            return [
                ServerFailed(
                    Unreachable(N_("{path}: {message}", path=error.path, message=message_of(error)))
                )
            ]
        except Exception:
            # A defect: it must neither kill the loop nor make it spin, so all of it waits a while.
            _log.exception("a transfer failed unexpectedly")
            return [ServerFailed(Unreachable(N_("an unexpected error, see the log")))]
        return []
