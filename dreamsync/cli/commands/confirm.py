"""`dreamsync confirm`: answer held deletions."""

import click

from dreamsync.cli.access import Access
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.i18n import _
from dreamsync.text import count


@click.command(
    "confirm",
    epilog="Examples:  dreamsync confirm   |   dreamsync confirm h1 --reject",
)
@click.argument("hold_id", metavar="[ID]", required=False)
@click.option("--reject", is_flag=True, help="Bring the files back instead of deleting them.")
@click.pass_obj
def command(access: Access, hold_id: str | None, reject: bool) -> None:
    """Answer deletions that wait for you.

    All that `dreamsync status` lists, or the one with that ID.
    Without a daemon the answer is kept and the next sync acts on it.
    """
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
