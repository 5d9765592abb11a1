"""Fixtures of the stories that run the real program as processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.e2e import Workbench


@pytest.fixture
def full(request: pytest.FixtureRequest) -> bool:
    """Whether the run is full size (`--full`)."""
    return bool(request.config.getoption("--full"))


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Printed, so that a failure can be run again with `--seed`."""
    chosen = request.config.getoption("--seed")
    number = 20261122 if chosen is None else int(chosen)
    print(f"--seed {number}")
    return number


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    with Workbench(tmp_path) as bench:
        yield bench
