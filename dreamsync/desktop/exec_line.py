"""How a command is written into a desktop entry, which quotes in its own way."""

import shlex


def exec_word(argument: str) -> str:
    """One word of an `Exec` line: `%` is the entry's own, and backslashes are read twice."""
    quoted = argument
    for special in '\\"`$':
        quoted = quoted.replace(special, "\\" + special)
    quoted = f'"{quoted}"' if needs_quotes(argument) else quoted
    return quoted.replace("%", "%%").replace("\\", "\\\\")


def needs_quotes(argument: str) -> bool:
    return shlex.quote(argument) != argument
