"""Typed values survive JSON, and nothing else gets through."""

import json
from dataclasses import dataclass
from enum import Enum

import pytest

from dreamsync.control.codec import Malformed, decode, encode
from dreamsync.core.status import (
    Direction,
    Paused,
    PauseReason,
    SkippedItem,
    Status,
    TransferStatus,
    Verified,
)
from tests.support.fake_commands import HOLD, IDLE, PROBLEM


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Paint:
    colour: Colour
    litres: float
    note: str | None = None
    coats: tuple[int, ...] = ()


def test_a_full_status_survives() -> None:
    status = Status(
        state=IDLE.state,
        transfers=(TransferStatus("사진/하나.jpg", Direction.UP, 1, 2),),
        problems=(PROBLEM,),
        skipped=(SkippedItem("na\udcffme", "name-not-utf8"),),
        holds=(HOLD,),
        paused=Paused(PauseReason.PERSON),
        verified=Verified(3, 4),
    )
    assert decode(Status, json.loads(json.dumps(encode(status))), strict=True) == status


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([], "body must be an object"),
        ({"colour": "red"}, "body.litres is missing"),
        ({"colour": "blue", "litres": 1.0}, "body.colour has a value"),
        ({"colour": ["red"], "litres": 1.0}, "body.colour has a value"),
        ({"colour": "red", "litres": "1"}, "body.litres must be of type float"),
        ({"colour": "red", "litres": True}, "body.litres must be of type float"),
        ({"colour": "red", "litres": 1, "note": 5}, "body.note must be of type str"),
        ({"colour": "red", "litres": 1, "coats": 5}, "body.coats must be a list"),
        ({"colour": "red", "litres": 1, "coats": [1, "2"]}, r"body.coats\[1\] must be"),
        ({"colour": "red", "litres": 1, "colou": 1}, "body has no field 'colou'"),
    ],
)
def test_a_request_of_another_shape_is_refused(value: object, says: str) -> None:
    with pytest.raises(Malformed, match=says):
        decode(Paint, value, strict=True)


def test_an_answer_may_know_more_than_we_do() -> None:
    value = {"colour": "red", "litres": 1, "gloss": True}
    assert decode(Paint, value, strict=False) == Paint(Colour.RED, 1.0)
