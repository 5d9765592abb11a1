"""`dreamsync ignore`: what is left out, and why."""

import os

import click

from dreamsync.cli.access import Access
from dreamsync.cli.output import json_option, print_document, print_list
from dreamsync.cli.places import in_folder
from dreamsync.i18n import _, translated
from dreamsync.text import printable

_IGNORE_FILE = ".dreamsyncignore"


@click.group(
    "ignore",
    invoke_without_command=True,
    epilog='Examples:  dreamsync ignore add "*.iso"   |   dreamsync ignore check build/out.o',
)
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List what is left out, or add to it.

    The rules are in .dreamsyncignore, in the syntax of gitignore. Ignoring never deletes
    anything, here or on the server.
    """
    if ctx.invoked_subcommand is None:
        rules = _rules(ctx.ensure_object(Access).folder)
        print_list(
            [{"rule": rule} for rule in rules],
            [[rule] for rule in rules],
            as_json=as_json,
            empty=_("No rules of your own; a few built-in ones apply."),
        )


@command.command("add")
@click.argument("pattern")
@click.pass_obj
def add(access: Access, pattern: str) -> None:
    """Leave out what matches PATTERN from now on."""
    with access.commands(changes=True) as commands:
        commands.add_ignore(pattern)
    click.echo(_("Left out from now on: {pattern}").format(pattern=printable(pattern)))


@command.command("check")
@click.argument("path")
@json_option
@click.pass_obj
def check(access: Access, path: str, as_json: bool) -> None:
    """Tell whether a path syncs, and which rule leaves it out."""
    relative = in_folder(path, access.folder)
    with access.commands(changes=False) as commands:
        rule = commands.explain_ignore(relative)
    if as_json:
        print_document({"path": relative, "ignored": rule is not None, "rule": rule})
    elif rule is None:
        click.echo(_("{path} syncs.").format(path=printable(relative)))
    else:
        told = _("{path} is left out by the rule {rule}")
        click.echo(told.format(path=printable(relative), rule=printable(translated(rule))))


def _rules(folder: str) -> list[str]:
    try:
        with open(os.path.join(folder, _IGNORE_FILE), encoding="utf-8", errors="replace") as file:
            lines = [line.strip() for line in file]
    except FileNotFoundError:
        return []
    return [line for line in lines if line and not line.startswith("#")]
