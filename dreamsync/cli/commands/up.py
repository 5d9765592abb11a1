"""`dreamsync up`: everything a newcomer needs."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from dreamsync.cli.access import Access
from dreamsync.cli.secrets_option import chosen_secrets, secrets_option
from dreamsync.i18n import _, translated
from dreamsync.text import printable

if TYPE_CHECKING:
    from dreamsync.config.paths import InstancePaths
    from dreamsync.daemon.up import UpResult


@click.command("up", epilog="Examples:  dreamsync up   |   dreamsync up --lan")
@click.option("--folder", metavar="DIR", help="The folder to sync.")
@click.option("--lan", is_flag=True, help="Let other computers in the network join.")
@click.option("--port", type=click.IntRange(1, 65_535), help="The server's port.  [default: 8737]")
@secrets_option
@click.pass_obj
def command(
    access: Access, folder: str | None, lan: bool, port: int | None, secrets: str | None
) -> None:
    """Set everything up, or start what is missing.

    A server on this computer, an account, the folder, and syncing in the background. Run it again
    at any time: what runs already stays as it is. With --lan it prints a join code for
    `dreamsync join` on a second computer, good once and for 15 minutes.
    """
    from dreamsync.daemon.up import UpWish, bring_up

    wish = UpWish(folder=folder, lan=lan, port=port, secrets=chosen_secrets(secrets))
    for line in _lines(bring_up(access.paths, wish), access.paths):
        click.echo(line)


def _lines(result: "UpResult", paths: "InstancePaths") -> Iterator[str]:
    config = result.config
    if result.no_keyring is not None:
        yield _("Note: {reason}").format(reason=printable(translated(result.no_keyring)))
        yield _("The sign-in is kept in a file that only you can read: {path}").format(
            path=paths.secrets_file
        )
        yield ""
    yield _("dreamsync is up.")
    yield _("  Folder    {path}").format(path=printable(config.folder.path))
    yield _("  Server    {url}").format(url=config.account.server)
    if config.server.embedded:
        yield _("  Its data  {path}").format(path=printable(paths.server_data))
    yield _("  Account   {email}").format(email=printable(config.account.email))
    if result.password is not None:
        yield _(
            "  Password  {password}   (shown only this once; other devices sign in with it)"
        ).format(password=result.password)
    yield _("  Settings  {path}").format(path=printable(paths.config_file))
    if result.join_code is not None:
        yield ""
        yield _("On the second computer, within 15 minutes:")
        yield f"  dreamsync join {result.join_code}"
    yield ""
    if result.tray:
        yield _("The moon in the tray shows what it does; so does: dreamsync status")
    else:
        yield _("See what it does with: dreamsync status")
    if not result.at_login:
        yield _("Have it start at login, too: dreamsync autostart on")
    if result.tray and not result.in_file_manager:
        yield _("Show the folder in your file manager: dreamsync desktop install")
