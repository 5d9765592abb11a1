"""`dreamsync trash`: what dreamsync displaced on this computer."""

import click

from dreamsync.cli.access import Access
from dreamsync.cli.documents import of_trash_item
from dreamsync.cli.output import json_option, print_list
from dreamsync.cli.places import in_folder
from dreamsync.cli.words import word
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.i18n import _
from dreamsync.text import local_time, printable, size


@click.group(
    "trash", invoke_without_command=True, epilog="Example:  dreamsync trash restore old.txt"
)
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List the local trash, or restore from it."""
    if ctx.invoked_subcommand is not None:
        return
    access = ctx.ensure_object(Access)
    with access.commands(changes=False) as commands:
        kept = commands.trash()
    print_list(
        [of_trash_item(one) for one in kept],
        [
            [local_time(one.deleted_at_ms), one.path, size(one.size), word(one.reason)]
            for one in kept
        ],
        as_json=as_json,
        empty=_("The trash is empty."),
    )


@command.command("restore")
@click.argument("path")
@click.pass_obj
def restore(access: Access, path: str) -> None:
    """Put an item back where it was: the newest of that path, or the one with that id."""
    with access.commands(changes=True) as commands:
        kept = sorted(commands.trash(), key=lambda item: -item.deleted_at_ms)
        wanted = (path, in_folder(path, access.folder))
        found = next((item for item in kept if item.id == path or item.path in wanted), None)
        if found is None:
            raise CommandError(
                ErrorCode.NOT_FOUND,
                _("{path} is not in the trash.").format(path=path),
                path,
                _("See what is in it with: dreamsync trash"),
            )
        place = commands.restore_from_trash(found.id)
    click.echo(_("Restored: {path}").format(path=printable(place)))
