"""Times of the week in which something holds."""

from datetime import datetime

import pytest

from dreamsync.config.hours import in_hours, parse_hours

MONDAY, FRIDAY, SATURDAY, SUNDAY = 23, 27, 28, 29
"""Of November 2026."""


@pytest.mark.parametrize(
    ("text", "day", "time", "holds"),
    [
        ("08:00-18:00", MONDAY, "07:59", False),
        ("08:00-18:00", MONDAY, "08:00", True),
        ("08:00-18:00", SUNDAY, "17:59", True),
        ("08:00-18:00", MONDAY, "18:00", False),
        ("mon-fri 08:00-18:00", FRIDAY, "12:00", True),
        ("mon-fri 08:00-18:00", SATURDAY, "12:00", False),
        ("fri-mon 08:00-18:00", SUNDAY, "12:00", True),
        ("22:00-06:00", MONDAY, "23:00", True),
        ("22:00-06:00", MONDAY, "05:59", True),
        ("22:00-06:00", MONDAY, "06:00", False),
        ("Fri 22:00-06:00", SATURDAY, "03:00", True),
        ("fri 22:00-06:00", FRIDAY, "03:00", False),
        ("sun 22:00-06:00", MONDAY, "03:00", True),
        ("08:00-12:00, 13:00-24:00", MONDAY, "12:30", False),
        ("08:00-12:00, 13:00-24:00", MONDAY, "23:59", True),
        ("", MONDAY, "12:00", False),
    ],
)
def test_a_time_is_in_the_hours_or_not(text: str, day: int, time: str, holds: bool) -> None:
    hour, minute = map(int, time.split(":"))

    assert in_hours(parse_hours(text), datetime(2026, 11, day, hour, minute)) is holds


@pytest.mark.parametrize(
    "text",
    ["8", "08:00", "08:00-08:00", "25:00-26:00", "08:60-09:00", "24:00-06:00", "day 8:00-9:00",
     "mon-xxx 8:00-9:00", "8:00-9:00,", "8:00-9:00; 10:00-11:00", "mon tue 8:00-9:00"],
)  # fmt: skip
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_hours(text)
