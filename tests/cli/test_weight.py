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


def test_status_stays_light(tmp_path: pathlib.Path) -> None:
    server = ControlServer(FakeCommands(), InstancePaths.under(str(tmp_path)))
    server.start()
    code = "from dreamsync.cli.app import run; run(['status'])" + _LIST.format(heavy=HEAVY)
    try:
        assert python(code, tmp_path).endswith("laptop\n\n")
    finally:
        server.stop()
