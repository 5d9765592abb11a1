"""Receipts: how far each device says it is, and what it lacks."""

from collections.abc import Sequence

from dreamsync.server.metadata.records import Acknowledgement
from dreamsync.server.metadata.store import MetadataStore
from dreamsync.server.service.access import reading, writing
from dreamsync.server.service.answers import Receipt
from dreamsync.server.service.clock import Clock, moment
from dreamsync.server.service.cursors import Cursor, require_known
from dreamsync.server.service.errors import Invalid
from dreamsync.server.service.requests import Caller

MOST_MISSING = 10_000


class Acks:
    def __init__(self, metadata: MetadataStore, *, clock: Clock) -> None:
        self._metadata = metadata
        self._clock = clock

    def note(self, caller: Caller, cursor: str, missing: Sequence[str]) -> None:
        """The caller's device has everything up to `cursor` but `missing`.

        Raise `Invalid`, `FeedBroken` (historyReplaced).
        """
        if len(missing) > MOST_MISSING:
            raise Invalid.request(f"missing names at most {MOST_MISSING} nodes.")
        position = Cursor.parse(cursor)
        with writing(self._metadata, caller.space_id) as writer:
            require_known(writer, position)
            writer.put_acknowledgement(
                Acknowledgement(
                    caller.device_id, position.sequence, tuple(missing), self._clock.now_ms()
                )
            )

    def receipts(self, caller: Caller) -> tuple[Receipt, ...]:
        """One for each device that has ever told."""
        with reading(self._metadata, caller.space_id) as reader:
            head = reader.head.sequence
            noted = reader.acknowledgements()
        return tuple(
            Receipt(one.device_id, one.sequence >= head, one.missing, moment(one.updated_ms))
            for one in noted
        )
