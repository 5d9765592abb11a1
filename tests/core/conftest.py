"""Hypothesis profiles for the planner: `quick` by default, `long` when asked for by option."""

import pytest
from hypothesis import HealthCheck, settings

_LENIENT = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile(
    "quick",
    max_examples=400,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=_LENIENT,
)
settings.register_profile(
    "long",
    max_examples=1_500,
    deadline=None,
    print_blob=True,
    suppress_health_check=_LENIENT,
)


def pytest_configure(config: pytest.Config) -> None:
    if not config.getoption("--hypothesis-profile"):
        settings.load_profile("quick")
