"""`dreamsync stop`: end the daemon."""

import click

from dreamsync.cli.access import Access
from dreamsync.i18n import _


@click.command("stop")
@click.option("--server", is_flag=True, help="End the server that `dreamsync up` started, too.")
@click.pass_obj
def command(access: Access, server: bool) -> None:
    """End the daemon. What is at hand is finished or taken up again at the next start."""
    from dreamsync.daemon.background import ensure_stopped, stop_daemon
    from dreamsync.daemon.embedded_server import running_server, stop_server

    if not server:
        stop_daemon(access.paths)
        click.echo(_("dreamsync has ended."))
        if running_server(access.paths.server_data) is not None:
            click.echo(_("Its server goes on, for your other devices; end it, too, with --server."))
        return
    ensure_stopped(access.paths)
    running = running_server(access.paths.server_data)
    if running is not None:
        stop_server(access.paths.server_data, running)
    click.echo(_("dreamsync and its server have ended."))
