"""Downloading a new version of a large file: what the old one on this disk has is not fetched.

A block is taken from the file that is about to be replaced where that has the same one at the same
place, told by the SHA-256 that the server names. The whole is verified afterwards like any other.
"""

from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256

from dreamsync.core.digest import BLOCK, block_count, block_size
from dreamsync.engine.jobs.reading import FileToRead
from dreamsync.local.protocol import Disk, DiskError, Reading
from dreamsync.remotes.protocol import Fetch, Remote

_MOST_HELD_BACK = 8
"""Blocks that are fetched together: one request for many, and none waits long."""


def content_pieces(
    disk: Disk, remote: Remote, fetch: Fetch, old: FileToRead | None, *, offset: int
) -> Iterator[bytes]:
    """The content from `offset` on; `old` is what is there now. Raises `RemoteError`."""
    reading = _opened(disk, remote, fetch, old)
    if reading is None:
        yield from remote.download(fetch, offset=offset)
        return
    with closing(reading):
        hashes = _block_hashes(remote, fetch)
        yield from _from_both(remote, fetch, reading, hashes, offset)


def _opened(disk: Disk, remote: Remote, fetch: Fetch, old: FileToRead | None) -> Reading | None:
    if old is None or fetch.content.size <= BLOCK or not remote.capabilities.blocks:
        return None
    try:
        return disk.open_for_reading(old.path, old.fingerprint)
    except DiskError:
        return None


def _block_hashes(remote: Remote, fetch: Fetch) -> tuple[str, ...]:
    """Empty where the server cuts other blocks than it should: then all is fetched."""
    size = fetch.content.size
    listed = remote.blocks(fetch)
    fits = listed.block_size == block_size(size) and len(listed.sha256) == block_count(size)
    return listed.sha256 if fits else ()


def _from_both(
    remote: Remote, fetch: Fetch, reading: Reading, hashes: tuple[str, ...], offset: int
) -> Iterator[bytes]:
    """All before `given_to` has been given; from there to the block at hand it is held back."""
    size, block = fetch.content.size, block_size(fetch.content.size)
    given_to = offset
    for index, wanted in enumerate(hashes):
        start, end = index * block, min((index + 1) * block, size)
        body = _read_block(reading, end - start)
        if end <= offset:
            continue
        if sha256(body).hexdigest() == wanted:
            if given_to < start:
                yield from remote.download(fetch, offset=given_to, end=start)
            yield body[max(0, offset - start) :]
            given_to = end
        elif end - given_to >= _MOST_HELD_BACK * block:
            yield from remote.download(fetch, offset=given_to, end=end)
            given_to = end
    if given_to < size:
        yield from remote.download(fetch, offset=given_to)


def _read_block(reading: Reading, size: int) -> bytes:
    """Less where the old file is shorter or cannot be read: it is no block then."""
    pieces: list[bytes] = []
    missing = size
    try:
        while missing and (piece := reading.read(missing)):
            pieces.append(piece)
            missing -= len(piece)
    except DiskError:
        return b""
    return b"".join(pieces)
