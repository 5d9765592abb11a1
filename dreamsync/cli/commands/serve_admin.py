"""`dreamsync serve-admin`: care of a server."""

import os

import click

from dreamsync.cli.server_data import data_option, new_data_option
from dreamsync.i18n import _
from dreamsync.text import printable


@click.group(
    "serve-admin", epilog="Example:  dreamsync serve-admin backup /mnt/backup --data /srv/dreamsync"
)
def command() -> None:
    """Look after a server: purge, back up, restore."""


@command.command("purge")
@click.option("--older-than", metavar="DAYS", type=click.IntRange(0), help="Instead of retention.")
@data_option
def purge(older_than: int | None, data: str) -> None:
    """Drop old versions and trash for good, and the bytes nobody refers to."""
    from dreamsync.server import admin

    if older_than is None:
        admin.purge(data)
    else:
        admin.purge(data, older_than_days=older_than)
    click.echo(_("Purged."))


@command.command("expire-cursors")
@data_option
def expire_cursors(data: str) -> None:
    """Make every device list everything anew at its next sync."""
    from dreamsync.server import admin

    admin.expire_cursors(data)
    click.echo(_("Every device lists anew at its next sync."))


@command.command("backup")
@click.argument("target", metavar="DIR")
@data_option
def backup(target: str, data: str) -> None:
    """Copy the server into DIR, while it runs. Keep the copy private: it holds its secret."""
    from dreamsync.server import admin

    admin.backup(data, os.path.abspath(target))
    click.echo(_("Backed up to {path}").format(path=printable(target)))


@command.command("restore")
@click.argument("source", metavar="DIR")
@new_data_option
def restore(source: str, data: str) -> None:
    """Put the server back to the backup in DIR. Stop the server first."""
    from dreamsync.server import admin

    admin.restore(os.path.abspath(source), data)
    click.echo(_("Restored from {path}").format(path=printable(source)))
