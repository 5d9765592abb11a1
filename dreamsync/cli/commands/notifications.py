"""`dreamsync notifications`: whether news are told on the screen."""

import time

import click

from dreamsync.cli.access import Access
from dreamsync.cli.output import json_option, print_document
from dreamsync.config.silence import SILENCE_MS, be_silent, silent_until, speak_again
from dreamsync.i18n import _
from dreamsync.text import duration_ms, local_time, rfc3339


@click.group(
    "notifications",
    invoke_without_command=True,
    epilog="Examples:  dreamsync notifications silence --for 2h   |   dreamsync notifications on",
)
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Silence what is told on the screen for a while.

    The tray icon tells it. Which kinds of news there are, and which are told, is in the table
    [notifications] of the configuration.
    """
    if ctx.invoked_subcommand is not None:
        return
    until_ms = silent_until(ctx.ensure_object(Access).paths)
    silent = until_ms is not None and until_ms > _now_ms()
    if as_json:
        until = rfc3339(until_ms) if silent and until_ms is not None else None
        print_document({"silent": silent, "until": until})
    elif silent and until_ms is not None:
        click.echo(_("Silent until {time}.").format(time=local_time(until_ms)))
    else:
        click.echo(_("News are told on the screen."))


@command.command("silence")
@click.option("--for", "for_", metavar="TIME", help="How long: 30m, 2h, 1d. Without it: 1h.")
@click.pass_obj
def silence(access: Access, for_: str | None) -> None:
    """Tell nothing for a while; afterwards what is still true is told."""
    length_ms = SILENCE_MS if for_ is None else duration_ms(for_)
    if length_ms is None:
        raise click.BadParameter(
            _("{text} is no length of time; write 30m, 2h or 1d.").format(text=for_),
            param_hint="--for",
        )
    until_ms = _now_ms() + length_ms
    be_silent(access.paths, until_ms=until_ms)
    click.echo(_("Silent until {time}.").format(time=local_time(until_ms)))


@command.command("on")
@click.pass_obj
def on(access: Access) -> None:
    """Tell news again."""
    speak_again(access.paths)
    click.echo(_("News are told on the screen."))


def _now_ms() -> int:
    return round(time.time() * 1000)
