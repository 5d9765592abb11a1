"""`dreamsync config`: settings, one by one."""

import click

from dreamsync.cli.access import Access
from dreamsync.cli.output import json_option, print_document, print_list
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.i18n import _
from dreamsync.text import printable


@click.group(
    "config",
    invoke_without_command=True,
    epilog="Example:  dreamsync config set network.upload_limit_kib 500",
)
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List the settings, or change one."""
    if ctx.invoked_subcommand is not None:
        return
    from dreamsync.config.file import load_config
    from dreamsync.config.parsing import all_values

    values = all_values(load_config(ctx.ensure_object(Access).paths.config_file))
    documents = [{"key": key, "value": value} for key, value in values.items()]
    rows = [[key, _shown(value)] for key, value in values.items()]
    print_list(documents, rows, as_json=as_json, empty="")


@command.command("get")
@click.argument("key")
@json_option
@click.pass_obj
def get(access: Access, key: str, as_json: bool) -> None:
    """Print the value of one setting."""
    from dreamsync.config.file import load_config
    from dreamsync.config.parsing import all_values, check_key

    path = access.paths.config_file
    check_key(key, path)
    value = all_values(load_config(path))[key]
    if as_json:
        print_document({"key": key, "value": value})
    else:
        click.echo(_shown(value))


@command.command("set")
@click.argument("key")
@click.argument("value")
@click.pass_obj
def set_(access: Access, key: str, value: str) -> None:
    """Change one setting; a running daemon takes it up at once."""
    from dreamsync.config.file import load_config, save_config
    from dreamsync.config.parsing import with_setting

    path = access.paths.config_file
    save_config(with_setting(load_config(path), key, value, path), path)
    try:
        with access.daemon() as commands:
            commands.reload_configuration()
    except CommandError as error:
        if error.code is not ErrorCode.NOT_RUNNING:
            raise


@command.command("path")
@click.pass_obj
def path(access: Access) -> None:
    """Print where the configuration file is."""
    click.echo(access.paths.config_file)


def _shown(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return printable(str(value)) if value != "" else _("(not set)")
