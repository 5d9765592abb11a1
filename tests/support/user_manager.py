"""A real systemd manager for a user, in namespaces of its own: this machine need not be run by it.

The manager asks whether systemd runs the machine by a folder in /run, and wants a hierarchy of
control groups whose root it is; so it gets a /run and a hierarchy that only it sees.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.e2e import wait_until
from tests.support.session_bus import need

_NAMESPACES = ("unshare", "--mount", "--pid", "--cgroup", "--fork", "--mount-proc", "--kill-child")
_SETTING_UP = """
set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system
if mountpoint -q /sys/fs/cgroup/systemd; then
    umount /sys/fs/cgroup/systemd
    mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd
fi
"""
_MANAGER = "/usr/lib/systemd/systemd"


@dataclass
class UserManager:
    """`environment` is what programs need that speak to it; they must be run by `run`."""

    environment: dict[str, str]
    _pid: int

    def run(self, *command: str, codes: tuple[int, ...] = (0,)) -> str:
        """In the manager's namespaces; what it printed."""
        enter = ("nsenter", "--target", str(self._pid), "--mount", "--pid", "--cgroup")
        done = subprocess.run(
            (*enter, *command), env=self.environment, capture_output=True, text=True, check=False,
            timeout=120,
        )  # fmt: skip
        assert done.returncode in codes, (command, done)
        return done.stdout

    def systemctl(self, *arguments: str, codes: tuple[int, ...] = (0,)) -> str:
        return self.run("systemctl", "--user", *arguments, codes=codes)

    def shown(self, unit: str, name: str) -> str:
        """One property of a unit."""
        return self.systemctl("show", "--property", name, "--value", unit).strip()

    def main_pid(self, unit: str) -> int:
        """As the namespace counts; 0 where nothing runs."""
        return int(self.shown(unit, "MainPID"))

    def signal(self, unit: str, number: signal.Signals) -> None:
        self.systemctl("kill", "--kill-whom=main", f"--signal={number.name}", unit)


@contextmanager
def user_manager(environment: Mapping[str, str], folder: Path) -> Iterator[UserManager]:
    """Skips where there is no systemd or where namespaces may not be made."""
    need([] if os.path.exists(_MANAGER) and shutil.which("systemctl") else ["systemd"])
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700, parents=True)
    own = {**environment, "XDG_RUNTIME_DIR": str(runtime)}
    tried = subprocess.run(
        [*_NAMESPACES, "bash", "-c", _SETTING_UP], check=False, capture_output=True
    )
    need([] if tried.returncode == 0 else ["the right to make namespaces"])
    with (folder / "manager.log").open("wb") as log:
        outer = subprocess.Popen(
            [*_NAMESPACES, "bash", "-c", f"{_SETTING_UP}\n{_MANAGER} --user\nexit 0"],
            env=own, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    try:
        manager = UserManager(own, wait_until(lambda: _child_of(outer.pid), "the manager's shell"))
        socket = runtime / "systemd" / "private"
        wait_until(socket.exists, (folder / "manager.log").read_text(errors="replace"))
        yield manager
    finally:
        outer.kill()
        outer.wait()


def _child_of(pid: int) -> int | None:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if children else None
