"""A file found damaged: what becomes of it, and what a person is told.

How many were found is told until a week after the last of them.
"""

import json
from dataclasses import replace

from dreamsync.core.nodes import Content, NodeKey
from dreamsync.core.status import Act, Activity, Damaged
from dreamsync.engine.context import Context
from dreamsync.journal.records import Settings

_NAME = "damaged"
_TOLD_FOR_MS = 7 * 24 * 3600 * 1000


def note_damage(context: Context, node: NodeKey) -> str:
    """Without base both sides differ without a common past: the server's bytes get the name, the
    local ones are kept as a conflict copy. The file's path, for whom it is told."""
    journal = context.journal
    now_ms = context.clock.now_ms()
    path = context.path(node)
    local = journal.trees.local(node)
    if local is not None:
        unread = Content(local.fingerprint.size)
        journal.trees.put_local(node, replace(local, content=unread))
    journal.trees.drop_base(node)
    journal.history.add(Activity(now_ms, Act.DAMAGED, path))
    _count(journal.settings, at_ms=now_ms)
    return path


def read_damaged(settings: Settings, *, now_ms: int) -> Damaged | None:
    noted = settings.get(_NAME)
    if noted is None:
        return None
    damaged = Damaged(**json.loads(noted))
    return damaged if 0 <= now_ms - damaged.at_ms < _TOLD_FOR_MS else None


def _count(settings: Settings, *, at_ms: int) -> None:
    known = read_damaged(settings, now_ms=at_ms)
    files = 1 if known is None else known.files + 1
    settings.set(_NAME, json.dumps({"files": files, "at_ms": at_ms}))
