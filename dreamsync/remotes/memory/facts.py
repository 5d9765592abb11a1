"""What a write says of a node, as the fields that it changes."""

from dreamsync.core.nodes import Content
from dreamsync.remotes.protocol import Put
from dreamsync.wire.sync_file import SyncFile


def facts_of(put: Put, identity: Content) -> dict[str, object]:
    """What an upload says of a file; an executable bit that is unknown there stays as it was."""
    facts: dict[str, object] = {
        "file_size": identity.size,
        "digest": identity.digest,
        "checksum": identity.checksum,
        "modified_ns": put.modified_ns or None,
    }
    return facts if put.executable is None else facts | {"executable": put.executable}


def kept_content(kept: SyncFile) -> dict[str, object]:
    return {
        "file_size": kept.file_size,
        "digest": kept.digest,
        "checksum": kept.checksum,
        "modified_ns": kept.modified_ns,
    }
