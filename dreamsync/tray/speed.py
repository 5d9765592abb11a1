"""How fast bytes move, from what one status says after another."""

from dataclasses import dataclass

from dreamsync.core.status import Direction, Status

_Key = tuple[str, Direction]
_STALLED = 20.0
"""Large blocks are told of when they are there: so many seconds without any are no standstill."""
_OF_THE_OLD = 0.6
"""So much of the speed so far stays in each new one: a number that jumps cannot be read."""


@dataclass(frozen=True, slots=True)
class Speed:
    """`a_second` None: it is not known yet, or nothing moves. `at` is when something last did."""

    a_second: float | None = None
    seen: tuple[tuple[_Key, int], ...] = ()
    at: float = 0.0

    def after(self, status: Status, at: float) -> "Speed":
        """With what `status` says at `at`, in seconds of a steady clock."""
        now = {(one.path, one.direction): one.bytes for one in status.transfers}
        if not now:
            return Speed()
        before = dict(self.seen)
        noted = tuple(now.items())
        if not before or at <= self.at:
            return Speed(self.a_second, noted, at)
        moved = sum(max(0, done - before.get(key, 0)) for key, done in now.items())
        if not moved:
            return Speed(0.0, self.seen, self.at) if at > self.at + _STALLED else self
        fresh = moved / (at - self.at)
        if self.a_second is not None:
            fresh = _OF_THE_OLD * self.a_second + (1 - _OF_THE_OLD) * fresh
        return Speed(fresh, noted, at)
