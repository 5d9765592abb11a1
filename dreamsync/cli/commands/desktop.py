"""`dreamsync desktop`: the folder in the system's file manager."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from dreamsync.cli.access import Access
from dreamsync.cli.output import json_option, print_list
from dreamsync.cli.places import in_folder
from dreamsync.control.commands import Commands
from dreamsync.i18n import _

if TYPE_CHECKING:
    from dreamsync.daemon.in_file_manager import Outcome


@click.group("desktop")
def command() -> None:
    """Add the folder to your file manager.

    It comes into the sidebar, its items get emblems, and a menu.

    What your file managers had before stays as it is, and `remove` takes away exactly what
    `install` has added.
    """


@command.command("install")
@json_option
@click.pass_obj
def install(access: Access, as_json: bool) -> None:
    """Add the folder to the file managers of this computer."""
    from dreamsync.daemon import in_file_manager
    from dreamsync.daemon.run import ready_config

    config = ready_config(access.paths)
    _print(in_file_manager.install(access.paths, config), as_json=as_json)
    if not as_json:
        click.echo(_("File managers that are open show emblems and menu once they start again."))


@command.command("remove")
@click.pass_obj
def remove(access: Access) -> None:
    """Take away what `install` has added."""
    from dreamsync.config.file import load_config
    from dreamsync.daemon import in_file_manager

    in_file_manager.remove(access.paths, load_config(access.paths.config_file))
    click.echo(_("The file managers of this computer are as they were before."))


@command.command("status")
@json_option
@click.pass_obj
def status(access: Access, as_json: bool) -> None:
    """Tell what is there."""
    from dreamsync.daemon import in_file_manager
    from dreamsync.daemon.run import ready_config

    config = ready_config(access.paths)
    outcomes = in_file_manager.status(access.paths, config)
    _print(outcomes, as_json=as_json)
    if not as_json and not any(one.there for one in outcomes):
        click.echo(_("Change that with: dreamsync desktop install"))


@command.command("history", hidden=True)
@click.argument("path")
@click.pass_obj
def history(access: Access, path: str) -> None:
    """Of the menu: a window with the kept versions of a file."""
    from dreamsync.daemon.menu_actions import show_history

    with _asked_by_menu(access) as commands:
        show_history(commands, access.paths, in_folder(path, access.folder))


@command.command("restore", hidden=True)
@click.argument("path")
@click.pass_obj
def restore(access: Access, path: str) -> None:
    """Of the menu: the version before."""
    from dreamsync.daemon.menu_actions import restore_earlier

    with _asked_by_menu(access) as commands:
        restore_earlier(commands, in_folder(path, access.folder))


@command.command("ignore", hidden=True)
@click.argument("paths", nargs=-1, required=True)
@click.pass_obj
def ignore(access: Access, paths: tuple[str, ...]) -> None:
    """Of the menu: leave these out."""
    from dreamsync.daemon.menu_actions import ignore as ignore_these

    with _asked_by_menu(access) as commands:
        folder = access.folder
        ignore_these(commands, folder, [in_folder(path, folder) for path in paths])


@contextmanager
def _asked_by_menu(access: Access) -> Iterator[Commands]:
    from dreamsync.daemon.menu_actions import told_on_screen

    with told_on_screen(), access.commands(changes=True) as commands:
        yield commands


def _print(outcomes: "Sequence[Outcome]", *, as_json: bool) -> None:
    print_list(
        [{"part": one.key, "there": one.there, "note": one.note or None} for one in outcomes],
        [[_("on") if one.there else _("off"), one.title, one.note] for one in outcomes],
        as_json=as_json,
        empty="",
    )
