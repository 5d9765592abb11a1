"""`dreamsync history`: the kept versions of a file."""

import click

from dreamsync.cli.access import Access
from dreamsync.cli.documents import of_version
from dreamsync.cli.output import json_option, print_list
from dreamsync.cli.places import in_folder
from dreamsync.cli.words import word
from dreamsync.i18n import _
from dreamsync.remotes.protocol import KeptVersion
from dreamsync.text import local_time, size


@click.command("history", epilog="Example:  dreamsync history 일기/오늘.txt")
@click.argument("path")
@json_option
@click.pass_obj
def command(access: Access, path: str, as_json: bool) -> None:
    """List the kept versions of a file."""
    with access.commands(changes=False) as commands:
        kept = commands.history(in_folder(path, access.folder))
    print_list(
        [of_version(one) for one in kept],
        [_row(one) for one in kept],
        as_json=as_json,
        empty=_("The server keeps no versions of it."),
    )


def _row(kept: KeptVersion) -> list[str]:
    at = "" if kept.created_at is None else local_time(round(kept.created_at.timestamp() * 1000))
    gone = "" if kept.available else _("no longer kept")
    return [str(kept.version), at, word(kept.change), size(kept.size), kept.device_name or "", gone]
