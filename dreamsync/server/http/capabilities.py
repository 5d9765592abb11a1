"""What this server offers beyond the four plain calls."""

from dreamsync.core.digest import BLOCK
from dreamsync.server.http.origin import storage_host
from dreamsync.wire.messages import CapabilitiesMessage

BATCH_ITEMS = 500
BATCH_BYTES = 4 * 1024 * 1024
RETENTION_DAYS = 30


def offered(base: str) -> CapabilitiesMessage:
    """The capabilities told to a client that reaches this server at `base`."""
    return CapabilitiesMessage(
        digest=True,
        parents=True,
        folders=True,
        patch=True,
        versions=True,
        trash=True,
        events=True,
        blocks=True,
        ack=True,
        confirm=True,
        retention_days=RETENTION_DAYS,
        batch_items=BATCH_ITEMS,
        batch_bytes=BATCH_BYTES,
        upload_block_size=BLOCK,
        storage_hosts=(storage_host(base),),
    )
