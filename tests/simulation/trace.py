"""What all devices of a run asked of the memory server, what was done to it, and its answers.

The calls come in one order, because the simulator does one thing at a time; so another server that
is asked the same in the same order must answer the same.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import cast

from dreamsync.core.nodes import Content, Kind
from dreamsync.remotes.errors import RemoteError
from dreamsync.remotes.memory import MemoryRemote, MemoryServer
from dreamsync.remotes.memory.space import Space
from dreamsync.remotes.protocol import Capabilities, Fetch, Put, Remote, Sent
from dreamsync.wire.sync_file import SyncFile


@dataclass(frozen=True, slots=True)
class SentBytes:
    """What an upload sent, and what it said of it afterwards."""

    pieces: tuple[bytes, ...]
    content: Content

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.pieces)


@dataclass(frozen=True, slots=True)
class Call:
    """`device` asked for `method` of the `Remote` protocol; a raised error is an answer too."""

    device: str
    method: str
    arguments: tuple[object, ...]
    options: dict[str, object]
    answer: object


@dataclass(frozen=True, slots=True)
class Care:
    """What an administrator, or a person elsewhere, did: `purge`, `back up`, `restore`, `revoke` or
    `admit`; the last two to a `device`."""

    deed: str
    device: str = ""


@dataclass(slots=True)
class Trace:
    events: list[Call | Care] = field(default_factory=list)

    def traced(self, device: str, remote: Remote) -> Remote:
        return cast("Remote", _Traced(device, remote, self.events))


class _Traced:
    """Any method of a `Remote`, noted; `upload` and `download` with all their bytes."""

    def __init__(self, device: str, inner: Remote, events: list[Call | Care]) -> None:
        self._device = device
        self._inner = inner
        self._events = events

    @property
    def capabilities(self) -> Capabilities:
        return self._inner.capabilities

    def upload(self, put: Put, sent: Sent) -> SyncFile:
        pieces = tuple(sent)
        whole = SentBytes(pieces, sent.content)
        return cast("SyncFile", self._noted("upload", self._inner.upload, (put, whole), {}))

    def download(self, fetch: Fetch, *, offset: int = 0, end: int | None = None) -> Iterator[bytes]:
        asked: dict[str, object] = {"offset": offset, "end": end}

        def body() -> bytes:
            return b"".join(self._inner.download(fetch, offset=offset, end=end))

        yield cast("bytes", self._noted("download", body, (fetch,), asked, plain=True))

    def __getattr__(self, method: str) -> Callable[..., object]:
        operation = getattr(self._inner, method)

        def call(*arguments: object, **options: object) -> object:
            return self._noted(method, operation, arguments, options)

        return call

    def _noted(
        self,
        method: str,
        operation: Callable[..., object],
        arguments: tuple[object, ...],
        options: dict[str, object],
        *,
        plain: bool = False,
    ) -> object:
        answer: object = None
        try:
            answer = operation() if plain else operation(*arguments, **options)
        except RemoteError as error:
            answer = error
            raise
        finally:
            self._events.append(Call(self._device, method, arguments, options, answer))
        return answer


class TracedServer(MemoryServer):
    """Notes in `trace`, where there is one, what no device asks for."""

    def __init__(self, capabilities: Capabilities, trace: Trace | None) -> None:
        super().__init__(capabilities=capabilities)
        self._trace = trace

    def _note(self, deed: str, device: str = "") -> None:
        if self._trace is not None:
            self._trace.events.append(Care(deed, device))

    def snapshot(self) -> Space:
        self._note("back up")
        return super().snapshot()

    def restore_snapshot(self, backup: Space) -> None:
        self._note("restore")
        super().restore_snapshot(backup)

    def purge_tombstones(self) -> None:
        self._note("purge")
        super().purge_tombstones()

    def revoke(self, device_id: str) -> None:
        self._note("revoke", device_id)
        super().revoke(device_id)

    def admit(self, device_id: str) -> None:
        self._note("admit", device_id)
        super().admit(device_id)

    def note_what_there_is(self) -> None:
        """The whole tree with all bytes and all history, as a device would see it that joins."""
        if self._trace is None:
            return
        remote = self._trace.traced("joining", MemoryRemote(self, "joining"))
        for file in remote.changes(None).files:
            remote.versions(file.id)
            if file.kind is Kind.FILE:
                content = Content(file.file_size, file.digest, file.checksum)
                list(remote.download(Fetch(file.id, file.version, content)))
