"""Options of every test run."""

import os
from collections.abc import Generator

import pytest

_MEASURING = ("test_at_rest.py", "test_realtime.py")
"""End-to-end stories that measure: they want the machine for themselves, so they come last."""


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
    """Whoever runs the tests may be using dreamsync: nothing of theirs is to be touched, and
    nothing is to appear on their screen."""
    screens = ("DISPLAY", "WAYLAND_DISPLAY")
    for name in [name for name in os.environ if name.startswith("DREAMSYNC_") or name in screens]:
        del os.environ[name]


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Stories of real processes run one after the other, beside all other tests if there are
    several workers; they begin first, because they take longest."""
    for item in items:
        if item.get_closest_marker("e2e"):
            item.add_marker(pytest.mark.xdist_group("processes"))
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    if not item.get_closest_marker("e2e"):
        return 2
    return 1 if item.path.name in _MEASURING else 0


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What is captured may hold names that are no text; between processes reports must be."""
    report = yield
    report.sections = [
        (title, text.encode(errors="backslashreplace").decode()) for title, text in report.sections
    ]
    return report
