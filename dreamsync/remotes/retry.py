"""`RetryingRemote`: a few quick retries, so that a hiccup of the network is nobody's problem.

Only errors that are `retryable` are retried, and only calls that are idempotent: reads, and
mutations, which carry the same key each time. Long back-off is the engine's scheduler's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from dreamsync.remotes.delegating import DelegatingRemote
from dreamsync.remotes.errors import NotTheContract, RemoteError, ServerTrouble, UrlExpired
from dreamsync.remotes.protocol import Remote

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """At most `attempts` in all, with pauses in seconds that double from `first_s` to `longest_s`.

    Each pause is drawn from half to the whole of that ("equal jitter"), so that devices which
    failed together do not come back together. A server that asks for more than `longest_s` is left
    to the scheduler at once.
    """

    attempts: int = 3
    first_s: float = 0.5
    longest_s: float = 5.0

    def pause(self, attempt: int, *, fraction: float) -> float:
        """The pause after attempt number `attempt`, from 1; `fraction` in [0, 1) is the jitter."""
        whole = min(self.first_s * 2.0 ** (attempt - 1), self.longest_s)
        return whole / 2 + whole / 2 * fraction


class RetryingRemote(DelegatingRemote):
    """`sleep` takes seconds, `random` draws from [0, 1)."""

    def __init__(
        self,
        inner: Remote,
        *,
        sleep: Callable[[float], None],
        random: Callable[[], float],
        policy: RetryPolicy | None = None,
    ) -> None:
        self._remote = inner
        self._sleep = sleep
        self._random = random
        self._policy = policy or RetryPolicy()

    @property
    def inner(self) -> Remote:
        return self._remote

    def _call(self, operation: Callable[[], _Answer]) -> _Answer:
        attempt = 1
        while True:
            try:
                return operation()
            except RemoteError as error:
                pause = self._pause_after(error, attempt)
                if pause is None:
                    raise
            self._sleep(pause)
            attempt += 1

    def _pause_after(self, error: RemoteError, attempt: int) -> float | None:
        """None where trying again at once is no use.

        A login page in the way does not go within seconds, and an expired URL stays expired.
        """
        hopeless = isinstance(error, NotTheContract | UrlExpired)
        if not error.retryable or hopeless or attempt >= self._policy.attempts:
            return None
        asked = (error.retry_after or 0.0) if isinstance(error, ServerTrouble) else 0.0
        if asked > self._policy.longest_s:
            return None
        return max(asked, self._policy.pause(attempt, fraction=self._random()))
