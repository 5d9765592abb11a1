"""The pause: set by a person or a rule, kept in the journal across restarts, over at its time."""

import json

from dreamsync.core.status import Paused
from dreamsync.journal.records import Settings

_NAME = "paused"


def read_pause(settings: Settings, *, now_ms: int) -> Paused | None:
    """The pause in force; None where there is none or its time is over."""
    noted = settings.get(_NAME)
    if noted is None:
        return None
    value = json.loads(noted)
    paused = Paused(str(value["reason"]), value["until_ms"])
    if paused.until_ms is not None and paused.until_ms <= now_ms:
        return None
    return paused


def write_pause(settings: Settings, paused: Paused | None) -> None:
    if paused is None:
        settings.set(_NAME, None)
    else:
        settings.set(_NAME, json.dumps({"reason": paused.reason, "until_ms": paused.until_ms}))
