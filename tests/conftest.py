"""Options of every test run."""

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
