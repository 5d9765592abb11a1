"""Nothing heavy is imported where it is not used: `status` answers at once."""

import os
import pathlib
import subprocess
import sys

from dreamsync.config.paths import InstancePaths
from dreamsync.control.server import ControlServer
from tests.support.fake_commands import FakeCommands

HEAVY = ("httpx", "rich", "keyring", "watchdog", "sqlalchemy", "http.client", "asyncio", "ssl")

MOST_MODULES = 130
"""Each costs a status about half a millisecond; a bare Python's own are not counted."""

_LIST = "; import sys; print(*[name for name in {heavy!r} if name in sys.modules])"


def python(code: str, home: pathlib.Path) -> str:
    environment = {**os.environ, "DREAMSYNC_HOME": str(home)}
    finished = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert finished.stderr == ""
    return finished.stdout


def test_importing_the_command_line_is_light(tmp_path: pathlib.Path) -> None:
    assert (
        python("import dreamsync.cli, dreamsync.cli.app" + _LIST.format(heavy=HEAVY), tmp_path)
        == "\n"
    )


def test_status_stays_light(tmp_path: pathlib.Path) -> None:
    heavy, count = _of_status(tmp_path)

    assert heavy == ""
    assert int(count) <= MOST_MODULES


def _of_status(home: pathlib.Path) -> list[str]:
    """What it has imported that is heavy, and how many modules in all."""
    server = ControlServer(FakeCommands(), InstancePaths.under(str(home)))
    server.start()
    code = (
        "import sys; bare = set(sys.modules); from dreamsync.cli.app import run; run(['status'])"
        + _LIST.format(heavy=HEAVY)
        + "; print(len(set(sys.modules) - bare))"
    )
    try:
        return python(code, home).splitlines()[-2:]
    finally:
        server.stop()
