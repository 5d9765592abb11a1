"""`dreamsync logout`: end this computer's sign-in."""

import click

from dreamsync.cli.access import Access
from dreamsync.i18n import _


@click.command("logout")
@click.pass_obj
def command(access: Access) -> None:
    """Sign this computer out. Its files stay where they are, and so do the server's."""
    from dreamsync.daemon.account import sign_out

    if sign_out(access.paths):
        click.echo(_("Signed out. Your files stay where they are."))
        click.echo(_("Sign in again with: dreamsync login URL --email EMAIL"))
    else:
        click.echo(_("Nobody is signed in."))
