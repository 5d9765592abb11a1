"""What this server offers beyond the four plain calls."""

from dreamsync.core.digest import BLOCK
from dreamsync.server.http.origin import storage_host
from dreamsync.server.service.batches import MOST_BYTES, MOST_ITEMS
from dreamsync.server.service.care import DAY_MS, RETENTION_MS
from dreamsync.wire.messages import CapabilitiesMessage


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
        copy=True,
        retention_days=RETENTION_MS // DAY_MS,
        batch_items=MOST_ITEMS,
        batch_bytes=MOST_BYTES,
        upload_block_size=BLOCK,
        storage_hosts=(storage_host(base),),
    )
