"""`dreamsync activity`: what was synced lately."""

from collections.abc import Mapping

import click

from dreamsync.cli.access import Access
from dreamsync.cli.documents import of_activity
from dreamsync.cli.output import json_option, print_list
from dreamsync.core.status import Act, Activity
from dreamsync.i18n import _
from dreamsync.text import local_time, size


@click.command("activity")
@json_option
@click.option(
    "--limit",
    default=50,
    show_default=True,
    type=click.IntRange(1, 10_000),
    help="How many at most.",
)
@click.pass_obj
def command(access: Access, as_json: bool, limit: int) -> None:
    """List what was synced lately, newest first."""
    with access.commands(changes=False) as commands:
        done = commands.activity(limit=limit)
    print_list(
        [of_activity(one) for one in done],
        [_row(one) for one in done],
        as_json=as_json,
        empty=_("Nothing was synced yet."),
    )


def _row(one: Activity) -> list[str]:
    path = one.path if one.other_path is None else f"{one.other_path} → {one.path}"
    return [local_time(one.at_ms), _words()[one.act], path, size(one.size) if one.size else ""]


def _words() -> Mapping[Act, str]:
    return {
        Act.UPLOADED: _("uploaded"),
        Act.DOWNLOADED: _("downloaded"),
        Act.MOVED_HERE: _("moved here"),
        Act.MOVED_THERE: _("moved on the server"),
        Act.DELETED_HERE: _("deleted here"),
        Act.DELETED_THERE: _("deleted on the server"),
        Act.FOLDER_HERE: _("folder made here"),
        Act.FOLDER_THERE: _("folder made on the server"),
        Act.CONFLICT: _("conflict copy"),
        Act.EXECUTABLE: _("executable bit"),
        Act.DAMAGED: _("found damaged"),
    }
