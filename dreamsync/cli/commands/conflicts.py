"""`dreamsync conflicts`: conflict copies, and which side to keep."""

import click

from dreamsync.cli.access import Access
from dreamsync.cli.documents import of_conflict
from dreamsync.cli.output import json_option, print_list
from dreamsync.cli.places import in_folder
from dreamsync.control.commands import Keep
from dreamsync.i18n import _
from dreamsync.text import local_time, printable, size


@click.group(
    "conflicts",
    invoke_without_command=True,
    epilog='Example:  dreamsync conflicts resolve "notes.txt" --keep mine',
)
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List conflict copies, or resolve one."""
    if ctx.invoked_subcommand is not None:
        return
    access = ctx.ensure_object(Access)
    with access.commands(changes=False) as commands:
        copies = commands.conflicts()
    print_list(
        [of_conflict(one) for one in copies],
        [[local_time(one.at_ms), one.path, size(one.size)] for one in copies],
        as_json=as_json,
        empty=_("There are no conflict copies."),
    )
    if copies and not as_json:
        hint = _("Keep one of the two: dreamsync conflicts resolve NAME --keep mine|theirs|both")
        click.echo(hint, err=True)  # what is piped on has one line for each copy


@command.command("resolve")
@click.argument("path")
@click.option(
    "--keep",
    required=True,
    type=click.Choice([one.value for one in Keep]),
    help="mine: the conflict copy; theirs: what has the plain name; both: keep two files.",
)
@click.pass_obj
def resolve(access: Access, path: str, keep: str) -> None:
    """Keep one side under the plain name; the other goes to the trash."""
    with access.commands(changes=True) as commands:
        commands.resolve_conflict(in_folder(path, access.folder), Keep(keep))
    click.echo(_("Resolved: {path}").format(path=printable(path)))
