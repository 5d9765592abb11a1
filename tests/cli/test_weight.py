"""Nothing heavy is imported where it is not used: `status` answers at once."""

import os
import pathlib
import subprocess
import sys

from dreamsync.config.paths import InstancePaths
from dreamsync.control.server import ControlServer
from tests.support.fake_commands import FakeCommands

HEAVY = ("httpx", "rich", "keyring", "watchdog", "sqlalchemy", "http.client", "asyncio", "ssl")

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


def test_status_stays_light_and_quick(tmp_path: pathlib.Path) -> None:
    server = ControlServer(FakeCommands(), InstancePaths.under(str(tmp_path)))
    server.start()
    code = "from dreamsync.cli.app import run; run(['status'])" + _LIST.format(heavy=HEAVY)
    try:
        assert python(code, tmp_path).endswith("laptop\n\n")
        assert min(_processor_seconds(tmp_path) for _ in range(8)) < 0.15
    finally:
        server.stop()


def _processor_seconds(home: pathlib.Path) -> float:
    """Of a whole process. The wall clock would measure what else this computer is doing."""
    before = os.times()
    python("from dreamsync.cli.app import run; run(['status'])", home)
    after = os.times()
    return (
        after.children_user - before.children_user + after.children_system - before.children_system
    )
