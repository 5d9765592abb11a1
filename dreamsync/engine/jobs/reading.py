"""Reading a file once: for sending it, and for knowing it, in the same pass."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from dreamsync.core.nodes import Content, Fingerprint
from dreamsync.core.operations import ReadContent
from dreamsync.engine.beside import AtOnce, Beside
from dreamsync.engine.context import Transfer
from dreamsync.engine.events import ContentRead, Effects, Failed, Outcome
from dreamsync.engine.jobs.hashing import hasher_of_sent
from dreamsync.local.protocol import Changed, Disk, DiskError, Reading
from dreamsync.message import N_

PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileToRead:
    """`path` on this disk, with the fingerprint that the decision to read it rests on."""

    path: str
    fingerprint: Fingerprint


class OneState:
    """The bytes of one open file as they are read: `finish` tells what they are.

    Both raise `Changed` where they are not one real state of the file (promises, invariant 17):
    `take` as soon as there are too many, so that nobody who goes on writing is followed for ever.
    """

    def __init__(self, reading: Reading, file: FileToRead, beside: Beside) -> None:
        self._reading = reading
        self._file = file
        self._hasher = hasher_of_sent(file.fingerprint.size, beside)

    def take(self, piece: bytes) -> None:
        self._hasher.update(piece)
        if self._hasher.bytes_seen > self._file.fingerprint.size:
            raise self._changed()

    def finish(self) -> Content:
        if not self._hasher.matches_size or not self._reading.unchanged():
            raise self._changed()
        return Content(self._file.fingerprint.size, self._hasher.digest, self._hasher.checksum)

    @property
    def block_hashes(self) -> list[bytes]:
        return self._hasher.block_hashes

    def _changed(self) -> Changed:
        return Changed(self._file.path, N_("the file changed while it was being read"))


class FileSent:
    """The pieces of one open file, hashed as they are handed out. A `remotes.protocol.Sent`.

    It finishes before it ends, and so before the digest can be sent after the bytes. Raises
    `Changed`.
    """

    def __init__(
        self, reading: Reading, file: FileToRead, transfer: Transfer | None, beside: Beside
    ) -> None:
        self._reading = reading
        self._state = OneState(reading, file, beside)
        self._transfer = transfer
        self._content = Content(file.fingerprint.size)

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._reading.read(PIECE):
            self._state.take(piece)
            if self._transfer is not None:
                self._transfer.count(len(piece))
            yield piece
        self._content = self._state.finish()

    @property
    def content(self) -> Content:
        """Known once all has been handed out."""
        return self._content


def read_whole(disk: Disk, file: FileToRead) -> tuple[bytes, Content]:
    """A small file's bytes and what they are. Raises `DiskError`."""
    reading = disk.open_for_reading(file.path, file.fingerprint)
    try:
        sent = FileSent(reading, file, None, AtOnce())
        body = b"".join(sent)
        return body, sent.content
    finally:
        reading.close()


def hash_content(disk: Disk, file: FileToRead, beside: Beside) -> Generator[None, None, Content]:
    """The content of a file of any size. Raises `DiskError`."""
    reading = disk.open_for_reading(file.path, file.fingerprint)
    try:
        sent = FileSent(reading, file, None, beside)
        for _ in sent:
            yield
        return sent.content
    finally:
        reading.close()


def read_contents(
    disk: Disk, items: Sequence[tuple[ReadContent, FileToRead]], beside: Beside
) -> Effects:
    """The digests that decisions wait for."""
    outcomes: list[Outcome] = []
    for operation, file in items:
        try:
            content = yield from hash_content(disk, file, beside)
        except DiskError as error:
            outcomes.append(Failed(operation, error))
        else:
            outcomes.append(ContentRead(operation, content, file.fingerprint))
    return outcomes
