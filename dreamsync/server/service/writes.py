"""Mutations: the cursor checked, the key looked up, the rule run, one commit, listeners told."""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dreamsync.core.names import wire_name_problem
from dreamsync.server.metadata.records import ROOT_ID, StoredAnswer
from dreamsync.server.metadata.store import MetadataStore
from dreamsync.server.service.access import writing
from dreamsync.server.service.answers import Answer, BatchResult, Refused
from dreamsync.server.service.clock import Clock, Ids
from dreamsync.server.service.commits import Commits
from dreamsync.server.service.cursors import Cursor, require_known
from dreamsync.server.service.draft import Draft
from dreamsync.server.service.errors import Invalid, KeyReused, ServiceError
from dreamsync.server.service.requests import Caller, Mutation, ParentPlace, Place
from dreamsync.wire.sync_file import SyncFile

_KEY = re.compile(r"[\x21-\x7e]{8,64}")


@dataclass(frozen=True, slots=True)
class Step:
    """One mutation: `rule` runs only if `key` was not answered before. It will ask for the node
    `file_id` or for who is at `place`; other than that, it may ask for anything."""

    key: str
    request_hash: str
    rule: Callable[[Draft], Answer]
    file_id: str | None = None
    place: Place | None = None


class Writes:
    """Runs steps as one commit of a space."""

    def __init__(
        self, metadata: MetadataStore, commits: Commits, *, clock: Clock, ids: Ids
    ) -> None:
        self._metadata = metadata
        self._commits = commits
        self._clock = clock
        self._ids = ids

    def one(
        self,
        caller: Caller,
        mutation: Mutation,
        request: object,
        rule: Callable[[Draft], Answer],
    ) -> Answer:
        """Run one mutation. Raise what the rule refuses; then nothing is stored."""
        check_key(mutation.key)
        step = Step(mutation.key, request_hash(request), rule)
        result = self.all(caller, [step], cursor=mutation.cursor)[0]
        if isinstance(result, Refused):
            raise result.error
        return result

    def all(
        self, caller: Caller, steps: Sequence[Step], *, cursor: str | None
    ) -> tuple[BatchResult, ...]:
        """Run the steps in order, each with its own result, as one commit."""
        known = None if cursor is None else Cursor.parse(cursor)
        with writing(self._metadata, caller.space_id) as writer:
            if known is not None:
                require_known(writer, known)
            draft = Draft(writer, caller, now_ms=self._clock.now_ms(), ids=self._ids)
            stored = writer.answers(caller.account_id, [step.key for step in steps])
            _foresee(draft, [step for step in steps if step.key not in stored])
            results = tuple(_run(draft, step, stored.get(step.key)) for step in steps)
            committed = draft.settle()
            head = Cursor.at_head(writer.head)
        if committed:
            self._commits.tell(caller.space_id, str(head))
        return results


def _foresee(draft: Draft, steps: Sequence[Step]) -> None:
    """A single step asks by itself; what is no name is the rule's to refuse."""
    if len(steps) > 1:
        places = [step.place for step in steps if step.file_id is None]
        draft.foresee(
            [step.file_id for step in steps if step.file_id is not None],
            [
                (place.parent_id or ROOT_ID, place.name)
                for place in places
                if isinstance(place, ParentPlace) and wire_name_problem(place.name) is None
            ],
        )


def check_key(key: str) -> None:
    if _KEY.fullmatch(key) is None:
        raise Invalid.request("An Idempotency-Key has 8 to 64 visible ASCII characters.")


def request_hash(request: object) -> str:
    """Of a frozen dataclass, or of a tuple of them: its `repr` names each field and value."""
    return hashlib.sha256(repr(request).encode("utf-8", "backslashreplace")).hexdigest()


def _run(draft: Draft, step: Step, stored: StoredAnswer | None) -> BatchResult:
    earlier = stored or draft.remembered(step.key)
    try:
        if earlier is not None:
            return _again(earlier, step)
        with draft.attempt():
            answer = step.rule(draft)
    except ServiceError as error:
        return Refused(error)
    draft.remember(step.key, step.request_hash, answer)
    return answer


def _again(earlier: StoredAnswer, step: Step) -> Answer:
    if earlier.request_hash != step.request_hash:
        raise KeyReused
    return Answer(earlier.status, SyncFile.parse(json.loads(earlier.body)))
