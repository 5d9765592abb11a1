"""`dreamsync ls`: what is in the folder, and how each item stands."""

import click

from dreamsync.cli.access import Access
from dreamsync.cli.documents import of_listed
from dreamsync.cli.output import json_option, print_list
from dreamsync.cli.places import in_folder
from dreamsync.cli.words import word
from dreamsync.core.status import ListedItem
from dreamsync.i18n import _
from dreamsync.text import size


@click.command("ls")
@click.argument("path", default="")
@json_option
@click.pass_obj
def command(access: Access, path: str, as_json: bool) -> None:
    """List a folder with the sync state of each item."""
    with access.commands(changes=False) as commands:
        found = commands.list_items(in_folder(path, access.folder) if path else "")
    print_list(
        [of_listed(one) for one in found],
        [_row(one) for one in found],
        as_json=as_json,
        empty=_("Nothing is here."),
    )


def _row(item: ListedItem) -> list[str]:
    is_folder = item.kind == "folder"
    told = word(item.state.value)
    return [told, "" if is_folder else size(item.size), item.path + "/" * is_folder]
