"""`dreamsync start`: the daemon in the background."""

import click

from dreamsync.cli.access import Access
from dreamsync.i18n import _


@click.command("start")
@click.pass_obj
def command(access: Access) -> None:
    """Start syncing in the background. Exit code 0 also if it runs already."""
    from dreamsync.daemon.background import daemon_status, start_daemon
    from dreamsync.daemon.run import ready_config

    ready_config(access.paths)
    if daemon_status(access.paths) is not None:
        click.echo(_("dreamsync is already running."))
        return
    start_daemon(access.paths)
    click.echo(_("dreamsync runs. See what it does with: dreamsync status"))
