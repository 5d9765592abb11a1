"""Is the server there? When it is asked again, and what a failed call means for everything else."""

from dataclasses import dataclass
from enum import Enum

from dreamsync.core.status import Problem, Reason
from dreamsync.engine.context import Context
from dreamsync.message import N_, message_of
from dreamsync.remotes.errors import (
    HostRefused,
    NotTheContract,
    RemoteError,
    ServerTrouble,
    SignedOut,
    TokensOutOfReach,
    Untrusted,
)
from dreamsync.remotes.protocol import RemoteStatus

_FIRST_DELAY = 1.0
_LONGEST_DELAY = 60.0
_SIGNED_OUT_DELAY = 300.0


class Link(Enum):
    UNKNOWN = "unknown"
    ONLINE = "online"
    OFFLINE = "offline"
    SIGNED_OUT = "signed-out"


@dataclass(slots=True)
class Connection:
    """Back-off doubles with jitter up to a minute, and a push or a person's wish ends it.

    So does a connection that held for longer than the wait before it: a server that answers and
    then breaks the next call is asked ever less often, one that was away is as good as new.
    """

    context: Context
    link: Link = Link.UNKNOWN
    status: RemoteStatus | None = None
    problem: Problem | None = None
    retry_at: float = 0.0
    _attempts: int = 0
    _delay: float = 0.0
    _online_since: float = 0.0

    def connected(self, status: RemoteStatus) -> None:
        self.link = Link.ONLINE
        self.status = status
        self.problem = None
        self._online_since = self.context.clock.monotonic()

    def failed(self, error: RemoteError) -> None:
        now = self.context.clock.monotonic()
        if isinstance(error, SignedOut):
            self.link = Link.SIGNED_OUT
            self.retry_at = now + _SIGNED_OUT_DELAY
        else:
            if self.link is Link.ONLINE and now > self._online_since + self._delay:
                self._attempts = 0
            self._attempts += 1
            self._delay = min(_FIRST_DELAY * 2 ** min(self._attempts - 1, 10), _LONGEST_DELAY)
            asked = error.retry_after if isinstance(error, ServerTrouble) else None
            self.link = Link.OFFLINE
            self.retry_at = now + max(self._delay * self.context.random.jitter(), asked or 0.0)
        self.problem = self._worded(error)

    def retry_now(self) -> None:
        if self.link is not Link.ONLINE:
            self.retry_at = 0.0
            self._attempts = 0

    def _worded(self, error: RemoteError) -> Problem:
        reason = Reason.UNREACHABLE
        hint: str = N_("It is tried again by itself.")
        if isinstance(error, SignedOut):
            reason, hint = Reason.SIGNED_OUT, N_("Sign in again with `dreamsync login`.")
        elif isinstance(error, TokensOutOfReach):
            reason, hint = Reason.KEYRING, error.hint
        elif isinstance(error, Untrusted):
            reason = Reason.CERTIFICATE
            hint = N_(
                "Ask who runs the server whether its certificate was changed. If so, sign in or "
                "join again with the new fingerprint; if not, someone answers in its place."
            )
        elif isinstance(error, NotTheContract):
            reason = Reason.NOT_THE_CONTRACT
            hint = N_(
                "Something between here and the server answers in its place, such as the sign-in "
                "page of a public network; or the address is not a dreamsync server's."
            )
        elif isinstance(error, HostRefused):
            reason = Reason.HOST_REFUSED
            hint = N_("The server names a storage host that it has not announced: ask who runs it.")
        since_ms = self.problem.since_ms if self.problem else self.context.clock.now_ms()
        return Problem("", reason, message_of(error), hint, since_ms)
