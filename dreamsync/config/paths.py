"""Where one instance keeps its things: all under `DREAMSYNC_HOME`, or the platform's own folders.

On Windows everything lies in %LOCALAPPDATA%: journal and device id must never roam to a second
computer, which would then be the same device twice.
"""

import os
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass

_LONGEST_SOCKET_PATH = 100
"""`sun_path` holds 104 bytes on macOS, 108 on Linux, the closing NUL included."""


@dataclass(frozen=True, slots=True)
class InstancePaths:
    """Absolute paths; none needs to exist. `state` holds the journal and is the instance's
    identity: one daemon at a time holds `lock_file` in it. `home` is `DREAMSYNC_HOME`, None where
    everything is in the platform's own folders."""

    home: str | None
    config_file: str
    state: str
    journal: str
    logs: str
    secrets_file: str
    control_folder: str
    lock_file: str
    server_data: str
    default_folder: str

    @property
    def mark(self) -> str:
        """Short and the same at every start: tells instances apart where they share a place."""
        return _mark(self.state, 16)

    @property
    def log_file(self) -> str:
        return os.path.join(self.logs, "dreamsync.log")

    @property
    def command_log_file(self) -> str:
        """Of the commands a person types: two processes must not rotate one file."""
        return os.path.join(self.logs, "commands.log")

    @property
    def server_log_file(self) -> str:
        return os.path.join(self.logs, "server.log")

    @property
    def start_report(self) -> str:
        """The last words of a daemon started in the background."""
        return os.path.join(self.logs, "start.log")

    @property
    def tray_report(self) -> str:
        """The same of a tray."""
        return os.path.join(self.logs, "tray.log")

    @property
    def tray_lock_file(self) -> str:
        """One tray at a time holds it."""
        return os.path.join(self.state, "tray.lock")

    @property
    def silence_file(self) -> str:
        """Until when notifications are silent."""
        return os.path.join(self.state, "silent-until")

    @property
    def socket(self) -> str:
        return os.path.join(self.control_folder, "control.sock")

    @property
    def control_port_file(self) -> str:
        """Windows: port and token of the loopback control channel."""
        return os.path.join(self.control_folder, "control.json")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "InstancePaths":
        home = environment.get("DREAMSYNC_HOME")
        return cls.under(os.path.abspath(home)) if home else cls.of_platform()

    @classmethod
    def under(cls, home: str) -> "InstancePaths":
        """Everything of one instance below `home`."""
        return _make(
            home=home,
            config=home,
            state=os.path.join(home, "state"),
            data=home,
            logs=os.path.join(home, "logs"),
            folder=os.path.join(home, "folder"),
        )

    @classmethod
    def of_platform(cls) -> "InstancePaths":
        import platformdirs

        place = platformdirs.PlatformDirs("dreamsync", appauthor=False, roaming=False)
        return _make(
            home=None,
            config=place.user_config_dir,
            state=place.user_state_dir,
            data=place.user_data_dir,
            logs=place.user_log_dir,
            folder=os.path.join(os.path.expanduser("~"), "dreamsync"),
        )


def make_private_folder(path: str) -> None:
    """Make `path` a folder of ours with mode 0700. Raise `PermissionError` where it is another's:
    a folder in a shared place may have been put there by somebody else."""
    os.makedirs(path, mode=0o700, exist_ok=True)
    if sys.platform == "win32":
        return
    seen = os.lstat(path)
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.geteuid():
        raise PermissionError(f"{path} belongs to somebody else")
    if seen.st_mode & 0o077:
        os.chmod(path, 0o700)


def _make(
    *, home: str | None, config: str, state: str, data: str, logs: str, folder: str
) -> InstancePaths:
    return InstancePaths(
        home=home,
        config_file=os.path.join(config, "config.toml"),
        state=state,
        journal=os.path.join(state, "journal.sqlite"),
        logs=logs,
        secrets_file=os.path.join(state, "secrets.json"),
        control_folder=_control_folder(state),
        lock_file=os.path.join(state, "daemon.lock"),
        server_data=os.path.join(data, "server"),
        default_folder=folder,
    )


def _control_folder(state: str) -> str:
    folder = os.path.join(state, "control")
    socket = os.path.join(folder, "control.sock")
    if sys.platform == "win32" or len(os.fsencode(socket)) <= _LONGEST_SOCKET_PATH:
        return folder
    mark = _mark(os.path.realpath(state), 12)
    return os.path.join(_runtime_folder(), f"dreamsync-{os.geteuid()}-{mark}")


def _mark(path: str, digits: int) -> str:
    """Imported here: it brings OpenSSL, and the command line asks for a mark hardly ever."""
    import hashlib

    return hashlib.sha256(os.fsencode(path)).hexdigest()[:digits]


def _runtime_folder() -> str:
    import tempfile

    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime and len(os.fsencode(runtime)) < 40 and os.path.isdir(runtime):
        return runtime
    temporary = tempfile.gettempdir()
    return temporary if len(os.fsencode(temporary)) < 40 else "/tmp"  # noqa: S108 - 0700, checked
