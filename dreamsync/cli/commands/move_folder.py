"""`dreamsync move-folder`: the synced folder at another place."""

import click

from dreamsync.cli.access import Access
from dreamsync.i18n import _
from dreamsync.text import printable


@click.command("move-folder", epilog="Example:  dreamsync move-folder ~/Documents/dreamsync")
@click.argument("target", metavar="DIR")
@click.pass_obj
def command(access: Access, target: str) -> None:
    """Move the synced folder to DIR.

    DIR must not exist yet, or be empty. The daemon is stopped meanwhile and started again. If you
    moved the folder by hand already, this takes up its new place.
    """
    from dreamsync.daemon.move_folder import move_folder

    place = move_folder(access.paths, target)
    click.echo(_("The folder is now {path}").format(path=printable(place)))
