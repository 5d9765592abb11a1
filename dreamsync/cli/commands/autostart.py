"""`dreamsync autostart`: start at login, or not."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from dreamsync.cli.access import Access
from dreamsync.cli.exit_codes import Exit
from dreamsync.cli.output import json_option, print_document, table_lines
from dreamsync.i18n import _
from dreamsync.text import printable

if TYPE_CHECKING:
    from dreamsync.daemon.autostart import EntryState


@click.group("autostart", epilog="Example:  dreamsync autostart on")
def command() -> None:
    """Start at login, or not: syncing, the icon, a server here.

    On Linux syncing becomes a service of systemd where there is one, which starts it again if it
    ever crashes.
    """


@command.command("on")
@json_option
@click.pass_obj
def on(access: Access, as_json: bool) -> None:
    """Start at login from now on. Again: after dreamsync was moved."""
    from dreamsync.daemon.autostart import turn_on

    states = turn_on(access.paths)
    if as_json:
        print_document(_answer("on", states))
    else:
        _tell(_("dreamsync starts at login from now on."), states)


@command.command("off")
@json_option
@click.pass_obj
def off(access: Access, as_json: bool) -> None:
    """Start no more at login. What runs now goes on."""
    from dreamsync.daemon.autostart import turn_off

    removed = turn_off(access.paths)
    if as_json:
        print_document(_answer("off", removed))
    elif not removed:
        click.echo(_("dreamsync did not start at login."))
    else:
        click.echo(_("dreamsync does not start at login any more. Removed:"))
        for one in removed:
            click.echo(f"  {printable(one.place)}")


@command.command("status")
@json_option
@click.pass_obj
def status(access: Access, as_json: bool) -> int:
    """Show what starts at login. Exit code 3 where something there needs attention."""
    from dreamsync.daemon.autostart import look

    states = look(access.paths)
    overall = _overall(states)
    if as_json:
        print_document(_answer(overall, states))
    else:
        _tell(_headline(overall), states)
    return Exit.FINE if overall in ("on", "off") else Exit.ATTENTION


def _tell(headline: str, states: Sequence["EntryState"]) -> None:
    click.echo(headline)
    rows = [[_part(one.part.value), _found(one.found.value), one.place] for one in states]
    for line in table_lines(rows):
        click.echo(f"  {line}")


def _overall(states: Sequence["EntryState"]) -> str:
    """One word for all; a program that is gone is the worst of what can be."""
    found = {one.found.value for one in states}
    if "executable-gone" in found:
        return "executable-gone"
    return found.pop() if len(found) == 1 else "mixed"


def _headline(overall: str) -> str:
    match overall:
        case "on":
            return _("dreamsync starts at login.")
        case "off":
            return _("dreamsync does not start at login. Change that with: dreamsync autostart on")
        case "executable-gone":
            return _(
                "dreamsync cannot start at login: it was moved, or removed. "
                "Mend it with: dreamsync autostart on"
            )
        case _:
            return _(
                "dreamsync does not start at login as it should. "
                "Mend it with: dreamsync autostart on"
            )


def _part(part: str) -> str:
    return {"server": _("Server"), "daemon": _("Syncing"), "tray": _("Tray icon")}[part]


def _found(found: str) -> str:
    return {
        "on": _("on"),
        "off": _("off"),
        "changed": _("was changed, or starts another dreamsync"),
        "executable-gone": _("points at an executable that is gone"),
        "foreign": _("something else is in its place"),
    }[found]


def _answer(overall: str, states: Sequence["EntryState"]) -> dict[str, object]:
    return {"autostart": overall, "items": [_document(one) for one in states]}


def _document(state: "EntryState") -> dict[str, object]:
    return {
        "part": state.part.value,
        "state": state.found.value,
        "place": state.place,
        "command": list(state.command),
    }
