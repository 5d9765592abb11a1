"""macOS: one LaunchAgent for each program; what lies in the folder is started at login."""

import os
import plistlib
from collections.abc import Sequence

from dreamsync.desktop.autostart.entry import Entries, Part, Program
from dreamsync.desktop.autostart.file_entry import MARK, FileEntry

_BETWEEN_STARTS = 30
"""Seconds: launchd knows no exit code that is final, and what cannot start must not spin."""


def entries(programs: Sequence[Program], *, folder: str | None = None) -> Entries:
    """`folder` None: the user's own."""
    agents = folder or os.path.expanduser("~/Library/LaunchAgents")
    return Entries(tuple(_agent(one, agents) for one in programs))


def _agent(program: Program, folder: str) -> FileEntry:
    label = f"org.{program.name}"
    return FileEntry(
        part=program.part,
        place=os.path.join(folder, f"{label}.plist"),
        content=_plist(program, label),
        read_command=_command_of,
    )


def _plist(program: Program, label: str) -> bytes:
    agent: dict[str, object] = {
        "Label": label,
        "ProgramArguments": list(program.command),
        "WorkingDirectory": "/",
        "RunAtLoad": True,
    }
    if program.part is Part.TRAY:
        agent |= {"LimitLoadToSessionType": "Aqua", "ProcessType": "Interactive"}
    else:
        agent |= {
            "KeepAlive": {"SuccessfulExit": False},
            "ProcessType": "Adaptive",
            "ThrottleInterval": _BETWEEN_STARTS,
        }
    head, plist, rest = plistlib.dumps(agent).partition(b"<plist")
    return head + f"<!-- {MARK} -->\n".encode() + plist + rest


def _command_of(text: str) -> Sequence[str]:
    try:
        return [str(word) for word in plistlib.loads(text.encode())["ProgramArguments"]]
    except (plistlib.InvalidFileException, ValueError, KeyError, TypeError):
        return ()
