"""`dreamsync devices`: the account's devices, and ending one's access."""

import click

from dreamsync.cli.access import Access
from dreamsync.cli.output import json_option, print_list
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.i18n import _
from dreamsync.text import local_time, printable, rfc3339


@click.group(
    "devices", invoke_without_command=True, epilog="Example:  dreamsync devices revoke old-laptop"
)
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List your devices, or revoke one."""
    if ctx.invoked_subcommand is not None:
        return
    from dreamsync.daemon.account import DeviceRow, list_devices

    def row(one: DeviceRow) -> list[str]:
        marks = [_("this computer")] * one.current + [_("revoked")] * one.revoked
        seen = "" if one.last_seen_ms is None else local_time(one.last_seen_ms)
        return [one.name, seen, ", ".join(marks)]

    rows = list_devices(ctx.ensure_object(Access).paths)
    documents = [
        {
            "id": one.id,
            "name": one.name,
            "lastSeenAt": None if one.last_seen_ms is None else rfc3339(one.last_seen_ms),
            "current": one.current,
            "revoked": one.revoked,
        }
        for one in rows
    ]
    print_list(documents, [row(one) for one in rows], as_json=as_json, empty=_("No devices."))


@command.command("revoke")
@click.argument("name")
@click.pass_obj
def revoke(access: Access, name: str) -> None:
    """End the access of a device, by name or id. Its files stay on it."""
    from dreamsync.daemon.account import list_devices, revoke_device

    live = [one for one in list_devices(access.paths) if not one.revoked]
    found = [one for one in live if name in (one.name, one.id)]
    if len(found) != 1:
        message = _("There is no device {name}.") if not found else _("Several are named {name}.")
        hint = _("Use the id that `dreamsync devices --json` shows.")
        raise CommandError(ErrorCode.NOT_FOUND, message.format(name=name), hint=hint)
    revoke_device(access.paths, found[0].id)
    click.echo(_("{name} has no access any more.").format(name=printable(found[0].name)))
