"""What came from what: the record by which a census judges a run.

A *state* is one content of one file, with a token, made on one device from the state that stood
there before; an end (deleted, or turned into a folder) is a state without content. Two states are
*concurrent* where neither comes from the other: then, and only then, both sides have edited.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class State:
    """`digest` is the SHA-256 of the whole content in hex; None for an end."""

    token: str
    device: str
    path: str
    parent: str | None
    digest: str | None


@dataclass
class Lineage:
    states: dict[str, State] = field(default_factory=dict)
    _twins: set[str] = field(default_factory=set)
    _children: dict[str, list[State]] = field(default_factory=dict)
    _ends: int = 0

    def wrote(
        self, token: str, *, device: str, path: str, data: bytes, parent: str | None = None
    ) -> None:
        self._add(State(token, device, path, parent, hashlib.sha256(data).hexdigest()))

    def ended(self, parent: str, *, device: str, path: str) -> str:
        """The file with that token was deleted, or gave its name to a folder; the end's token."""
        self._ends += 1
        token = f"end {self._ends}"
        self._add(State(token, device, path, parent, None))
        return token

    def origin(self, path: str) -> str:
        """A common past for what two devices create under one name."""
        self._ends += 1
        token = f"origin {self._ends}"
        self._add(State(token, "", path, None, None))
        return token

    def has_twin(self, token: str, *, device: str) -> None:
        """The same bytes were made on another device under the same name."""
        self._twins.add(token)
        state = self.states[token]
        self._add(State(f"twin {token}", device, state.path, state.parent, None))

    def is_twin(self, token: str) -> bool:
        return token in self._twins

    def children(self, token: str) -> list[State]:
        return self._children.get(token, [])

    def leaves(self) -> Iterator[State]:
        """Contents that nobody has edited or deleted since."""
        for state in self.states.values():
            if state.digest is not None and not self.children(state.token):
                yield state

    def must_be_kept(self, state: State, acknowledged: set[str]) -> bool:
        """Whether the content was settled: the server had it, another device went on from it, or
        it stayed on the disk until dreamsync itself replaced, moved or deleted it."""
        if state.digest is None:
            return False
        if state.digest in acknowledged:
            return True
        followers = {child.device for child in self.children(state.token)}
        if state.token in self._twins:
            return len(followers) < 2
        return followers != {state.device}

    def both_sides_edited(self, token: str) -> bool:
        """Whether some state of another device is concurrent with this one or one before it."""
        line = self._line(token)
        family = self._family(line[-1])
        return any(
            other.device not in {mine.device, ""}
            and other.token not in self._past(mine.token)
            and mine.token not in self._past(other.token)
            for mine in (self.states[one] for one in line)
            if mine.device
            for other in family
        )

    def _add(self, state: State) -> None:
        self.states[state.token] = state
        if state.parent is not None:
            self._children.setdefault(state.parent, []).append(state)

    def _line(self, token: str) -> list[str]:
        """The state and all before it, up to the first."""
        line = [token]
        while (parent := self.states[line[-1]].parent) is not None:
            line.append(parent)
        return line

    def _past(self, token: str) -> set[str]:
        return set(self._line(token))

    def _family(self, first: str) -> list[State]:
        found = [self.states[first]]
        for state in found:
            found.extend(self.children(state.token))
        return found
