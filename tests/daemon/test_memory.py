"""Giving memory back at rest."""

import os
import subprocess
import sys

import pytest

from dreamsync.daemon.memory import Rest


def test_each_rest_is_tidied_once_and_only_after_a_disturbance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0
    monkeypatch.setattr("dreamsync.daemon.memory.time.monotonic", lambda: now)
    released: list[float] = []
    rest = Rest(lambda: released.append(now))

    rest.begun()
    rest.begun()
    now += 60
    rest.begun()
    assert released == [1000.0]

    rest.disturbed()
    rest.begun()
    rest.disturbed()
    now += 1
    rest.begun()
    assert released == [1000.0, 1060.0]


def test_the_daemon_loads_nothing_made_for_screens() -> None:
    """httpx would bring its own command line along."""
    code = (
        "import sys, dreamsync.daemon.instance, dreamsync.daemon.run;"
        "print(*({'rich', 'pygments', 'keyring', 'starlette'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    )
    assert done.stdout.split() == []
