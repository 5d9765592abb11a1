"""`dreamsync resume`: go on syncing."""

import click

from dreamsync.cli.access import Access
from dreamsync.i18n import _


@click.command("resume")
@click.pass_obj
def command(access: Access) -> None:
    """Go on syncing after a pause."""
    with access.commands(changes=True) as commands:
        commands.resume()
    click.echo(_("Syncing goes on."))
