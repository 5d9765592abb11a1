"""`FaultyRemote`: the distance between a device and the server."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TypeVar

from dreamsync.remotes.delegating import DelegatingRemote
from dreamsync.remotes.errors import (
    NotTheContract,
    QuotaExceeded,
    Refused,
    RemoteError,
    ServerTrouble,
    SignedOut,
    Throttled,
    Unreachable,
    UrlExpired,
)
from dreamsync.remotes.protocol import Fetch, Page, Put, PutResult, Remote, Sent, Source
from dreamsync.wire.sync_file import SyncFile
from tests.simulation.faults import NetworkFaults

_Answer = TypeVar("_Answer")

_OF_CALLS = (
    "request lost",
    "answer lost",
    "duplicate",
    "late effect",
    "trouble",
    "trouble after effect",
    "throttled",
    "garbage",
    "signed out",
)
_OF_UPLOADS = ("request lost", "answer lost", "trouble", "throttled", "quota full", "signed out")
_OF_DOWNLOADS = (
    "request lost",
    "answer lost",
    "trouble",
    "throttled",
    "url expired",
    "truncated",
    "wrong bytes",
)


_NO_HISTORY = Page((), "0." + "e" * 32, has_more=False)
_EMPTY_LISTS = 0.15


class FaultyRemote(DelegatingRemote):
    """Pages are cut short, so that other devices' commits come in between; now and then a listing
    of everything, drawn from `listings`, is answered by a server that has come up with nothing."""

    def __init__(self, inner: Remote, faults: NetworkFaults, listings: random.Random) -> None:
        self._inner = inner
        self._faults = faults
        self._listings = listings
        self._cursor: str | None = None

    @property
    def inner(self) -> Remote:
        return self._inner

    def _call(self, operation: Callable[[], _Answer]) -> _Answer:
        self._reach()
        fault = self._faults.draw(_OF_CALLS, "a call")
        if fault is None:
            return operation()
        _fail_before(fault)
        if fault == "late effect":
            self._faults.late.append(self._delayed(operation))
            raise Unreachable("the request is still on its way")
        answer = operation()
        if fault == "duplicate":
            return operation()
        _fail_after(fault)
        return answer

    def _reach(self) -> None:
        if self._faults.offline:
            raise Unreachable("there is no network")

    def use_cursor(self, cursor: str | None) -> None:
        self._cursor = cursor
        self.inner.use_cursor(cursor)

    def _delayed(self, operation: Callable[[], object]) -> Callable[[], None]:
        """A request that its sender has given up arrives after all, as it was sent."""
        sent_with = self._cursor

        def arrive() -> None:
            self.inner.use_cursor(sent_with)
            with suppress(RemoteError):
                operation()
            self.inner.use_cursor(self._cursor)

        return arrive

    def changes(self, since: str | None, *, limit: int = 1000) -> Page:
        cut = self._faults.chance.choice([1, 2, 5, limit]) if self._faults.on else limit
        if since is None and self._faults.rates and self._listings.random() < _EMPTY_LISTS:
            self._reach()
            if self._faults.happens("a listing", "empty list"):
                return _NO_HISTORY
        return self._call(lambda: self.inner.changes(since, limit=cut))

    def upload(self, put: Put, sent: Sent) -> SyncFile:
        self._reach()
        fault = self._faults.draw(_OF_UPLOADS, "an upload")
        if fault is not None:
            _fail_before(fault)
        file = self.inner.upload(put, sent)
        if fault is not None:
            _fail_after(fault)
        return file

    def copy(self, put: Put, source: Source) -> SyncFile:
        file = super().copy(put, source)
        self._faults.happenings.counts["copied on the server"] += 1
        return file

    def upload_batch(self, items: Sequence[tuple[Put, bytes]]) -> Sequence[PutResult]:
        kept = list(items)
        refused: list[PutResult] = []
        if self._faults.draw(("quota full",), "the last of a batch of uploads") is not None:
            kept.pop()
            refused = [QuotaExceeded("507 the account's storage is full")]
        return [*(self._call(lambda: self.inner.upload_batch(kept)) if kept else ()), *refused]

    def download(self, fetch: Fetch, *, offset: int = 0, end: int | None = None) -> Iterator[bytes]:
        self._reach()
        fault = self._faults.draw(_OF_DOWNLOADS, "a download")
        if fault is not None:
            _fail_before(fault)
            _fail_after(fault)
        body = b"".join(self.inner.download(fetch, offset=offset, end=end))
        if fault == "wrong bytes":
            body = _damaged(body)
        end = len(body) // 2 if fault == "truncated" else len(body)
        for start in range(0, end, 16):
            yield body[start : min(start + 16, end)]
            self._reach()
        if fault == "truncated":
            raise Unreachable("the body ended early")

    def download_batch(self, items: Sequence[Fetch]) -> Sequence[bytes | Refused]:
        bodies = list(self._call(lambda: self.inner.download_batch(items)))
        fault = self._faults.draw(("wrong bytes",), "a batch of downloads")
        if fault is not None and bodies and isinstance(bodies[0], bytes):
            bodies[0] = _damaged(bodies[0])
        return bodies


def _fail_before(fault: str) -> None:
    if fault == "request lost":
        raise Unreachable("the request was lost")
    if fault == "trouble":
        raise ServerTrouble("503 try again")
    if fault == "throttled":
        raise Throttled("429 slow down", retry_after=7.0)
    if fault == "signed out":
        raise SignedOut("401 the token is not taken, nor can it be refreshed")
    if fault == "url expired":
        raise UrlExpired("403 the address has expired, and so has the next one")
    if fault == "quota full":
        raise QuotaExceeded("507 the account's storage is full")


def _fail_after(fault: str) -> None:
    if fault == "answer lost":
        raise Unreachable("the answer was lost")
    if fault == "trouble after effect":
        raise ServerTrouble("502 bad gateway")
    if fault == "garbage":
        raise NotTheContract("a login page answered")


def _damaged(body: bytes) -> bytes:
    return body[:-1] + bytes([body[-1] ^ 1]) if body else b"?"
