"""Strict reading of JSON fields, times above all."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamsync.wire.fields import Fields, WireError
from dreamsync.wire.sync_file import nanoseconds_to_json, time_to_json


def fields(value: object) -> Fields:
    return Fields.of({"field": value}, "message")


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:01.000000001Z", 1_000_000_001),
        ("1970-01-01T09:00:00+09:00", 0),
        ("1970-01-01t00:00:00.5z", 500_000_000),
        ("1969-12-31T23:59:59.25Z", -750_000_000),
        ("2023-11-14T22:13:20.123456789123Z", 1_700_000_000_123_456_789),
    ],
)
def test_a_time_is_read_to_the_nanosecond(text: str, nanoseconds: int) -> None:
    assert fields(text).optional_nanoseconds("field") == nanoseconds


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-01-01", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", 7, True],
)
def test_what_is_no_time_is_refused(text: object) -> None:
    with pytest.raises(WireError, match="field"):
        fields(text).optional_time("field")


@given(moment_ns=st.integers(-(10**18), 10**19))
def test_an_mtime_keeps_every_digit(moment_ns: int) -> None:
    assert fields(nanoseconds_to_json(moment_ns)).optional_nanoseconds("field") == moment_ns


def test_a_time_is_told_in_utc_with_milliseconds() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678999, UTC)

    assert time_to_json(moment) == "2026-01-02T03:04:05.678Z"


@pytest.mark.parametrize("value", [-1, 2**63, 1.5, True, "1", None, []])
def test_an_integer_is_not_negative_and_fits_a_database(value: object) -> None:
    with pytest.raises(WireError):
        fields(value).integer("field")


@pytest.mark.parametrize("value", [[1, "2"], [True], [-1], "12", {}])
def test_a_list_is_of_one_kind(value: object) -> None:
    with pytest.raises(WireError):
        fields(value).integers_or("field", ())
