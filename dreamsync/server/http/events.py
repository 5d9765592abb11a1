"""Push streams (server-sent events): a hint after each commit of a space.

A *subscription* is one open stream. Commits are told by writing threads; everything else happens
on the event loop, where an idle stream costs one timer. Cursors that come faster than a client
reads are merged: only the newest is sent.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable

from starlette.types import Receive, Scope, Send

from dreamsync.server.accounts.access import AccessClaims
from dreamsync.server.accounts.errors import TokenRefused

_HEARTBEAT = b": still here\n\n"
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class Subscription:
    """One open stream, used on the event loop only."""

    def __init__(self, space_id: str, claims: AccessClaims) -> None:
        self.space_id = space_id
        self.claims = claims
        self.ended = False
        self._cursor: str | None = None
        self._changed = asyncio.Event()

    def tell(self, cursor: str) -> None:
        self._cursor = cursor
        self._changed.set()

    def end(self) -> None:
        self.ended = True
        self._changed.set()

    async def next_cursor(self, timeout_s: float) -> str | None:
        """The newest untold cursor; None after `timeout_s` without one, or at the end."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._changed.wait()
        except TimeoutError:
            return None
        self._changed.clear()
        cursor, self._cursor = self._cursor, None
        return cursor


class EventHub:
    """All open streams of this process. `committed` and `revoked` may come from any thread."""

    def __init__(self) -> None:
        self._by_space: defaultdict[str, set[Subscription]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    @property
    def open_streams(self) -> int:
        return sum(len(subscriptions) for subscriptions in self._by_space.values())

    def open(self) -> None:
        """Belong to the running loop from now on."""
        self._loop = asyncio.get_running_loop()

    def close(self) -> None:
        """End every stream, and each new one at once: the server is about to stop."""
        self._closed = True
        for subscriptions in self._by_space.values():
            for subscription in subscriptions:
                subscription.end()

    def subscribe(self, space_id: str, claims: AccessClaims) -> Subscription:
        subscription = Subscription(space_id, claims)
        self._by_space[space_id].add(subscription)
        if self._closed:
            subscription.end()
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        subscriptions = self._by_space[subscription.space_id]
        subscriptions.discard(subscription)
        if not subscriptions:
            del self._by_space[subscription.space_id]

    def committed(self, space_id: str, cursor: str) -> None:
        self._on_loop(lambda: self._tell(space_id, cursor))

    def revoked(self, account_id: str, device_id: str) -> None:
        self._on_loop(lambda: self._end(account_id, device_id))

    def _on_loop(self, work: Callable[[], None]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(work)

    def _tell(self, space_id: str, cursor: str) -> None:
        for subscription in self._by_space.get(space_id, ()):
            subscription.tell(cursor)

    def _end(self, account_id: str, device_id: str) -> None:
        for subscriptions in self._by_space.values():
            for subscription in subscriptions:
                claims = subscription.claims
                if (claims.account_id, claims.device_id) == (account_id, device_id):
                    subscription.end()


class EventStream:
    """The ASGI answer that a subscription is written to.

    `head` reads the space's cursor, `check` raises `TokenRefused` once the device is signed out;
    it is asked at every heartbeat, which also finds what another process revoked.
    """

    def __init__(
        self,
        hub: EventHub,
        subscription: Subscription,
        *,
        head: Callable[[], Awaitable[str]],
        check: Callable[[], Awaitable[None]],
        heartbeat_s: float,
        lifetime_s: float,
    ) -> None:
        self._hub = hub
        self._subscription = subscription
        self._head = head
        self._check = check
        self._heartbeat_s = heartbeat_s
        self._lifetime_s = lifetime_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        watcher = asyncio.create_task(self._watch_for_disconnect(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await self._run(send)
            await send({"type": "http.response.body", "body": b""})
        finally:
            watcher.cancel()
            self._hub.unsubscribe(self._subscription)

    async def _run(self, send: Send) -> None:
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + self._lifetime_s
        await _write(send, _event(await self._head()))
        while not self._subscription.ended:
            left_s = ends_at - loop.time()
            if left_s <= 0:
                return
            cursor = await self._subscription.next_cursor(min(self._heartbeat_s, left_s))
            if cursor is not None:
                await _write(send, _event(cursor))
            elif not await self._beat(send):
                return

    async def _beat(self, send: Send) -> bool:
        """False where the stream must end."""
        if self._subscription.ended:
            return False
        try:
            await self._check()
        except TokenRefused:
            return False
        await _write(send, _HEARTBEAT)
        return True

    async def _watch_for_disconnect(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._subscription.end()


def _event(cursor: str) -> bytes:
    return f"event: cursor\ndata: {json.dumps({'cursor': cursor})}\n\n".encode()


async def _write(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})
