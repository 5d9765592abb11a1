"""A device whose requests are carried out and whose answers never come."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from dreamsync.engine.context import Context
from dreamsync.remotes.delegating import DelegatingRemote
from dreamsync.remotes.errors import Unreachable
from dreamsync.remotes.protocol import Deletion, Position, Put, PutResult, Remote, Sent
from dreamsync.wire.sync_file import SyncFile
from tests.support.devices import Device

_Answer = TypeVar("_Answer")


class LossyRemote(DelegatingRemote):
    """While `losing`, the answers to what makes, moves, changes or deletes something do not arrive,
    nor, unless `arriving`, the requests themselves."""

    def __init__(self, remote: Remote, *, arriving: bool) -> None:
        self._remote = remote
        self._arriving = arriving
        self.losing = False

    @property
    def inner(self) -> Remote:
        return self._remote

    def create_folder(self, put: Put) -> SyncFile:
        return self._lose(lambda: self._remote.create_folder(put))

    def upload(self, put: Put, sent: Sent) -> SyncFile:
        return self._lose(lambda: self._remote.upload(put, sent))

    def complete_session(self, session_id: str, put: Put) -> SyncFile:
        return self._lose(lambda: self._remote.complete_session(session_id, put))

    def upload_batch(self, items: Sequence[tuple[Put, bytes]]) -> Sequence[PutResult]:
        return self._lose(lambda: self._remote.upload_batch(items))

    def move(self, remote_id: str, position: Position, *, base_version: int, key: str) -> SyncFile:
        return self._lose(
            lambda: self._remote.move(remote_id, position, base_version=base_version, key=key)
        )

    def set_executable(
        self, remote_id: str, *, executable: bool, base_version: int, key: str
    ) -> SyncFile:
        return self._lose(
            lambda: self._remote.set_executable(
                remote_id, executable=executable, base_version=base_version, key=key
            )
        )

    def delete_batch(self, deletions: Sequence[Deletion]) -> Sequence[PutResult]:
        return self._lose(lambda: self._remote.delete_batch(deletions))

    def _lose(self, request: Callable[[], _Answer]) -> _Answer:
        if self.losing and not self._arriving:
            raise Unreachable("the request was lost")
        answer = request()
        if self.losing:
            raise Unreachable("the answer was lost")
        return answer


@contextmanager
def losing_answers(
    device: Device, *paths: str, arriving: bool = True, seconds: float = 1.0
) -> Iterator[None]:
    """What is done meanwhile is hinted at and sent; then the process ends, having heard nothing."""
    lossy = LossyRemote(device.remote, arriving=arriving)
    before, device.context = device.context, with_remote(device.context, lossy)
    device.engine = type(device.engine)(device.context)
    device.sync()
    yield
    lossy.losing = True
    device.live(*paths, seconds=seconds)
    device.context = before
    device.engine = type(device.engine)(device.context)


def with_remote(context: Context, remote: Remote) -> Context:
    return Context(
        context.journal, context.disk, remote, context.clock, context.random, context.settings
    )
