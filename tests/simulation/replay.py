"""A trace asked of the real server: it must answer as the memory server did."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from dreamsync.remotes.errors import Conflict, NotFound, RemoteError
from dreamsync.remotes.protocol import Remote
from tests.simulation.likeness import Likeness
from tests.simulation.real_server import RealServer
from tests.simulation.scenario import Scenario
from tests.simulation.trace import Call, Care, Trace
from tests.simulation.world import play

_MOST_TOLD = 3


@dataclass(frozen=True, slots=True)
class Told:
    """`asked`: kinds of calls, of care and of refusals that the trace had, as often as it did."""

    differences: list[str]
    asked: Counter[str]


def ask_the_real_server(scenario: Scenario, server: RealServer) -> Told:
    """What `server` answers otherwise than the memory server, when the same is asked of it.

    The network is calm, because a trace has what reached the server.
    """
    trace = Trace()
    failure = play(replace(scenario, network_rates=()), trace).failure
    found = [f"the run itself failed: {failure}"] if failure else []
    found += _Replay(server).differences(trace)
    return Told(found, Counter(kind for event in trace.events for kind in _kinds(event)))


def _kinds(event: Call | Care) -> Iterator[str]:
    if isinstance(event, Care):
        yield event.deed
        return
    yield event.method
    answers = event.answer if isinstance(event.answer, list | tuple) else [event.answer]
    for answer in answers:
        if isinstance(answer, Conflict):
            yield f"Conflict {answer.code.value}"
        elif isinstance(answer, RemoteError):
            yield type(answer).__name__


class _Replay:
    """One trace, on an account of its own."""

    def __init__(self, server: RealServer) -> None:
        self._server = server
        self._email = server.new_account()
        self._likeness = Likeness()
        self._remotes: dict[str, Remote] = {}
        self._cursors: dict[str, str | None] = {}
        self._revoked: set[str] = set()
        self._backup = ""
        self._purged = False

    def differences(self, trace: Trace) -> list[str]:
        """The first few answers that are not the memory server's."""
        told: list[str] = []
        try:
            for number, event in enumerate(trace.events):
                told.extend(f"{number} {text}" for text in self._differences_of(event))
                if len(told) >= _MOST_TOLD:
                    break
        finally:
            self._sign_all_out()
        return told

    def _differences_of(self, event: Call | Care) -> Iterator[str]:
        if isinstance(event, Care):
            self._care(event)
            return
        found, expected = self._asked(event), event.answer
        if self._purged:
            expected = _without_superseded(event.method, expected, found)
        at = f"{event.device} {event.method}{event.arguments}"
        yield from self._likeness.differences(expected, found, at)

    def _asked(self, call: Call) -> object:
        arguments = [self._likeness.translated(value) for value in call.arguments]
        options = {name: self._likeness.translated(item) for name, item in call.options.items()}
        if call.method == "use_cursor":
            self._cursors[call.device] = arguments[0]  # type: ignore[assignment]
        try:
            answer = getattr(self._remote(call.device), call.method)(*arguments, **options)
            return b"".join(answer) if call.method == "download" else answer
        except RemoteError as error:
            return error

    def _remote(self, device: str) -> Remote:
        if device not in self._remotes:
            remote = self._server.join(self._email, device)
            remote.use_cursor(self._cursors.get(device))
            self._remotes[device] = remote
            if device in self._revoked:
                self._server.revoke(self._email, device)
        return self._remotes[device]

    def _care(self, care: Care) -> None:
        match care.deed:
            case "purge":
                self._purged = True
                self._server.forget_deletions()
            case "back up":
                self._backup = self._server.back_up()
            case "restore":
                self._sign_all_out()
                self._server.restore(self._backup)
            case "revoke":
                self._remote(care.device)
                self._revoked.add(care.device)
                self._server.revoke(self._email, care.device)
            case "admit":
                self._revoked.discard(care.device)
                if care.device in self._remotes:
                    self._remotes.pop(care.device).close()

    def _sign_all_out(self) -> None:
        for remote in self._remotes.values():
            remote.close()
        self._remotes.clear()


def _without_superseded(method: str, expected: object, found: object) -> object:
    """Our server forgets superseded versions along with deletions: neither their entries nor their
    bytes are asked for then."""
    if not (isinstance(found, list | tuple) and isinstance(expected, list | tuple)):
        return found if method == "download" and isinstance(found, NotFound) else expected
    if method == "versions":
        left = {kept.version for kept in found}
        return [kept for kept in expected if kept.version in left]
    if method == "download_batch" and len(found) == len(expected):
        pairs = zip(found, expected, strict=True)
        return [one if isinstance(one, NotFound) else other for one, other in pairs]
    return expected
