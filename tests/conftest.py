"""Options of every test run."""

import os
from collections.abc import Generator

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full",
        action="store_true",
        help="end-to-end stories in the size that the promises name, instead of CI's",
    )
    parser.addoption(
        "--seed", type=int, default=None, help="the seed of the random end-to-end stories"
    )


def pytest_configure() -> None:
    """Whoever runs the tests may be using dreamsync: nothing of theirs is to be touched."""
    for name in [name for name in os.environ if name.startswith("DREAMSYNC_")]:
        del os.environ[name]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What is captured may hold names that are no text; between processes reports must be."""
    report = yield
    report.sections = [
        (title, text.encode(errors="backslashreplace").decode()) for title, text in report.sections
    ]
    return report
