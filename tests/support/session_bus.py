"""A session bus of our own, and what a test needs of the machine it runs on."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest


def need_programs(*names: str) -> None:
    """Skip where the machine has not got them; in CI, which installs them, fail."""
    need([name for name in names if shutil.which(name) is None])


def need(missing: Sequence[str]) -> None:
    """The same for anything that is known to be missing."""
    if not missing:
        return
    told = f"not installed here: {', '.join(missing)}"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{told}; .ci/run should have installed them")
    pytest.skip(told)


@contextmanager
def session_bus(environment: Mapping[str, str]) -> Iterator[str]:
    """Its address. Programs that the bus starts get `environment`."""
    need_programs("dbus-daemon")
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1"],
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert bus.stdout is not None
        with bus.stdout as said:
            yield said.readline().strip()
    finally:
        bus.terminate()
        bus.wait()
