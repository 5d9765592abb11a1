"""Programs that start at login, and the entries that start them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Part(Enum):
    """What of dreamsync is started."""

    SERVER = "server"
    DAEMON = "daemon"
    TRAY = "tray"


@dataclass(frozen=True, slots=True)
class Program:
    """`name` tells apart the parts of several instances; `title` is for people."""

    part: Part
    name: str
    title: str
    command: tuple[str, ...]


class Found(Enum):
    """How an entry stands. CHANGED: ours, but not as it would be written now. FOREIGN: something
    of the same name that we did not write."""

    ON = "on"
    OFF = "off"
    CHANGED = "changed"
    GONE = "executable-gone"
    FOREIGN = "foreign"


class Entry(Protocol):
    """`place` is where it is, as a person finds it."""

    @property
    def part(self) -> Part: ...

    @property
    def place(self) -> str: ...

    def found(self) -> Found: ...

    def command(self) -> Sequence[str]:
        """What it starts as it stands; empty where it is off or foreign."""

    def write(self) -> None:
        """Make it, or bring it up to date. Never called on a foreign one."""

    def remove(self) -> None:
        """Remove what `write` made; nothing else, and nothing where it is foreign."""


@dataclass(frozen=True, slots=True)
class Entries:
    """`wanted` start this instance; `leftover` may be there from before (another system of
    services, a server that is no longer here)."""

    wanted: tuple[Entry, ...]
    leftover: tuple[Entry, ...] = ()


def judged(*, is_current: bool, command: Sequence[str]) -> Found:
    """How an entry of ours stands that starts `command`."""
    if not command or not os.path.exists(command[0]):
        return Found.GONE
    return Found.ON if is_current else Found.CHANGED
