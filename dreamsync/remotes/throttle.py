"""`ThrottledRemote`: limits how many bytes a second of content go up and come down."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from dreamsync.core.nodes import Content
from dreamsync.remotes.delegating import DelegatingRemote
from dreamsync.remotes.errors import Refused
from dreamsync.remotes.protocol import (
    Block,
    BlockTicket,
    Fetch,
    Pace,
    Put,
    PutResult,
    Remote,
    Sent,
    unpaced,
)
from dreamsync.wire.sync_file import SyncFile

_Item = TypeVar("_Item")


class TokenBucket:
    """Lets `rate` bytes a second through, up to one second's worth at once; None: any number.

    Shared by threads: each takes its bytes at once, going into debt, and sleeps the debt off.
    `now` and `sleep` are in seconds.
    """

    def __init__(
        self,
        rate: int | None,
        *,
        now: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self.rate = rate
        self._now = now
        self._sleep = sleep
        self._lock = threading.Lock()
        self._level = float(rate or 0)
        self._filled_at = now()

    def take(self, count: int) -> None:
        """Return once `count` more bytes may have passed."""
        if not self.rate:
            return
        with self._lock:
            now = self._now()
            gained = max(0.0, now - self._filled_at) * self.rate
            self._level = min(self._level + gained, float(self.rate)) - count
            self._filled_at = now
            debt = -self._level
        if debt > 0:
            self._sleep(debt / self.rate)

    def paced(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Steadily, a second's worth at a time: a server gives up a body that makes long pauses,
        and whoever shares the line with it feels every burst."""
        for piece in pieces:
            most = self.rate or len(piece)
            for start in range(0, len(piece), most):
                part = piece[start : start + most]
                self.take(len(part))
                yield part


class ThrottledRemote(DelegatingRemote):
    """Content waits for its bucket; metadata never does."""

    def __init__(self, inner: Remote, *, up: TokenBucket, down: TokenBucket) -> None:
        self._remote = inner
        self._up = up
        self._down = down

    @property
    def inner(self) -> Remote:
        return self._remote

    def upload(self, put: Put, sent: Sent) -> SyncFile:
        return self._remote.upload(put, _SlowlySent(sent, self._up))

    def upload_batch(self, items: Sequence[tuple[Put, bytes]]) -> Sequence[PutResult]:
        results: list[PutResult] = []
        for some in _in_seconds(items, self._up, lambda item: len(item[1])):
            self._up.take(sum(len(content) for _, content in some))
            results.extend(self._remote.upload_batch(some))
        return results

    def send_block(
        self, ticket: BlockTicket, block: Block, content: bytes, *, pace: Pace = unpaced
    ) -> None:
        def slowly(pieces: Iterable[bytes]) -> Iterator[bytes]:
            return pace(self._up.paced(pieces))

        self._remote.send_block(ticket, block, content, pace=slowly)

    def download(self, fetch: Fetch, *, offset: int = 0, end: int | None = None) -> Iterator[bytes]:
        for piece in self._remote.download(fetch, offset=offset, end=end):
            self._down.take(len(piece))
            yield piece

    def download_batch(self, items: Sequence[Fetch]) -> Sequence[bytes | Refused]:
        results: list[bytes | Refused] = []
        for some in _in_seconds(items, self._down, lambda fetch: fetch.content.size):
            results.extend(self._remote.download_batch(some))
            self._down.take(sum(fetch.content.size for fetch in some))
        return results


class _SlowlySent:
    """Bytes that go as the bucket lets them."""

    def __init__(self, sent: Sent, bucket: TokenBucket) -> None:
        self._sent = sent
        self._bucket = bucket

    def __iter__(self) -> Iterator[bytes]:
        return self._bucket.paced(self._sent)

    @property
    def content(self) -> Content:
        return self._sent.content


def _in_seconds(
    items: Sequence[_Item], bucket: TokenBucket, size: Callable[[_Item], int]
) -> Iterator[Sequence[_Item]]:
    """In runs of a second's worth, at least one each; all at once where there is no limit."""
    run: list[_Item] = []
    room = most = bucket.rate or 1 << 62
    for item in items:
        if run and size(item) > room:
            yield run
            run, room = [], most
        run.append(item)
        room -= size(item)
    yield run
