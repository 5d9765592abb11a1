"""Fetching content: into staging, verified, flushed, placed; only then may base change.

In groups: fetch all, fsync all, place all, fsync each folder once.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from dreamsync.core.digest import ContentHasher
from dreamsync.core.nodes import Content, Fingerprint
from dreamsync.core.operations import Download
from dreamsync.engine.beside import Beside, Pending
from dreamsync.engine.context import Transfer
from dreamsync.engine.events import Applied, Effects, Failed, Outcome
from dreamsync.engine.jobs.flushing import flushed
from dreamsync.engine.jobs.hashing import hasher_of_received
from dreamsync.engine.jobs.reading import PIECE, FileToRead
from dreamsync.engine.jobs.reuse import content_pieces
from dreamsync.local.protocol import Disk, DiskError, InputOutput, NoSpace, Seen, StagedFile
from dreamsync.message import N_
from dreamsync.remotes.errors import ContentMismatch, Refused, RemoteError
from dreamsync.remotes.protocol import Fetch, Remote

_FLUSH_EVERY = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class DownloadTask:
    """`staged` names the content, so that a broken-off download finds its beginning again;
    `expect` is what may be displaced at `path`, to the trash under `keep_as` where given."""

    operation: Download
    fetch: Fetch
    path: str
    staged: str
    expect: Fingerprint | None
    mtime_ns: int
    executable: bool | None
    keep_as: str | None
    transfer: Transfer


def download_batch(disk: Disk, remote: Remote, tasks: Sequence[DownloadTask]) -> Effects:
    """Small files: one request, one group on the disk."""
    try:
        bodies = remote.download_batch([task.fetch for task in tasks])
    except RemoteError as error:
        return [Failed(task.operation, error) for task in tasks]
    yield None
    outcomes: list[Outcome] = []
    written: list[tuple[DownloadTask, StagedFile]] = []
    try:
        for task, body in zip(tasks, bodies, strict=True):
            try:
                written.append((task, _stage_whole(disk, task, body)))
            except (RemoteError, DiskError) as error:
                outcomes.append(_dropped(disk, task, error))
            yield None
        flushed: list[DownloadTask] = []
        for task, staged in written:
            try:
                staged.flush_to_disk()
                flushed.append(task)
            except DiskError as error:
                outcomes.append(_dropped(disk, task, error))
            yield None
    finally:
        for _, staged in written:
            staged.close()
    outcomes.extend((yield from _place_group(disk, flushed)))
    return outcomes


def download_file(disk: Disk, remote: Remote, task: DownloadTask, beside: Beside) -> Effects:
    """One file of any size; what a run before has staged is verified and not fetched again, unless
    the disk failed: the system may show bytes then that it has not written, and never will."""
    try:
        yield from _stage_stream(disk, remote, task, beside)
    except (ContentMismatch, NoSpace, InputOutput) as error:
        disk.discard_staged(task.staged)
        return [Failed(task.operation, error)]
    except (RemoteError, DiskError) as error:
        return [Failed(task.operation, error)]
    return (yield from _place_group(disk, [task]))


def _dropped(disk: Disk, task: DownloadTask, error: RemoteError | DiskError) -> Failed:
    disk.discard_staged(task.staged)
    return Failed(task.operation, error)


def _stage_whole(disk: Disk, task: DownloadTask, body: bytes | Refused) -> StagedFile:
    """Written and open, not yet flushed: the first fsync of a group carries most of the others."""
    if isinstance(body, Refused):
        raise body
    hasher = ContentHasher(task.fetch.content.size)
    hasher.update(body)
    _verify(hasher, task.fetch.content, task.path)
    staged = disk.stage(task.staged, resume=False)
    try:
        staged.write(body)
    except BaseException:
        staged.close()
        raise
    return staged


def _stage_stream(
    disk: Disk, remote: Remote, task: DownloadTask, beside: Beside
) -> Generator[None, None, None]:
    size = task.fetch.content.size
    with closing(disk.stage(task.staged, resume=True)) as staged:
        hasher = hasher_of_received(size, beside)
        if staged.size <= size:
            yield from _hash_staged(staged, hasher)
        task.transfer.done = hasher.bytes_seen
        if hasher.bytes_seen < size:
            old = None if task.expect is None else FileToRead(task.path, task.expect)
            rest = content_pieces(disk, remote, task.fetch, old, offset=hasher.bytes_seen)
            yield from _take_in(rest, staged, hasher, task.transfer, beside)
        _verify(hasher, task.fetch.content, task.path)
        staged.flush_to_disk()
        yield None


def _take_in(
    pieces: Iterator[bytes],
    staged: StagedFile,
    hasher: ContentHasher,
    transfer: Transfer,
    beside: Beside,
) -> Generator[None, None, None]:
    with closing(_FlushedBeside(staged, beside)) as flushed:
        for piece in pieces:
            staged.write(piece)
            hasher.update(piece)
            flushed.note(len(piece))
            transfer.count(len(piece))
            yield None


class _FlushedBeside:
    """Flushes what was written while more is written, so that the last flush has little to do.
    `close` waits, and tells of a flush that failed, whatever else went wrong."""

    def __init__(self, staged: StagedFile, beside: Beside) -> None:
        self._staged = staged
        self._beside = beside
        self._unflushed = 0
        self._running: Pending[None] | None = None

    def note(self, written: int) -> None:
        self._unflushed += written
        if self._unflushed >= _FLUSH_EVERY:
            self.close()
            self._unflushed = 0
            self._running = self._beside.submit(self._staged.flush_to_disk)

    def close(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.result()


def _hash_staged(staged: StagedFile, hasher: ContentHasher) -> Generator[None, None, None]:
    end = staged.size
    while hasher.bytes_seen < end:
        piece = staged.read_at(hasher.bytes_seen, min(PIECE, end - hasher.bytes_seen))
        if not piece:
            return
        hasher.update(piece)
        yield None


def _verify(hasher: ContentHasher, announced: Content, path: str) -> None:
    """Size, digest and checksum, each where it is announced (promises, invariant 18)."""
    received = Content(hasher.bytes_seen, hasher.digest, hasher.checksum)
    if received.equals(announced) is not True or (
        announced.checksum is not None and announced.checksum != received.checksum
    ):
        raise ContentMismatch(
            N_("the bytes received for {path} are not those that were announced", path=path)
        )


def _place_group(disk: Disk, tasks: Sequence[DownloadTask]) -> Effects:
    placed: list[tuple[DownloadTask, Seen]] = []
    outcomes: list[Outcome] = []
    for task in tasks:
        try:
            seen = disk.place(
                task.staged,
                task.path,
                expect=task.expect,
                mtime_ns=task.mtime_ns,
                executable=task.executable,
                keep_as=task.keep_as,
            )
            placed.append((task, seen))
        except DiskError as error:
            disk.discard_staged(task.staged)
            outcomes.append(Failed(task.operation, error))
        yield None
    outcomes.extend(Applied(task.operation, seen, task.path) for task, seen in placed)
    folders = {task.path.rpartition("/")[0] for task, _ in placed}
    return (yield from flushed(disk, folders, outcomes))
