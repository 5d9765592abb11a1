"""Bandwidth limits as the settings have them, by a clock on the wall that a test moves."""

from datetime import datetime

from dreamsync.config.settings import NetworkSettings
from dreamsync.daemon.limits import Limits

WORK = NetworkSettings(
    upload_limit_kib=100, download_limit_kib=0, limit_hours="mon-fri 08:00-18:00"
)


def test_limits_hold_in_their_hours() -> None:
    now = datetime(2026, 11, 23, 7, 59)
    limits = Limits(WORK, local_time=lambda: now)
    assert rates(limits) == (None, None)

    now = datetime(2026, 11, 23, 8, 0)
    limits.follow_clock()
    assert rates(limits) == (100 * 1024, None)

    now = datetime(2026, 11, 28, 8, 0)
    limits.follow_clock()
    assert rates(limits) == (None, None), "a Saturday"


def test_without_hours_they_hold_always_and_others_at_once() -> None:
    limits = Limits(NetworkSettings(upload_limit_kib=1), local_time=lambda: datetime(2026, 1, 1))
    assert rates(limits) == (1024, None)

    limits.apply(NetworkSettings(download_limit_kib=2))
    assert rates(limits) == (None, 2048)


def rates(limits: Limits) -> tuple[int | None, int | None]:
    return limits.up.rate, limits.down.rate
