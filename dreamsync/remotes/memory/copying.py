"""Copies of content that the reference server has: as an upload, with the bytes of a version."""

from dreamsync.remotes.errors import InvalidRequest
from dreamsync.remotes.memory.feed import ensure_known
from dreamsync.remotes.memory.server import MemoryServer
from dreamsync.remotes.memory.uploads import content_of
from dreamsync.remotes.protocol import Fetch, Put, Source
from dreamsync.wire.sync_file import SyncFile


def copy_content(
    server: MemoryServer, put: Put, source: Source, *, device_id: str, cursor: str | None
) -> SyncFile:
    """A repeated request finds its answer also where the source is gone by now."""
    if put.content is None or put.content.digest is None:
        raise InvalidRequest("the digest of what is to be copied must be known")
    with server.changed:
        ensure_known(server.space, cursor)
        answer = server.space.answers.get(put.key)
        if answer is not None:
            return answer.node
        bytes_there = content_of(server, Fetch(source.remote_id, source.version, put.content))
        return server.put(put, bytes_there, device_id=device_id, cursor=cursor)
