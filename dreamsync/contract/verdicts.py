"""What a check finds: it returns where the rule is met, and raises otherwise."""

from enum import Enum


class Verdict(Enum):
    MET = "met"
    NOT_MET = "not-met"
    NOT_OFFERED = "not-offered"


class NotMet(Exception):
    """The server does something else; the text says what."""


class NotOffered(Exception):
    """The server does not claim to."""


def expect(condition: object, otherwise: str) -> None:
    """Raise `NotMet` with that reason unless the condition holds."""
    if not condition:
        raise NotMet(otherwise)
