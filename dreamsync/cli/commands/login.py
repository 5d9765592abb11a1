"""`dreamsync login`: sign this computer in to a server."""

import click

from dreamsync.cli.access import Access
from dreamsync.cli.passwords import read_password
from dreamsync.cli.secrets_option import chosen_secrets, secrets_option
from dreamsync.i18n import _
from dreamsync.text import printable


@click.command(
    "login",
    epilog="Example:  dreamsync login https://sync.example.com --email mina@example.com",
)
@click.argument("url")
@click.option("--email", required=True, help="The account.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--folder", metavar="DIR", help="The folder to sync.")
@click.option("--device", metavar="NAME", default="", help="This computer's name.")
@click.option("--fingerprint", default="", help="SHA-256 of the one certificate to trust.")
@secrets_option
@click.pass_obj
def command(
    access: Access, *, url: str, email: str, password_stdin: bool, folder: str | None, device: str,
    fingerprint: str, secrets: str | None,
) -> None:  # fmt: skip
    """Sign this computer in to the server at URL.

    Plain http:// is accepted for a server on this computer only. What is in the folder already is
    joined with what the server has; nothing is deleted on either side.
    """
    from dreamsync.config.settings import SecretsKind
    from dreamsync.daemon.account import NewSignIn, sign_in
    from dreamsync.daemon.places import folder_for

    wanted = NewSignIn(
        server=url,
        folder=folder_for(access.paths, folder),
        secrets=chosen_secrets(secrets) or SecretsKind.KEYRING,
        device_name=device,
        fingerprint=fingerprint,
    )
    password = read_password(from_stdin=password_stdin)
    config = sign_in(access.paths, wanted, email=email, password=password)
    click.echo(_("Signed in as {email}.").format(email=printable(config.account.email)))
    click.echo(_("  Folder  {path}").format(path=printable(config.folder.path)))
    click.echo(_("Start syncing with: dreamsync start"))
