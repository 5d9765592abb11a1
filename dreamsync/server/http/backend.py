"""What every route has at hand, and the worker threads it may use."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from dreamsync.server.accounts.sessions import Sessions
from dreamsync.server.http.events import EventHub
from dreamsync.server.http.signed_urls import UrlSigner
from dreamsync.server.service import SyncService
from dreamsync.server.service.clock import Clock

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """`public_url`: where clients reach this server; None: whatever host they name.

    `heartbeat_s`: the longest silence on a push stream.
    """

    public_url: str | None = None
    heartbeat_s: float = 20.0


def _limit(threads: int) -> Callable[[], CapacityLimiter]:
    return lambda: CapacityLimiter(threads)


@dataclass(frozen=True, slots=True)
class Workers:
    """Threads by kind, so that none starves another.

    Many slow downloads must not hold up the feed, nor writers that wait for the one writing
    connection the readers; passwords are two at a time because each takes a core and 19 MiB.
    """

    reading: CapacityLimiter = field(default_factory=_limit(16))
    writing: CapacityLimiter = field(default_factory=_limit(8))
    moving_bytes: CapacityLimiter = field(default_factory=_limit(16))
    hashing_passwords: CapacityLimiter = field(default_factory=_limit(2))

    async def read(self, work: Callable[[], Result]) -> Result:
        return await to_thread.run_sync(work, limiter=self.reading)

    async def write(self, work: Callable[[], Result]) -> Result:
        return await to_thread.run_sync(work, limiter=self.writing)

    async def move_bytes(self, work: Callable[[], Result]) -> Result:
        return await to_thread.run_sync(work, limiter=self.moving_bytes)

    async def hash_password(self, work: Callable[[], Result]) -> Result:
        return await to_thread.run_sync(work, limiter=self.hashing_passwords)


@dataclass(frozen=True, slots=True)
class Backend:
    """The parts of one running server."""

    service: SyncService
    sessions: Sessions
    signer: UrlSigner
    hub: EventHub
    clock: Clock
    settings: HttpSettings
    workers: Workers
