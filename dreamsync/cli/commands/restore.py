"""`dreamsync restore`: bring a kept version back."""

import click

from dreamsync.cli.access import Access
from dreamsync.cli.places import in_folder
from dreamsync.i18n import _
from dreamsync.text import printable


@click.command("restore", epilog="Example:  dreamsync restore report.docx --version 3")
@click.argument("path")
@click.option("--version", type=click.IntRange(1), help="Which one (see `dreamsync history`).")
@click.pass_obj
def command(access: Access, path: str, version: int | None) -> None:
    """Bring back an earlier version, or a deleted file.

    Without --version: the one before the present, or the last of a deleted file.
    """
    with access.commands(changes=True) as commands:
        commands.restore(in_folder(path, access.folder), version=version)
    click.echo(_("Restored: {path}").format(path=printable(path)))
