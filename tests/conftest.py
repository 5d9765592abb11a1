"""Options of every test run."""

import os
from collections.abc import Generator

import pytest

_MEASURING = ("test_at_rest.py", "test_realtime.py")
"""End-to-end stories that measure: they want the machine for themselves, so they come last."""
_AT_THE_USUAL_PORT = ("test_newcomer.py",)
"""`up` listens where a newcomer's server does, and wants to come back there."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full",
        action="store_true",
        help="end-to-end stories in the size that the promises name, instead of CI's",
    )
    parser.addoption(
        "--seed", type=int, default=None, help="the seed of the random end-to-end stories"
    )
    parser.addoption(
        "--seeds", type=int, default=1, help="how many seeds they are told with, from that one on"
    )
    parser.addoption(
        "--no-library", action="store_true", help="leave the standard library's crossing out"
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """What `-n auto` means: half of the time the stories of real processes wait for something."""
    return 2 * (os.cpu_count() or 1)


def pytest_configure() -> None:
    """Whoever runs the tests may be using dreamsync: nothing of theirs is to be touched, and
    nothing is to appear on their screen. What is said is compared with English."""
    screens = ("DISPLAY", "WAYLAND_DISPLAY")
    for name in [name for name in os.environ if name.startswith("DREAMSYNC_") or name in screens]:
        del os.environ[name]
    os.environ["DREAMSYNC_LANG"] = "en"


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Stories of real processes begin first, because they take longest; those of one file, and
    those that get in each other's way, come one after the other in one worker."""
    for item in items:
        if item.get_closest_marker("e2e"):
            item.add_marker(pytest.mark.xdist_group(_group(item.path.name)))
    items.sort(key=_turn)


def _group(file_name: str) -> str:
    if file_name in _MEASURING:
        return "measuring"
    return "newcomers" if file_name in _AT_THE_USUAL_PORT else file_name


def _turn(item: pytest.Item) -> int:
    if not item.get_closest_marker("e2e"):
        return 2
    return 1 if item.path.name in _MEASURING else 0


_FAILED = pytest.StashKey[bool]()


def has_failed(item: pytest.Item) -> bool:
    """Whether the test itself has failed: for fixtures, at their end."""
    return item.stash.get(_FAILED, False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests have to tell even where they pass: the seeds of random ones, and figures."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, text in report.user_properties:
            if name == "report":
                terminalreporter.write_line(str(text))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What is captured may hold names that are no text; between processes reports must be."""
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    report.sections = [
        (title, text.encode(errors="backslashreplace").decode()) for title, text in report.sections
    ]
    return report
