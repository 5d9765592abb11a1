"""`dreamsync pause`: stop syncing for a while."""

import time

import click

from dreamsync.cli.access import Access
from dreamsync.i18n import _
from dreamsync.text import duration_ms, local_time, next_time_ms, tomorrow_ms


@click.command(
    "pause",
    epilog="Examples:  dreamsync pause --for 1h30m   |   dreamsync pause --until tomorrow",
)
@click.option("--for", "for_", metavar="TIME", help="How long: 30m, 2h, 1d.")
@click.option("--until", metavar="TIME", help="Until when: 18:30, or tomorrow (08:00).")
@click.pass_obj
def command(access: Access, for_: str | None, until: str | None) -> None:
    """Stop syncing for a while.

    What is changed meanwhile is noted, and syncs once it goes on. It stays paused across restarts.
    To pause on battery or in metered networks: dreamsync config set sync.pause_on_battery on, and
    sync.pause_on_metered.
    """
    until_ms = _end(for_, until, round(time.time() * 1000))
    with access.commands(changes=True) as commands:
        commands.pause(until_ms=until_ms)
    if until_ms is None:
        click.echo(_("Paused. Go on with: dreamsync resume"))
    else:
        click.echo(_("Paused until {time}.").format(time=local_time(until_ms)))


def _end(for_: str | None, until: str | None, now_ms: int) -> int | None:
    if for_ is not None and until is not None:
        raise click.UsageError(_("Say either --for or --until."))
    if for_ is not None:
        length_ms = duration_ms(for_)
        if length_ms is None:
            told = _("{text} is no length of time; write 30m, 2h or 1d.").format(text=for_)
            raise click.BadParameter(told, param_hint="--for")
        return now_ms + length_ms
    if until is None:
        return None
    end_ms = tomorrow_ms(now_ms) if until == "tomorrow" else next_time_ms(until, now_ms)
    if end_ms is None:
        told = _("{text} is no time of day; write 18:30, or tomorrow.").format(text=until)
        raise click.BadParameter(told, param_hint="--until")
    return end_ms
