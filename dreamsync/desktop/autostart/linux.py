"""Linux: systemd user units where there is systemd, XDG autostart elsewhere and for the tray.

Quoting differs between the two: a unit's `%` and `$` are its own, a desktop entry's `%` is, and its
backslashes are read twice.
"""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence

from dreamsync.desktop.autostart.entry import Entries, Part, Program
from dreamsync.desktop.autostart.file_entry import MARK, FileEntry
from dreamsync.desktop.exec_line import exec_word, needs_quotes

_WATCHDOG_SECONDS = 120
_PATIENCE_SECONDS = 90.0
_NO_RESTART = "5 78"
"""Exit codes that only a person can mend: not signed in, a broken configuration."""
_ENV = "/usr/bin/env"
"""Starts what a unit cannot name as its executable: a path with a quotation mark or a backslash."""


def entries(
    programs: Sequence[Program], *, config_home: str | None = None, systemd: bool | None = None
) -> Entries:
    """`config_home` and `systemd` None: as this machine has them."""
    config = config_home or _config_home(os.environ)
    if systemd is None:
        systemd = has_systemd()
    by_unit = [one for one in programs if one.part is not Part.TRAY]
    units = tuple(_unit(one, programs, config) for one in by_unit)
    desktop = tuple(_desktop_entry(one, config) for one in by_unit)
    trays = tuple(_desktop_entry(one, config) for one in programs if one.part is Part.TRAY)
    if systemd:
        return Entries((*units, *trays), desktop)
    return Entries((*desktop, *trays), units)


def has_systemd() -> bool:
    """Whether systemd runs this machine, so that it runs a manager for each user, too."""
    return os.path.isdir("/run/systemd/system") and shutil.which("systemctl") is not None


def reload_units() -> None:
    """Tell the user's manager, if one runs, that units have changed."""
    _systemctl("daemon-reload")


def start_unit(name: str) -> bool:
    """Start a unit and wait until it says that it is ready; False where it cannot be done."""
    return _systemctl("start", name)


def unit_name(program: Program) -> str:
    return f"{program.name}.service"


def _systemctl(*arguments: str) -> bool:
    command = ["systemctl", "--user", "--quiet", *arguments]
    try:
        finished = subprocess.run(  # noqa: S603 - no shell
            command, capture_output=True, timeout=_PATIENCE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return finished.returncode == 0


def _config_home(environment: Mapping[str, str]) -> str:
    """A relative one is to be ignored, says the standard."""
    named = environment.get("XDG_CONFIG_HOME", "")
    return named if os.path.isabs(named) else os.path.expanduser("~/.config")


def _unit(program: Program, programs: Sequence[Program], config_home: str) -> FileEntry:
    folder = os.path.join(config_home, "systemd", "user")
    place = os.path.join(folder, unit_name(program))
    return FileEntry(
        part=program.part,
        place=place,
        content=_unit_text(program, programs).encode(),
        read_command=_command_of_unit,
        link=os.path.join(folder, "default.target.wants", os.path.basename(place)),
    )


def _unit_text(program: Program, programs: Sequence[Program]) -> str:
    server = next((unit_name(one) for one in programs if one.part is Part.SERVER), None)
    is_daemon = program.part is Part.DAEMON
    after = f"After={server}\n" if server and is_daemon else ""
    watchdog = f"WatchdogSec={_WATCHDOG_SECONDS}\n" if is_daemon else ""
    command = program.command
    if set(command[0]) & set("'\"\\"):
        command = (_ENV, *command)
    words = " ".join(map(_for_unit, (":" + command[0], *command[1:])))
    return (
        f"# {MARK}\n"
        "[Unit]\n"
        f"Description={program.title.replace('%', '%%')}\n"
        f"{after}"
        "StartLimitIntervalSec=300\n"
        "StartLimitBurst=6\n"
        "\n"
        "[Service]\n"
        "Type=notify\n"
        f"ExecStart={words}\n"
        "WorkingDirectory=/\n"
        f"{watchdog}"
        "Restart=on-failure\n"
        "RestartSec=5\n"
        f"RestartPreventExitStatus={_NO_RESTART}\n"
        "\n"
        "[Install]\n"
        "WantedBy=default.target\n"
    )


def _for_unit(argument: str) -> str:
    """The colon before the executable switches variables off; specifiers remain."""
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"' if needs_quotes(argument) else escaped


def _command_of_unit(text: str) -> Sequence[str]:
    words = _words_after(text, "ExecStart=")
    if not words:
        return ()
    plain = [one.replace("%%", "%") for one in (words[0].removeprefix(":"), *words[1:])]
    return plain[1:] if plain[0] == _ENV else plain


def _desktop_entry(program: Program, config_home: str) -> FileEntry:
    return FileEntry(
        part=program.part,
        place=os.path.join(config_home, "autostart", f"{program.name}.desktop"),
        content=_desktop_text(program).encode(),
        read_command=_command_of_desktop_entry,
    )


def _desktop_text(program: Program) -> str:
    return (
        f"# {MARK}\n"
        "[Desktop Entry]\n"
        "Type=Application\n"
        "Version=1.0\n"
        f"Name={program.title}\n"
        f"Exec={' '.join(map(exec_word, program.command))}\n"
        "Path=/\n"
        "Terminal=false\n"
        "StartupNotify=false\n"
        "NoDisplay=true\n"
    )


def _command_of_desktop_entry(text: str) -> Sequence[str]:
    """Quoting as in a shell's double quotes, once the value's own backslashes are read."""
    words = _words_after(text.replace("\\\\", "\\"), "Exec=")
    # shlex knows only two of the four characters that a backslash protects there.
    return [re.sub(r"\\([`$])", r"\1", one).replace("%%", "%") for one in words]


def _words_after(text: str, key: str) -> Sequence[str]:
    for line in text.splitlines():
        if line.startswith(key):
            try:
                return shlex.split(line.removeprefix(key))
            except ValueError:
                return ()
    return ()
