"""Windows: values of the user's own Run key, which Explorer starts at login."""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from dreamsync.desktop.autostart.entry import Entries, Found, Part, Program, judged

RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"


class Values(Protocol):
    """The values of one registry key."""

    def get(self, name: str) -> str | None: ...

    def set(self, name: str, text: str) -> None: ...

    def delete(self, name: str) -> None:
        """Nothing where there is none."""


def entries(programs: Sequence[Program], *, values: Values | None = None) -> Entries:
    """`values` None: the registry's."""
    run_key = values or _run_key()
    return Entries(tuple(RunValue(one, run_key) for one in programs))


@dataclass(frozen=True, slots=True)
class RunValue:
    """Implements `Entry`. A value is ours by its name and by starting a dreamsync."""

    program: Program
    values: Values

    @property
    def part(self) -> Part:
        return self.program.part

    @property
    def place(self) -> str:
        return rf"HKEY_CURRENT_USER\{RUN_KEY}\{self.program.name}"

    def found(self) -> Found:
        text = self.values.get(self.program.name)
        if text is None:
            return Found.OFF
        if not _is_ours(text):
            return Found.FOREIGN
        return judged(is_current=text == self._text(), command=self.command())

    def command(self) -> Sequence[str]:
        text = self.values.get(self.program.name)
        return () if text is None or not _is_ours(text) else _executable_and_rest(text)

    def write(self) -> None:
        if self.values.get(self.program.name) != self._text():
            self.values.set(self.program.name, self._text())

    def remove(self) -> None:
        text = self.values.get(self.program.name)
        if text is not None and _is_ours(text):
            self.values.delete(self.program.name)

    def _text(self) -> str:
        executable, *arguments = self.program.command
        return subprocess.list2cmdline([_without_console(executable), *arguments])


def _executable_and_rest(text: str) -> Sequence[str]:
    executable, _quote, rest = text[1:].partition('"') if text[:1] == '"' else text.partition(" ")
    return (executable, rest.strip())


def _is_ours(text: str) -> bool:
    return "dreamsync" in text


def _without_console(executable: str) -> str:
    """Python's twin that opens no black window at login, where it is there."""
    folder, name = os.path.split(executable)
    if name.lower() != "python.exe":
        return executable
    twin = os.path.join(folder, "pythonw.exe")
    return twin if os.path.exists(twin) else executable


if sys.platform == "win32":
    import winreg

    class _RunKey:
        def get(self, name: str) -> str | None:
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, RUN_KEY) as key:
                    return str(winreg.QueryValueEx(key, name)[0])
            except FileNotFoundError:
                return None

        def set(self, name: str, text: str) -> None:
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, RUN_KEY) as key:
                winreg.SetValueEx(key, name, 0, winreg.REG_SZ, text)

        def delete(self, name: str) -> None:
            access = winreg.KEY_SET_VALUE
            with (
                suppress(FileNotFoundError),
                winreg.OpenKey(winreg.HKEY_CURRENT_USER, RUN_KEY, 0, access) as key,
            ):
                winreg.DeleteValue(key, name)

    def _run_key() -> Values:
        return _RunKey()

else:

    def _run_key() -> Values:
        raise NotImplementedError("there is no registry here")
