"""Sending content: many small files in one request, one file in one request, or block by block; and
sparing it where the server has it."""

from collections import deque
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from typing import NamedTuple

from dreamsync.core.digest import block_size
from dreamsync.core.nodes import Content
from dreamsync.core.operations import CreateRemoteFolder, Upload
from dreamsync.core.trees import Place
from dreamsync.engine.beside import Beside, Pending, Spare
from dreamsync.engine.context import Transfer
from dreamsync.engine.events import Effects, Failed, Outcome, Sent, SessionOpened
from dreamsync.engine.jobs.reading import FileSent, FileToRead, OneState, read_whole
from dreamsync.local.protocol import Disk, DiskError, Reading
from dreamsync.message import N_
from dreamsync.remotes.errors import (
    ContentMismatch,
    InvalidRequest,
    NotFound,
    Refused,
    RemoteError,
)
from dreamsync.remotes.protocol import Block, Put, Remote, Source, UploadSession


@dataclass(frozen=True, slots=True)
class UploadTask:
    """One upload with its request so far; `session` is one that a run before began. The server
    will have it at `place`."""

    operation: Upload
    put: Put
    place: Place
    file: FileToRead
    transfer: Transfer
    session: str | None = None
    copy: "CopyFirst | None" = None


@dataclass(frozen=True, slots=True)
class CopyFirst:
    """The server has `content`, which was read from this very state of the file, as `source`."""

    key: str
    source: Source
    content: Content


def create_folders(remote: Remote, items: Sequence[tuple[CreateRemoteFolder, Put]]) -> Effects:
    if remote.capabilities.batches:
        return (yield from _send_batch(remote, [(op, put, b"", None) for op, put in items]))
    outcomes: list[Outcome] = []
    for operation, put in items:
        try:
            outcomes.append(Sent(operation, remote.create_folder(put)))
        except RemoteError as error:
            outcomes.append(Failed(operation, error))
        yield None
    return outcomes


def upload_batch(disk: Disk, remote: Remote, tasks: Sequence[UploadTask]) -> Effects:
    """Small files, each read whole; what cannot be read is left out of the batch."""
    outcomes: list[Outcome] = []
    batch: list[tuple[Upload | CreateRemoteFolder, Put, bytes, FileToRead | None]] = []
    for task in tasks:
        try:
            body, content = read_whole(disk, task.file)
        except DiskError as error:
            outcomes.append(Failed(task.operation, error))
        else:
            batch.append((task.operation, replace(task.put, content=content), body, task.file))
        yield None
    outcomes.extend((yield from _send_batch(remote, batch)))
    return outcomes


def _send_batch(
    remote: Remote,
    batch: Sequence[tuple[Upload | CreateRemoteFolder, Put, bytes, FileToRead | None]],
) -> Effects:
    if not batch:
        return []
    try:
        results = remote.upload_batch([(put, body) for _, put, body, _ in batch])
    except RemoteError as error:
        return [Failed(operation, error) for operation, *_ in batch]
    yield None
    outcomes: list[Outcome] = []
    for (operation, put, _, file), result in zip(batch, results, strict=True):
        if isinstance(result, Refused):
            outcomes.append(Failed(operation, result))
        else:
            fingerprint = file.fingerprint if file else None
            outcomes.append(Sent(operation, result, put.content, fingerprint))
    return outcomes


def upload_file(
    disk: Disk, remote: Remote, task: UploadTask, *, beside: Beside, spare: Spare
) -> Effects:
    """One file of any size: in one request where the server takes it so, else block by block."""
    if task.copy is not None:
        copied = yield from _copied(disk, remote, task, task.copy)
        if copied is not None:
            return [copied]
    limit = remote.capabilities.upload_limit
    in_blocks = limit is not None and task.file.fingerprint.size > limit
    try:
        reading = disk.open_for_reading(task.file.path, task.file.fingerprint)
    except DiskError as error:
        return [Failed(task.operation, error)]
    try:
        if in_blocks and remote.capabilities.sessions:
            return (
                yield from _BlockUpload(remote, task, reading, beside=beside, spare=spare).run()
            )
        sent = FileSent(reading, task.file, task.transfer, beside)
        yield None
        file = remote.upload(task.put, sent)
        yield None
        return [Sent(task.operation, file, sent.content, task.file.fingerprint)]
    except (RemoteError, DiskError) as error:
        return [Failed(task.operation, error)]
    finally:
        reading.close()


def _copied(
    disk: Disk, remote: Remote, task: UploadTask, first: CopyFirst
) -> Generator[None, None, Sent | Failed | None]:
    """None where the server does not have it (any more): then it has to be sent. The request has a
    key of its own, because it is another one than that to send."""
    put = replace(task.put, key=first.key, content=first.content)
    try:
        disk.open_for_reading(task.file.path, task.file.fingerprint).close()
        yield None
        file = remote.copy(put, first.source)
        yield None
    except (NotFound, ContentMismatch, InvalidRequest):
        return None
    except (RemoteError, DiskError) as error:
        return Failed(task.operation, error)
    if (file.file_size, file.digest) != (first.content.size, first.content.digest):
        wrong = ContentMismatch(N_("the server has copied other content than was asked for"))
        return Failed(task.operation, wrong)
    task.transfer.done = task.transfer.total
    return Sent(task.operation, file, first.content, task.file.fingerprint)


class _Sending(NamedTuple):
    size: int
    in_spare: bool
    pending: Pending[None]


class _BlockUpload:
    """A large file, block by block, in one read that also hashes the whole.

    A resumed upload reads the file again from its beginning, because digest and checksum need every
    byte, but sends only the blocks that the server does not have: a block is identified by its
    SHA-256, so one that changed meanwhile is sent anew. While the server makes a block durable, the
    next are read and hashed, and sent too where there is memory to spare; no block is sent any more
    once this has ended.
    """

    def __init__(
        self, remote: Remote, task: UploadTask, reading: Reading, *, beside: Beside, spare: Spare
    ) -> None:
        self._remote = remote
        self._task = task
        self._reading = reading
        self._beside = beside
        self._spare = spare
        self._state = OneState(reading, task.file, beside)
        self._under_way: deque[_Sending] = deque()

    def run(self) -> Effects:
        session = self._resumed() or self._remote.open_session(self._task.put)
        yield SessionOpened(
            self._task.operation.node,
            session.id,
            self._task.put.base_version,
            self._task.place,
            self._task.file.fingerprint,
        )
        try:
            yield from self._send_missing(session)
        finally:
            self._leave_none_under_way()
        content = self._state.finish()
        file = self._remote.complete_session(session.id, replace(self._task.put, content=content))
        yield None
        return [Sent(self._task.operation, file, content, self._task.file.fingerprint)]

    def _resumed(self) -> UploadSession | None:
        if self._task.session is None:
            return None
        try:
            return self._remote.resume_session(self._task.session)
        except NotFound:
            return None

    def _send_missing(self, session: UploadSession) -> Generator[None, None, None]:
        index = 0
        while body := self._read_block(session.block_size):
            self._state.take(body)
            block = Block(index, self._block_hash(session, body), len(body))
            yield None
            if session.received.get(index) == block.sha256:
                self._task.transfer.count(block.size)
            else:
                yield from self._begin_to_send(session, block, body)
            index += 1
            del body
        while self._under_way:
            yield from self._finish_oldest()

    def _begin_to_send(
        self, session: UploadSession, block: Block, body: bytes
    ) -> Generator[None, None, None]:
        in_spare = False
        while self._has_its_own() and not (in_spare := self._spare.take(block.size)):
            yield from self._finish_oldest()
        sending = self._beside.submit(partial(self._send_block, session, block, body))
        self._under_way.append(_Sending(block.size, in_spare, sending))

    def _has_its_own(self) -> bool:
        """Whether the one block is under way for which no memory must be spare."""
        return any(not sending.in_spare for sending in self._under_way)

    def _finish_oldest(self) -> Generator[None, None, None]:
        self._task.transfer.count(self._end_of_oldest())
        yield None

    def _leave_none_under_way(self) -> None:
        while self._under_way:
            with suppress(RemoteError):
                self._end_of_oldest()

    def _end_of_oldest(self) -> int:
        """Its size; raises what sending it did."""
        oldest = self._under_way.popleft()
        try:
            oldest.pending.result()
        finally:
            if oldest.in_spare:
                self._spare.give_back()
        return oldest.size

    def _read_block(self, size: int) -> bytes:
        """As a rule one read, whose bytes are then not copied."""
        pieces: list[bytes] = []
        missing = size
        while missing and (piece := self._reading.read(missing)):
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)

    def _block_hash(self, session: UploadSession, body: bytes) -> str:
        """The digest is made of the same blocks, unless the server cuts them otherwise."""
        if session.block_size == block_size(self._task.file.fingerprint.size):
            return self._state.block_hashes[-1].hex()
        return sha256(body).hexdigest()

    def _send_block(self, session: UploadSession, block: Block, body: bytes) -> None:
        (ticket,) = self._remote.block_tickets(session.id, [block])
        if ticket.url is not None:
            self._remote.send_block(ticket, block, body)
