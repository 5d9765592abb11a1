"""`dreamsync serve-user`: the accounts of a server."""

import re

import click

from dreamsync.cli.output import json_option, print_list
from dreamsync.cli.passwords import read_password
from dreamsync.cli.server_data import data_option, new_data_option
from dreamsync.i18n import _
from dreamsync.text import printable, size

_UNITS = {"": 1, "K": 1000, "M": 1000**2, "G": 1000**3, "T": 1000**4}

_stdin_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input."
)


@click.group(
    "serve-user",
    epilog="Example:  dreamsync serve-user add mina@example.com --data /srv/dreamsync",
)
def command() -> None:
    """Manage the accounts of a server, beside it while it runs."""


@command.command("add")
@click.argument("email")
@_stdin_option
@new_data_option
def add(email: str, password_stdin: bool, data: str) -> None:
    """Make an account; without --password-stdin its generated password is printed once."""
    from dreamsync.server import admin

    made = None if password_stdin else admin.generate_password()
    admin.add_user(data, email, made or read_password(from_stdin=True))
    click.echo(_("Account made: {email}").format(email=printable(email)))
    if made is not None:
        click.echo(_("Password (shown only this once): {password}").format(password=made))


@command.command("list")
@json_option
@data_option
def list_(as_json: bool, data: str) -> None:
    """List the accounts with what they use."""
    from dreamsync.server import admin

    rows = admin.list_users(data)
    documents = [
        {
            "id": row.account_id,
            "email": row.email,
            "createdAt": row.created_at.isoformat().replace("+00:00", "Z"),
            "quota": {"used": row.quota_used, "limit": row.quota_limit},
        }
        for row in rows
    ]
    shown = [[row.email, size(row.quota_used), _limit(row.quota_limit)] for row in rows]
    print_list(documents, shown, as_json=as_json, empty=_("There are no accounts yet."))


@command.command("passwd")
@click.argument("email")
@_stdin_option
@data_option
def passwd(email: str, password_stdin: bool, data: str) -> None:
    """Give an account a new password. All its devices must sign in again."""
    from dreamsync.server import admin

    made = None if password_stdin else admin.generate_password()
    admin.set_password(data, email, made or read_password(from_stdin=True))
    click.echo(_("The password of {email} is changed.").format(email=printable(email)))
    if made is not None:
        click.echo(_("Password (shown only this once): {password}").format(password=made))


@command.command("remove")
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_option
def remove(email: str, yes: bool, data: str) -> None:
    """Remove an account with all its files on the server."""
    from dreamsync.server import admin

    if not yes:
        question = _("Remove {email} and all files of it on the server?")
        click.confirm(question.format(email=printable(email)), abort=True)
    admin.remove_user(data, email)
    click.echo(_("Removed: {email}").format(email=printable(email)))


@command.command("quota", epilog="Example:  dreamsync serve-user quota a@b.kr 50G --data DIR")
@click.argument("email")
@click.argument("limit", metavar="SIZE|none")
@data_option
def quota(email: str, limit: str, data: str) -> None:
    """Limit what an account may keep: bytes, or with K, M, G, T; `none` for no limit."""
    from dreamsync.server import admin

    row = admin.set_quota(data, email, _bytes(limit))
    shown = f"{size(row.quota_used)} / {_limit(row.quota_limit)}"
    click.echo(f"{printable(row.email)}: {shown}")


def _limit(limit: int | None) -> str:
    return _("no limit") if limit is None else size(limit)


def _bytes(text: str) -> int | None:
    if text.lower() == "none":
        return None
    match = re.fullmatch(r"([0-9]{1,15})([KMGT]?)B?", text.upper(), re.ASCII)
    if match is None:
        raise click.BadParameter(_("Write a size such as 50G, or none."), param_hint="SIZE")
    return int(match[1]) * _UNITS[match[2]]
