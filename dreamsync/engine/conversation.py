"""What is asked of the server, one question at a time: to connect, for news, for histories.

The answers come back as outcomes. Transfers and changes are no questions: they run beside this.
"""

from dreamsync.engine.connection import Connection, Link
from dreamsync.engine.context import Context
from dreamsync.engine.events import Effects, Job
from dreamsync.engine.feed import Feed
from dreamsync.engine.jobs.changes import connect, read_feed, read_histories
from dreamsync.engine.queue import Queue

_POLL_BESIDE_PUSH = 300.0


class Conversation:
    """`planned`: nothing waits to be planned, so that what was acknowledged may be read again."""

    def __init__(self, context: Context, queue: Queue, feed: Feed, connection: Connection) -> None:
        self._context = context
        self._queue = queue
        self._feed = feed
        self._connection = connection
        self._next_poll = 0.0
        self._job: int | None = None
        self.push_live: bool | None = None

    @property
    def under_way(self) -> bool:
        return self._job is not None

    def ended(self, job: int) -> None:
        if job == self._job:
            self._job = None

    def next_due(self, now: float, *, planned: bool) -> float | None:
        """The monotonic time of the next question; None while none may be asked."""
        if not self._may_ask:
            return None
        if self._connection.link is not Link.ONLINE:
            return self._connection.retry_at
        return now if self._must_catch_up(planned=planned) else self._next_poll

    def talk(self, now: float, *, planned: bool) -> list[Job]:
        return self.ask(self._question(now, planned=planned)) if self._may_ask else []

    def ask(self, effects: Effects | None) -> list[Job]:
        if effects is None:
            return []
        job = self._queue.start(effects, long=True)
        self._job = job.id
        return [job]

    def _question(self, now: float, *, planned: bool) -> Effects | None:
        remote = self._context.remote
        if self._connection.link is not Link.ONLINE:
            return connect(remote) if now >= self._connection.retry_at else None
        if self._feed.due or now >= self._next_poll or self._must_catch_up(planned=planned):
            self._feed.due = False
            poll = _POLL_BESIDE_PUSH if self.push_live else self._context.settings.poll
            self._next_poll = now + poll * self._context.random.jitter()
            self._feed.read_begins()
            return read_feed(remote, self._feed.cursor)
        wanted = self._feed.histories_wanted()
        return read_histories(remote, wanted) if wanted else None

    def _must_catch_up(self, *, planned: bool) -> bool:
        return self._feed.behind and self._queue.idle and planned

    @property
    def _may_ask(self) -> bool:
        """Not while something runs that another history must refuse, since with the answer its
        cursor would be known again."""
        drained = not (self._feed.of_another_history and self._queue.working)
        return self._job is None and drained
