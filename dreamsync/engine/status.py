"""The engine's state as one typed value, from counters and small tables: never a walk of a tree.

State, the first that applies: signed out, root not there (attention), paused, a hold, a problem or
a locked keyring (attention), offline, starting, syncing, idle.
"""

from dataclasses import replace

from dreamsync.core.status import (
    Conflicting,
    Direction,
    Problem,
    Push,
    Reason,
    State,
    Status,
    TransferStatus,
    Verified,
)
from dreamsync.engine.connection import Link
from dreamsync.engine.context import Context
from dreamsync.engine.damage import read_damaged
from dreamsync.engine.engine import Engine
from dreamsync.engine.failures import is_shown
from dreamsync.journal.journal import Journal
from dreamsync.local.protocol import RootState, WatchTrouble
from dreamsync.message import N_
from dreamsync.remotes.protocol import Capabilities

_WANTED = {
    "digest": N_("verification by digest"),
    "patch": N_("moves without sending content again"),
    "versions": N_("version history"),
    "trash": N_("a trash on the server"),
    "events": N_("push (changes are polled for)"),
    "batches": N_("batches of small files"),
    "sessions": N_("resumable uploads"),
}


def journal_status(journal: Journal, *, now_ms: int) -> Status:
    """What can be told without an engine: state `stopped`."""
    return Status(
        state=State.STOPPED,
        pending=journal.trees.pending_count(),
        files=journal.trees.local_files(),
        problems=tuple(record.problem for record in journal.problems.all() if is_shown(record)),
        skipped=journal.skipped.all(),
        holds=journal.holds.all(),
        cursor=journal.settings.get("cursor"),
        last_sync_ms=journal.settings.get_integer("last_sync_ms"),
        verified=_verified(journal),
        damaged=read_damaged(journal.settings, now_ms=now_ms),
    )


def engine_status(context: Context, engine: Engine) -> Status:
    """The same, with what only a running engine knows."""
    status = journal_status(context.journal, now_ms=context.clock.now_ms())
    problems = [*_problems_of_the_whole(context, engine), *status.problems]
    remote = engine.connection.status
    return replace(
        status,
        problems=tuple(problems),
        state=_state(engine, has_trouble=bool(status.problems or status.holds)),
        transfers=tuple(
            TransferStatus(
                transfer.path,
                Direction.UP if transfer.up else Direction.DOWN,
                transfer.done,
                transfer.total,
            )
            for transfer in list(context.transfers.values())
        ),
        paused=engine.paused,
        conflicts=_conflicts(context),
        push=_push(context, engine),
        missing_capabilities=_missing(context.remote.capabilities) if remote else (),
        quota_used=remote.quota_used if remote else 0,
        quota_limit=remote.quota_limit if remote else None,
    )


def _conflicts(context: Context) -> Conflicting | None:
    found = context.journal.conflicts.newest()
    if found is None:
        return None
    node, at_ms, copies = found
    return Conflicting(copies, context.path(node), at_ms)


def _state(engine: Engine, *, has_trouble: bool) -> State:
    link = engine.connection.link
    if link is Link.SIGNED_OUT:
        return State.SIGNED_OUT
    if engine.root is not RootState.PRESENT:
        return State.ATTENTION
    if engine.paused is not None:
        return State.PAUSED
    if has_trouble:
        return State.ATTENTION
    if link is Link.OFFLINE:
        return State.ATTENTION if _is_locked_out(engine) else State.OFFLINE
    if link is Link.UNKNOWN:
        return State.STARTING
    return State.IDLE if engine.settled and not engine.syncing else State.SYNCING


def _is_locked_out(engine: Engine) -> bool:
    """Whether a person, and not the network, keeps us from the server."""
    problem = engine.connection.problem
    return problem is not None and problem.reason is Reason.KEYRING


def _push(context: Context, engine: Engine) -> Push:
    if engine.push_live:
        return Push.REALTIME
    if not context.remote.capabilities.events:
        return Push.POLLING
    return Push.CONNECTING if engine.push_live is None else Push.DEGRADED


def _missing(capabilities: Capabilities) -> tuple[str, ...]:
    return tuple(text for name, text in _WANTED.items() if not getattr(capabilities, name))


def _problems_of_the_whole(context: Context, engine: Engine) -> list[Problem]:
    problems = [engine.connection.problem] if engine.connection.problem else []
    now_ms = context.clock.now_ms()
    if engine.root is not RootState.PRESENT:
        problems.append(_root_problem(engine.root, now_ms))
    if engine.watch_trouble is not None:
        trouble, message = engine.watch_trouble
        reason = Reason.WATCH_LIMIT if trouble is WatchTrouble.LIMIT else Reason.NO_WATCH
        hint = N_(
            "Changes are looked for every {n} seconds meanwhile.", n=round(context.settings.poll)
        )
        problems.append(Problem("", reason, message, hint, now_ms))
    problems.extend(
        Problem(
            line.source,
            Reason.IGNORE_FILE,
            N_(
                "{path}, line {line}: {message}",
                path=line.source,
                line=line.line,
                message=line.reason,
            ),
            N_("Correct the line; the others apply."),
            now_ms,
        )
        for line in engine.observer.rules.invalid
    )
    return problems


def _root_problem(root: RootState, now_ms: int) -> Problem:
    if root is RootState.MISSING:
        return Problem(
            "",
            Reason.ROOT_MISSING,
            N_(
                "The synced folder is not there. Nothing is synced, and nothing is deleted "
                "anywhere."
            ),
            N_(
                "Connect its disk or move it back; after moving it on purpose: "
                "dreamsync move-folder."
            ),
            now_ms,
        )
    return Problem(
        "",
        Reason.ROOT_REPLACED if root is RootState.REPLACED else Reason.ROOT_MISSING,
        N_(
            "Another folder stands where the synced folder was (its marker .dreamsync/root.json is "
            "missing or another's). Nothing is synced, and nothing is deleted anywhere."
        ),
        N_("Put the synced folder back, or sign in again to join this one."),
        now_ms,
    )


def _verified(journal: Journal) -> Verified | None:
    at_ms = journal.settings.get_integer("verified_at_ms")
    files = journal.settings.get_integer("verified_files")
    return None if at_ms is None or files is None else Verified(files, at_ms)
