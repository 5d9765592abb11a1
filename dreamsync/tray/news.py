"""What of the state is news to a person, and when it is told: pure.

A kind waits until nothing has been added to it for a moment, so that a burst is one message, and
then rests. What goes away while it waits was no news. What was there when the tray began is none
either, but for what waits for an answer.
"""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field, replace

from dreamsync.core.status import Problem, Reason, State, Status
from dreamsync.tray.notice_words import notice_of
from dreamsync.tray.notices import Kind, Notice

_QUIET_MS = 3_000
_LONGEST_MS = 30_000
"""What never comes to rest is told after so long."""
_REST_MS = 600_000
"""After a message of a kind, the next of it is told no sooner."""

_AT_ONCE = {Kind.FIRST_SYNC}
_RESTLESS = {Kind.DELETIONS, Kind.SIGNED_OUT, Kind.FIRST_SYNC}
"""Each of them is another matter, and rare."""

_NEEDS_NOBODY = {
    Reason.UNREACHABLE,
    Reason.KEEPS_CHANGING,
    Reason.NO_WATCH,
    Reason.SIGNED_OUT,
}
"""They pass by themselves, or are told otherwise."""

Subject = frozenset[Hashable]
"""What there is of a kind at the moment."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    subject: Subject
    since_ms: int
    changed_ms: int


@dataclass(frozen=True, slots=True)
class _OfKind:
    """`told` is what the person knows; `at_ms` when it was last told on the screen; `shown`: it
    may still be there."""

    told: Subject
    waiting: _Waiting | None = None
    at_ms: int | None = None
    shown: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What has been told so far; what `news` gives is what it wants the next time."""

    kinds: Mapping[Kind, _OfKind] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class News:
    """`over` are kinds whose messages are no longer true. `again_ms`: ask again then, even where
    nothing changes; None: no need."""

    known: Known
    notices: tuple[Notice, ...] = ()
    over: tuple[Kind, ...] = ()
    again_ms: int | None = None


def news(
    known: Known,
    status: Status,
    wanted: Collection[Kind],
    *,
    now_ms: int,
    silent_until_ms: int | None = None,
) -> News:
    """What is to be told now that the state is `status`; only of the kinds `wanted`."""
    kinds: dict[Kind, _OfKind] = {}
    notices, over, later = list[Notice](), list[Kind](), list[int]()
    for kind in Kind:
        subject = _subject(kind, status)
        before = known.kinds.get(kind) or _OfKind(_known_from_the_start(kind, subject))
        one = _observed(kind, before, subject, now_ms, wanted=kind in wanted)
        if one.shown and not subject:
            over.append(kind)
            one = replace(one, shown=False)
        if one.waiting is not None:
            due_ms = max(_due_ms(kind, one.waiting, one.at_ms), silent_until_ms or 0)
            if now_ms < due_ms:
                later.append(due_ms)
            else:
                notices.append(notice_of(kind, status, pressing(status)))
                one = _OfKind(_remembered(kind, one.told, subject), at_ms=now_ms, shown=True)
        kinds[kind] = one
    return News(Known(kinds), tuple(notices), tuple(over), min(later, default=None))


def _observed(
    kind: Kind, before: _OfKind, subject: Subject, now_ms: int, *, wanted: bool
) -> _OfKind:
    if not (wanted and _fresh(kind, before.told, subject)):
        told = _remembered(kind, before.told, subject)
        return replace(before, told=told, waiting=None)
    waiting = before.waiting
    if waiting is None:
        waiting = _Waiting(subject, now_ms, now_ms)
    elif not subject <= waiting.subject:
        waiting = _Waiting(subject, waiting.since_ms, now_ms)
    return replace(before, waiting=waiting)


def _fresh(kind: Kind, told: Subject, subject: Subject) -> bool:
    if kind is Kind.CONFLICTS:
        # One that was resolved leaves an older one the newest.
        return _newest(subject) > _newest(told)
    return not subject <= told


def _remembered(kind: Kind, told: Subject, subject: Subject) -> Subject:
    return told | subject if kind is Kind.CONFLICTS else subject


def _newest(subject: Subject) -> int:
    return max((one for one in subject if isinstance(one, int)), default=0)


def _due_ms(kind: Kind, waiting: _Waiting, told_ms: int | None) -> int:
    if kind in _AT_ONCE:
        return waiting.since_ms
    due_ms = min(waiting.changed_ms + _QUIET_MS, waiting.since_ms + _LONGEST_MS)
    if told_ms is not None and kind not in _RESTLESS:
        due_ms = max(due_ms, told_ms + _REST_MS)
    return due_ms


def _known_from_the_start(kind: Kind, subject: Subject) -> Subject:
    return frozenset() if kind in {Kind.DELETIONS, Kind.SIGNED_OUT} else subject


def _subject(kind: Kind, status: Status) -> Subject:
    match kind:
        case Kind.CONFLICTS:
            return frozenset({status.conflicts.at_ms}) if status.conflicts else frozenset()
        case Kind.PROBLEMS:
            return frozenset((one.path, one.reason) for one in pressing(status))
        case Kind.DELETIONS:
            return frozenset(hold.id for hold in status.holds[:1])
        case Kind.FIRST_SYNC:
            return frozenset() if status.last_sync_ms is None else frozenset({True})
        case Kind.SIGNED_OUT:
            return frozenset({True}) if status.state is State.SIGNED_OUT else frozenset()


def pressing(status: Status) -> list[Problem]:
    """The problems that a person must do something about."""
    return [one for one in status.problems if one.reason not in _NEEDS_NOBODY]
