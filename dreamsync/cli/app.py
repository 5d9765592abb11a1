"""The list of commands, each in a file of its own that is imported when it is called; and what
becomes of every error: one line for a person, one document for a program, an exit code for both.
"""

import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from dreamsync import __version__
from dreamsync.cli.access import Access
from dreamsync.cli.exit_codes import OF_ERROR, Exit
from dreamsync.cli.language import (
    in_language,
    use_language_of_person,
    use_language_of_programs,
)
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.i18n import _, translated
from dreamsync.text import printable

COMMANDS = (
    "up", "login", "join", "logout",
    "start", "stop", "run", "tray", "notifications", "autostart", "desktop",
    "status", "sync", "verify", "confirm", "pause", "resume",
    "activity", "conflicts", "history", "restore", "trash", "ls", "ignore",
    "devices", "move-folder", "config", "logs", "doctor", "completion",
    "serve", "serve-user", "serve-admin", "check-server",
)  # fmt: skip
"""In the order of the help page. `up` is `commands/up.py`, with its function `up`."""

_INTERRUPTED = 130


class _LazyGroup(click.Group):
    """Finds a command's file by its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module("dreamsync.cli.commands." + cmd_name.replace("-", "_"))
        command: click.Command = module.command
        return in_language(command)


@click.group(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="New here? One command sets everything up:  dreamsync up",
)
@click.version_option(__version__, prog_name="dreamsync", message="%(prog)s %(version)s")
@click.option(
    "--home",
    metavar="DIR",
    expose_value=False,
    help="Where everything of one instance is: DREAMSYNC_HOME.",
)
def dreamsync() -> None:
    """Keep one folder the same on your computers and phone, through a server you own."""


def run(arguments: Sequence[str], access: Access | None = None) -> int:
    """Run one command; its exit code. Prints every error and raises none."""
    reporter = _Reporter(as_json=_wants_json(arguments))
    home = _home_in(arguments)
    if home is not None:
        # What is started in the background must find it, too.
        os.environ["DREAMSYNC_HOME"] = os.path.abspath(home)
    access = access or Access()
    if reporter.as_json:
        use_language_of_programs()
    else:
        use_language_of_person(access.paths.config_file)
    try:
        answer = in_language(dreamsync).main(
            args=list(arguments), prog_name="dreamsync", standalone_mode=False, obj=access
        )
        return int(answer) if isinstance(answer, int) else Exit.FINE
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return Exit.USAGE
    except click.ClickException as error:
        return reporter.usage(error)
    except CommandError as error:
        return reporter.fail(error)
    except (KeyboardInterrupt, click.Abort):
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough (`| head`); the flush at exit must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.ERROR
    except Exception as error:
        return reporter.fail(access.known_error(error) or access.log_unexpected(error))


def _wants_json(arguments: Sequence[str]) -> bool:
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in own


def _home_in(arguments: Sequence[str]) -> str | None:
    """What `--home` says: it decides which settings hold, before click has looked at anything."""
    for place, word in enumerate(arguments):
        if not word.startswith("-"):
            return None
        if word.startswith("--home="):
            return word.removeprefix("--home=")
        if word == "--home":
            return arguments[place + 1] if place + 1 < len(arguments) else None
    return None


class _Reporter:
    """How an error is told: to a person on stderr, to a program as a document on stdout."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def usage(self, error: click.ClickException) -> int:
        if not self.as_json:
            error.show()
            return error.exit_code
        self.fail(CommandError(ErrorCode.USAGE, error.format_message()))
        return error.exit_code

    def fail(self, error: CommandError) -> int:
        if self.as_json:
            document = {
                "code": error.code.value,
                "message": error.message,
                "path": error.path,
                "hint": error.hint,
            }
            click.echo(json.dumps({"error": document}))
        else:
            click.echo(_("Error: {message}").format(message=_with_path(error)), err=True)
            if error.hint:
                click.echo(printable(translated(error.hint)), err=True)
        return OF_ERROR[error.code]


def _with_path(error: CommandError) -> str:
    if error.path and error.path not in error.message:
        return printable(f"{translated(error.message)} ({error.path})")
    return printable(translated(error.message))
