"""The pause: a person's, kept in the journal across restarts and over at its time, or a rule's.

A rule pauses for as long as its circumstance lasts (`Context.paused_by`). Who resumes meanwhile is
obeyed: the rule is *let through*, also across restarts, until its circumstance is over.
"""

import json

from dreamsync.core.status import Paused, PauseReason
from dreamsync.engine.context import Context
from dreamsync.journal.records import Settings

_NAME = "paused"
_LET_THROUGH = "paused_let_through"


def pause_in_force(context: Context) -> Paused | None:
    """The person's wish goes before what a rule says."""
    wished = read_pause(context.journal.settings, now_ms=context.clock.now_ms())
    by_rule = Paused(context.paused_by) if context.paused_by is not None else None
    return wished or by_rule


def read_pause(settings: Settings, *, now_ms: int) -> Paused | None:
    """The person's pause; None where there is none or its time is over."""
    noted = settings.get(_NAME)
    if noted is None:
        return None
    until_ms = json.loads(noted)["until_ms"]
    if until_ms is not None and until_ms <= now_ms:
        return None
    return Paused(PauseReason.PERSON, until_ms)


def write_pause(settings: Settings, *, until_ms: int | None) -> None:
    settings.set(_NAME, json.dumps({"until_ms": until_ms}))


def end_pause(settings: Settings) -> None:
    settings.set(_NAME, None)


def read_let_through(settings: Settings) -> frozenset[PauseReason]:
    return frozenset(map(PauseReason, json.loads(settings.get(_LET_THROUGH) or "[]")))


def write_let_through(settings: Settings, rules: frozenset[PauseReason]) -> None:
    noted = json.dumps(sorted(rule.value for rule in rules))
    settings.set(_LET_THROUGH, noted if rules else None)
