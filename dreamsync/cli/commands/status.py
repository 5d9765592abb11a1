"""`dreamsync status`: is everything fine?"""

import time
from collections.abc import Iterator

import click

from dreamsync.cli.access import Access
from dreamsync.cli.documents import of_status
from dreamsync.cli.exit_codes import OF_STATE
from dreamsync.cli.output import json_option, print_document
from dreamsync.cli.status_text import status_lines
from dreamsync.core.status import Status

_POLL_SECONDS = 30.0


@click.command(
    "status",
    epilog="Examples:  dreamsync status   |   dreamsync status --watch",
)
@json_option
@click.option("--watch", is_flag=True, help="Keep showing the state until Ctrl-C.")
@click.pass_obj
def command(access: Access, as_json: bool, watch: bool) -> int:
    """Show whether everything is in sync.

    Exit code: 0 fine, 3 needs attention, 4 not running, 5 signed out.
    """
    if watch:
        return _watch(access, as_json=as_json)
    with access.status_source() as source:
        status = source.status()
    _show(status, as_json=as_json)
    return OF_STATE[status.state]


def _watch(access: Access, *, as_json: bool) -> int:
    try:
        for status in _changes(access):
            if not as_json:
                click.clear()
            _show(status, as_json=as_json)
    except KeyboardInterrupt:
        pass
    return 0


def _changes(access: Access) -> Iterator[Status]:
    with access.daemon() as commands:
        status = commands.status()
        while True:
            yield status
            status = commands.wait_for_status(after_revision=status.revision, seconds=_POLL_SECONDS)


def _show(status: Status, *, as_json: bool) -> None:
    if as_json:
        print_document(of_status(status))
        return
    for line in status_lines(status, now_ms=round(time.time() * 1000)):
        click.echo(line)
