"""`dreamsync join`: sign a second computer in with a join code."""

import click

from dreamsync.cli.access import Access
from dreamsync.cli.secrets_option import chosen_secrets, secrets_option
from dreamsync.i18n import _
from dreamsync.text import printable


@click.command("join", epilog="Get a code on the first computer with:  dreamsync up --lan")
@click.argument("code")
@click.option("--folder", metavar="DIR", help="The folder to sync.")
@click.option("--device", metavar="NAME", default="", help="This computer's name.")
@secrets_option
@click.pass_obj
def command(
    access: Access, code: str, folder: str | None, device: str, secrets: str | None
) -> None:
    """Join with the CODE from another computer.

    It signs this computer in to the server there and starts syncing."""
    from dreamsync.config.settings import SecretsKind
    from dreamsync.daemon.account import NewSignIn, join
    from dreamsync.daemon.background import ensure_started, ensure_tray
    from dreamsync.daemon.join_code import JoinCode
    from dreamsync.daemon.places import folder_for

    parsed = JoinCode.parse(code)
    wanted = NewSignIn(
        server=parsed.url,
        folder=folder_for(access.paths, folder),
        secrets=chosen_secrets(secrets) or SecretsKind.KEYRING,
        device_name=device,
        fingerprint=parsed.fingerprint,
    )
    config = join(access.paths, wanted, token=parsed.token)
    ensure_started(access.paths)
    ensure_tray(access.paths)
    click.echo(_("Joined as {email}.").format(email=printable(config.account.email)))
    click.echo(_("  Folder  {path}").format(path=printable(config.folder.path)))
    click.echo(_("See what it does with: dreamsync status"))
