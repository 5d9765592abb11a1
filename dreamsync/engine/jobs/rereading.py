"""Reading files once more that are in sync, a slice at a time: do they still hold their bytes?

Between two slices no file is kept open, so that a removable disk can be ejected; a large file's
hash so far is kept, and the next slice goes on where it ended.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from dreamsync.core.digest import ContentHasher
from dreamsync.core.nodes import Content, Fingerprint, NodeKey
from dreamsync.engine.events import Effects, Outcome, Reread
from dreamsync.engine.jobs.reading import PIECE
from dreamsync.local.protocol import Changed, Disk, DiskError
from dreamsync.message import N_


@dataclass(frozen=True, slots=True)
class FileOnceMore:
    """`hasher` has seen what earlier slices read; only the job that runs may touch it."""

    node: NodeKey
    path: str
    fingerprint: Fingerprint
    hasher: ContentHasher

    @classmethod
    def of(cls, node: NodeKey, path: str, fingerprint: Fingerprint) -> "FileOnceMore":
        return cls(node, path, fingerprint, ContentHasher(fingerprint.size))


def reread(disk: Disk, files: Sequence[FileOnceMore], budget: int) -> Effects:
    """At most `budget` bytes of all together; files without an outcome are not read to the end."""
    outcomes: list[Outcome] = []
    left = budget
    for file in files:
        if left <= 0:
            break
        before = file.hasher.bytes_seen
        try:
            content = yield from _read_on(disk, file, left)
        except DiskError as error:
            outcomes.append(Reread(file.node, file.fingerprint, error=error))
        else:
            if content is not None:
                outcomes.append(Reread(file.node, file.fingerprint, content))
        left -= file.hasher.bytes_seen - before
    return outcomes


def _read_on(disk: Disk, file: FileOnceMore, budget: int) -> Generator[None, None, Content | None]:
    """The content, if this slice reaches the end of it."""
    hasher = file.hasher
    reading = disk.open_for_reading(file.path, file.fingerprint, offset=hasher.bytes_seen)
    try:
        end = hasher.bytes_seen + budget
        while hasher.bytes_seen < end:
            piece = reading.read(min(PIECE, end - hasher.bytes_seen))
            if not piece:
                break
            hasher.update(piece)
            yield None
        if hasher.bytes_seen < file.fingerprint.size and hasher.bytes_seen >= end:
            return None
        if not hasher.matches_size or not reading.unchanged():
            raise Changed(file.path, N_("the file changed while it was being read"))
        return Content(file.fingerprint.size, hasher.digest, hasher.checksum)
    finally:
        reading.close()
