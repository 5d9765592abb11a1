"""How long a sign-in has to wait, as a table."""

import pytest

from dreamsync.server.accounts.throttle import Failures, after_one_more, seconds_to_wait

NOW_MS = 1_800_000_000_000


@pytest.mark.parametrize(
    ("failures", "seconds_ago", "wait_s"),
    [
        (0, 0, 0),
        (9, 0, 0),
        (10, 0, 30),
        (10, 29, 1),
        (10, 30, 0),
        (11, 0, 60),
        (14, 0, 480),
        (15, 0, 900),
        (1000, 0, 900),
        (1000, 900, 0),
    ],
)
def test_the_wait_doubles_up_to_a_quarter_of_an_hour(
    failures: int, seconds_ago: int, wait_s: int
) -> None:
    failed = Failures(failures, NOW_MS - seconds_ago * 1000)
    assert seconds_to_wait(failed, allowance=10, now_ms=NOW_MS) == wait_s


def test_a_clock_set_back_does_not_lengthen_the_wait() -> None:
    failed = Failures(10, NOW_MS + 10 * 365 * 86_400_000)
    assert seconds_to_wait(failed, allowance=10, now_ms=NOW_MS) == 30


def test_old_failures_are_forgotten() -> None:
    assert after_one_more(Failures(50, NOW_MS), now_ms=NOW_MS + 899_999).count == 51
    assert after_one_more(Failures(50, NOW_MS), now_ms=NOW_MS + 900_000).count == 1
