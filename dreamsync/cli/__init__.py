"""The command line: every menu item of the tray, and more, as a command.

Owns arguments, exit codes, and what is printed for people and for programs (`--json`). Refuses work
of its own: a command asks `Commands` (through the daemon, or without one), or calls a function of
`daemon` or `server`. Nothing heavy is imported where it is not used, so that `status` answers at
once.

Read first: `app.py` (the list of commands and what errors become), `access.py`, then any file of
`commands/`.
"""

import sys


def main() -> None:
    """Run the command of `sys.argv` and exit with its code."""
    from dreamsync.cli.app import run

    sys.exit(run(sys.argv[1:]))
