"""Fixtures of the stories that run the real program as processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import has_failed
from tests.support.e2e import Workbench
from tests.support.evidence import print_evidence

_SEED = 20261122


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A random story is told once, or as often as `--seeds` says."""
    if "seed" in metafunc.fixturenames:
        first = metafunc.config.getoption("--seed")
        first = _SEED if first is None else first
        metafunc.parametrize("seed", range(first, first + metafunc.config.getoption("--seeds")))


@pytest.fixture
def full(request: pytest.FixtureRequest) -> bool:
    """Whether the run is full size (`--full`)."""
    return bool(request.config.getoption("--full"))


@pytest.fixture
def library(request: pytest.FixtureRequest) -> bool:
    """Whether the stories that do begin with the standard library's crossing."""
    return not request.config.getoption("--no-library")


@pytest.fixture
def workbench(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Workbench]:
    with Workbench(tmp_path) as bench:
        yield bench
        if has_failed(request.node):
            print_evidence(bench)
