"""`dreamsync logs`: the end of the daemon's log."""

import time
from collections.abc import Iterator
from typing import TextIO

import click

from dreamsync.cli.access import Access
from dreamsync.cli.output import json_option, print_document
from dreamsync.i18n import _
from dreamsync.text import printable

_MOST_TAIL = 4 * 1024 * 1024


@click.command("logs", epilog="Example:  dreamsync logs --lines 20 --follow")
@json_option
@click.option("--lines", default=100, show_default=True, type=click.IntRange(1), help="How many.")
@click.option("--follow", is_flag=True, help="Keep printing what comes, until Ctrl-C.")
@click.pass_obj
def command(access: Access, as_json: bool, lines: int, follow: bool) -> None:
    """Print the end of the daemon's log. It holds file names, but no secrets."""
    path = access.paths.log_file
    try:
        file = open(path, encoding="utf-8", errors="backslashreplace")  # noqa: SIM115 - closed below
    except FileNotFoundError:
        if as_json:
            print_document({"path": path, "items": [], "next": None})
        else:
            click.echo(_("There is no log yet: {path}").format(path=path), err=True)
        return
    with file:
        tail = _tail(file, lines)
        if as_json:
            print_document({"path": path, "items": tail, "next": None})
            return
        for line in tail:
            click.echo(printable(line))
        if follow:
            _follow(file)


def _tail(file: TextIO, lines: int) -> list[str]:
    end = file.seek(0, 2)
    file.seek(max(0, end - _MOST_TAIL))
    return file.read().splitlines()[-lines:]


def _follow(file: TextIO) -> None:
    try:
        for line in _coming(file):
            click.echo(printable(line.rstrip("\n")))
    except KeyboardInterrupt:
        return


def _coming(file: TextIO) -> Iterator[str]:
    while True:
        line = file.readline()
        if line:
            yield line
        else:
            time.sleep(0.3)
