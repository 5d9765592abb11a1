"""Starting at login, with a real systemd manager of a user, which starts and watches the daemon."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dreamsync.core.status import State
from tests.support.e2e import DREAMSYNC, Instance, Workbench, wait_until
from tests.support.user_manager import UserManager, user_manager

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's"),
]

_IMPATIENT = "[Service]\nRestartSec=100ms\nWatchdogSec=2\n"
"""As a drop-in, which is how a person changes a unit: nobody waits for minutes here."""


@pytest.fixture
def manager(workbench: Workbench, tmp_path: Path) -> Iterator[UserManager]:
    with user_manager(workbench.environment, tmp_path / "manager") as one:
        yield one


def test_systemd_starts_watches_and_restarts_the_daemon(
    workbench: Workbench, manager: UserManager
) -> None:
    computer = workbench.device("computer", workbench.server(), run=False)
    manager.environment["DREAMSYNC_HOME"] = str(computer.home)
    before = config_files(computer)

    switched_on = manager.run(*DREAMSYNC, "autostart", "on")
    unit = f"dreamsync-{computer.paths.mark[:8]}.service"
    assert unit in switched_on
    assert manager.systemctl("is-enabled", unit).strip() == "enabled"
    add_drop_in(manager, computer, unit)

    manager.run(*DREAMSYNC, "start")
    first = manager.main_pid(unit)
    assert first, "the manager started it, not the command"
    assert manager.shown(unit, "SubState") == "running"
    computer.wait_idle()

    manager.signal(unit, signal.SIGKILL)
    wait_until(lambda: manager.main_pid(unit) not in (0, first), "a new one after the kill")
    second = manager.main_pid(unit)
    wait_until(lambda: manager.shown(unit, "SubState") == "running", "it to say that it is ready")

    manager.signal(unit, signal.SIGSTOP)
    wait_until(lambda: manager.main_pid(unit) not in (0, second), "a new one for the hung one")
    wait_until(lambda: state_of(computer) is State.IDLE, "it to be idle again")
    assert manager.shown(unit, "NRestarts") == "2"

    manager.run(*DREAMSYNC, "stop")
    wait_until(lambda: manager.shown(unit, "ActiveState") == "inactive", "it to stay away")

    sound = Path(computer.paths.config_file).read_text()
    Path(computer.paths.config_file).write_text("[nonsense]\n")
    manager.systemctl("start", unit, codes=(1,))
    assert manager.shown(unit, "ExecMainStatus") == "78"
    assert manager.shown(unit, "ActiveState") == "failed", "it is not tried again"
    Path(computer.paths.config_file).write_text(sound)

    manager.run(*DREAMSYNC, "autostart", "off")
    remove_drop_in(computer, unit)
    manager.systemctl("is-enabled", unit, codes=(1,))
    assert config_files(computer) == before


def add_drop_in(manager: UserManager, computer: Instance, unit: str) -> None:
    place = config_home(computer) / "systemd/user" / f"{unit}.d" / "impatient.conf"
    place.parent.mkdir()
    place.write_text(_IMPATIENT)
    manager.systemctl("daemon-reload")


def remove_drop_in(computer: Instance, unit: str) -> None:
    place = config_home(computer) / "systemd/user" / f"{unit}.d" / "impatient.conf"
    place.unlink()
    place.parent.rmdir()


def config_files(computer: Instance) -> dict[str, bytes]:
    home = config_home(computer)
    return {str(one): one.read_bytes() for one in home.rglob("*") if one.is_file()}


def config_home(computer: Instance) -> Path:
    return Path(computer.environment["XDG_CONFIG_HOME"])


def state_of(computer: Instance) -> State | None:
    status = computer.try_status()
    return status.state if status else None
