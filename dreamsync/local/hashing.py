"""Reading a file for its digest and checksum, in steps that others may run between."""

from collections.abc import Generator

from dreamsync.core.digest import ContentHasher
from dreamsync.core.nodes import Content, Fingerprint
from dreamsync.local.protocol import Changed, Disk

READ_SIZE = 1024 * 1024


def hash_file(disk: Disk, path: str, expect: Fingerprint) -> Generator[int, None, Content]:
    """Yield the bytes read after each read (at most 1 MiB); return the content.

    The content is that of one real state of the file, the one with the fingerprint `expect`;
    raises `Changed` where the file was changed meanwhile, and what `open_for_reading` raises.
    """
    hasher = ContentHasher(expect.size)
    reading = disk.open_for_reading(path, expect)
    try:
        while piece := reading.read(READ_SIZE):
            hasher.update(piece)
            if hasher.bytes_seen > expect.size:
                break
            yield len(piece)
        if not hasher.matches_size or not reading.unchanged():
            raise Changed(path, f"{path} changed while it was read; it will be read again")
    finally:
        reading.close()
    return Content(expect.size, hasher.digest, hasher.checksum)
