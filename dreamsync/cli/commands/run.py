"""`dreamsync run`: the daemon in the foreground."""

import click

from dreamsync.cli.access import Access


@click.command("run")
@click.pass_obj
def command(access: Access) -> None:
    """Sync in the foreground.

    For service managers; people use `dreamsync start`."""
    from dreamsync.daemon.run import run_daemon

    run_daemon(access.paths)
