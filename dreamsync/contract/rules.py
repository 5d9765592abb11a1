"""A rule, and what may be said of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from dreamsync.contract.bench import Bench
from dreamsync.contract.verdicts import Verdict


class Level(Enum):
    """PLAIN: without it no client can work. FULL: the contract's core. OFFERED: behind a
    capability, to be kept where the server says that it offers it."""

    PLAIN = "plain"
    FULL = "full"
    OFFERED = "offered"


@dataclass(frozen=True, slots=True)
class Rule:
    """`words` say what is demanded, in English and as a message to translate. `check` raises
    `NotMet` or `NotOffered`; `capability` is the one the server must name, if any."""

    name: str
    level: Level
    words: str
    check: Callable[[Bench], None]
    capability: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    rule: Rule
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """`left` is what could not be cleaned away; empty as a rule."""

    server: str
    results: tuple[Result, ...]
    left: str = ""

    @property
    def is_whole(self) -> bool:
        """All of the contract that is no matter of choice, and all that is offered besides."""
        return all(
            result.verdict is Verdict.MET
            or (result.verdict is Verdict.NOT_OFFERED and result.rule.level is Level.OFFERED)
            for result in self.results
        )

    @property
    def is_usable(self) -> bool:
        """Whether a client can work with it, as with a plain server."""
        return all(
            result.verdict is Verdict.MET
            for result in self.results
            if result.rule.level is Level.PLAIN
        )
