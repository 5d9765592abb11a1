"""Starting at login: which programs an instance needs, and the entries that start them."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from dreamsync.config.file import load_config
from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import Config
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.daemon.background import own_command
from dreamsync.daemon.run import ready_config
from dreamsync.desktop.autostart.entry import Entries, Entry, Found, Part, Program
from dreamsync.message import N_


@dataclass(frozen=True, slots=True)
class EntryState:
    """One entry as it stands; `command` is what it starts, empty where it starts nothing."""

    part: Part
    found: Found
    place: str
    command: tuple[str, ...]


def turn_on(paths: InstancePaths) -> Sequence[EntryState]:
    """Start this instance at login from now on, or bring up to date what starts it.

    Nothing is started now. Raises `CommandError` where nothing is set up, or where another
    program's entry is in the place of ours; then nothing was changed.
    """
    entries = entries_of(paths, ready_config(paths))
    for entry in entries.wanted:
        if entry.found() is Found.FOREIGN:
            raise _foreign(entry)
    for entry in entries.leftover:
        entry.remove()
    for entry in entries.wanted:
        entry.write()
    _tell_system()
    return _states(entries.wanted)


def turn_off(paths: InstancePaths) -> Sequence[EntryState]:
    """Start nothing at login any more; what was removed. What runs goes on running."""
    entries = entries_of(paths, load_config(paths.config_file))
    there = [one for one in (*entries.wanted, *entries.leftover) if one.found() is not Found.OFF]
    removed = [one for one in _states(there) if one.found is not Found.FOREIGN]
    for entry in there:
        entry.remove()
    _tell_system()
    return removed


def look(paths: InstancePaths) -> Sequence[EntryState]:
    """How all entries of this instance stand; of what is left from before only what is there."""
    entries = entries_of(paths, load_config(paths.config_file))
    left = [one for one in _states(entries.leftover) if one.found not in (Found.OFF, Found.FOREIGN)]
    return [*_states(entries.wanted), *left]


def follow_executable(paths: InstancePaths) -> bool:
    """Where login would start a program that is gone, make it start this one: it was moved. What a
    person has changed stays. Whether anything of this instance starts at login."""
    entries = entries_of(paths, load_config(paths.config_file)).wanted
    found = [one.found() for one in entries]
    gone = [one for one, state in zip(entries, found, strict=True) if state is Found.GONE]
    for entry in gone:
        entry.write()
    if gone:
        _tell_system()
    return any(state not in (Found.OFF, Found.FOREIGN) for state in found)


def start_by_manager(paths: InstancePaths, part: Part) -> bool:
    """Let the service manager start it where login would, too: it then watches it. Returns once it
    is ready; False where there is no such unit, or it does not start."""
    if sys.platform != "linux":
        return False
    from dreamsync.desktop.autostart import linux

    if not linux.has_systemd():
        return False
    programs = _programs(paths, load_config(paths.config_file))
    entries = linux.entries(programs).wanted
    is_on = any(one.part is part and one.found() is Found.ON for one in entries)
    return is_on and any(
        linux.start_unit(linux.unit_name(one)) for one in programs if one.part is part
    )


def entries_of(paths: InstancePaths, config: Config) -> Entries:
    """What starts this instance on this system. A server of one's own may have been here before."""
    entries = _of_system(_programs(paths, config))
    if config.server.embedded:
        return entries
    server = _of_system([_server(paths)])
    return Entries(entries.wanted, (*entries.leftover, *server.wanted, *server.leftover))


def _programs(paths: InstancePaths, config: Config) -> Sequence[Program]:
    daemon = Program(Part.DAEMON, _name(paths, ""), "dreamsync", _command(paths, "run"))
    tray = Program(Part.TRAY, _name(paths, "-tray"), "dreamsync tray icon", _command(paths, "tray"))
    return [*([_server(paths)] if config.server.embedded else []), daemon, tray]


def _server(paths: InstancePaths) -> Program:
    command = _command(paths, "serve", "--own")
    return Program(Part.SERVER, _name(paths, "-server"), "dreamsync server", command)


def _name(paths: InstancePaths, part: str) -> str:
    mark = "" if paths.home is None else f"-{paths.mark[:8]}"
    return f"dreamsync{mark}{part}"


def _command(paths: InstancePaths, *arguments: str) -> tuple[str, ...]:
    home = [] if paths.home is None else ["--home", paths.home]
    return tuple(own_command(*home, *arguments))


def _of_system(programs: Sequence[Program]) -> Entries:
    if sys.platform == "win32":
        from dreamsync.desktop.autostart import windows

        return windows.entries(programs)
    if sys.platform == "darwin":
        from dreamsync.desktop.autostart import macos

        return macos.entries(programs)
    from dreamsync.desktop.autostart import linux

    return linux.entries(programs)


def _tell_system() -> None:
    if sys.platform == "linux":
        from dreamsync.desktop.autostart import linux

        if linux.has_systemd():
            linux.reload_units()


def _states(entries: Sequence[Entry]) -> Sequence[EntryState]:
    return [EntryState(one.part, one.found(), one.place, tuple(one.command())) for one in entries]


def _foreign(entry: Entry) -> CommandError:
    return CommandError(
        ErrorCode.FAILED,
        N_("{place} is there already, and not from dreamsync.", place=entry.place),
        entry.place,
        N_("Move it away, or remove it, and try again."),
    )
