"""`dreamsync tray`: the icon in the system's tray."""

import click

from dreamsync.cli.access import Access


@click.command("tray")
@click.pass_obj
def command(access: Access) -> None:
    """Show the icon in the tray.

    Syncing is started if it does not run. The icon stays until Quit in its menu, or until the
    session ends. Where the desktop shows no tray
    icons, it says so and waits for a place. Everything it offers is a command, too.
    """
    from dreamsync.daemon.background import ensure_started
    from dreamsync.daemon.locks import tray_locked
    from dreamsync.daemon.run import ready_config
    from dreamsync.tray.app import run_tray

    paths = access.paths
    config = ready_config(paths)
    with tray_locked(paths):
        run_tray(
            paths,
            config,
            start_daemon=lambda: ensure_started(paths),
            tell=lambda text: click.echo(text, err=True),
        )
