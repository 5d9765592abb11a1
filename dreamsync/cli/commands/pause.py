"""`dreamsync pause`: stop syncing for a while."""

import time

import click

from dreamsync.cli.access import Access
from dreamsync.i18n import _
from dreamsync.text import duration_ms, local_time


@click.command("pause", epilog="Examples:  dreamsync pause   |   dreamsync pause --for 1h30m")
@click.option("--for", "for_", metavar="TIME", help="How long: 30m, 2h, 1d.")
@click.pass_obj
def command(access: Access, for_: str | None) -> None:
    """Stop syncing for a while."""
    until_ms = None
    if for_ is not None:
        length_ms = duration_ms(for_)
        if length_ms is None:
            raise click.BadParameter(
                _("{text} is no length of time; write 30m, 2h or 1d.").format(text=for_),
                param_hint="--for",
            )
        until_ms = round(time.time() * 1000) + length_ms
    with access.commands(changes=True) as commands:
        commands.pause(until_ms=until_ms)
    if until_ms is None:
        click.echo(_("Paused. Go on with: dreamsync resume"))
    else:
        click.echo(_("Paused until {time}.").format(time=local_time(until_ms)))
