"""`dreamsync confirm`: answer held deletions."""

import click

from dreamsync.cli.access import Access
from dreamsync.cli.output import json_option, print_list
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.i18n import _
from dreamsync.text import count


@click.command(
    "confirm",
    epilog="Examples:  dreamsync confirm   |   dreamsync confirm h1 --reject"
    "   |   dreamsync confirm --list",
)
@click.argument("hold_id", metavar="[ID]", required=False)
@click.option("--reject", is_flag=True, help="Bring the files back instead of deleting them.")
@click.option("--list", "list_", is_flag=True, help="Answer nothing: print every path that waits.")
@json_option
@click.pass_obj
def command(access: Access, hold_id: str | None, reject: bool, list_: bool, as_json: bool) -> None:
    """Answer deletions that wait for you.

    All that `dreamsync status` lists, or the one with that ID.
    Without a daemon the answer is kept and the next sync acts on it.
    """
    if list_ and reject:
        raise click.UsageError(_("--list answers nothing, so it does not go with --reject."))
    if list_:
        _list(access, hold_id, as_json=as_json)
        return
    with access.commands(changes=True) as commands:
        answered = commands.confirm(hold_id, reject=reject)
    if hold_id is not None and not answered:
        raise CommandError(
            ErrorCode.NOT_FOUND,
            _("There is no question with the id {id}.").format(id=hold_id),
            hint=_("See the open questions with: dreamsync status"),
        )
    if not answered:
        click.echo(_("No deletions are waiting for an answer."))
    told = _("{n} files are brought back") if reject else _("{n} deletions go ahead")
    for hold in answered:
        click.echo(f"{hold.id}: {told.format(n=count(hold.deletes))}")


def _list(access: Access, hold_id: str | None, *, as_json: bool) -> None:
    with access.commands(changes=False) as commands:
        wanted = [hold.id for hold in commands.status().holds] if hold_id is None else [hold_id]
        held = [(one, path) for one in wanted for path in commands.held(one)]
    print_list(
        [{"hold": one, "path": path} for one, path in held],
        [[one, path] for one, path in held],
        as_json=as_json,
        empty=_("No deletions are waiting for an answer."),
    )
