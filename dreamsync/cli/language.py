"""Click in the person's language: its own words, and the help of our commands.

Help texts are written in English where click takes them, as docstrings and `help=`; what `click` is
given to show is a copy of the command in the person's language.
"""

import copy
import gettext
import inspect
import sys
import unicodedata
from collections.abc import Iterable

import click

from dreamsync import i18n
from dreamsync.config.language import configured_language


def use_language_of_person(config_file: str) -> None:
    """Speak it from now on, click too."""
    i18n.use_language(i18n.chosen_language(configured_language(config_file)))
    _bind_click()


def use_language_of_programs() -> None:
    """English, whatever the person speaks: what programs read must not depend on that."""
    i18n.use_language(i18n.ENGLISH)
    _bind_click()


def _bind_click() -> None:
    """Click's modules call gettext by names of their own, and gettext knows the environment only:
    the names are ours from now on."""
    ours = {gettext.gettext: ("_", i18n._), gettext.ngettext: ("ngettext", i18n.ngettext)}
    for name in [name for name in sys.modules if name.startswith("click.")]:
        for theirs, (called, function) in ours.items():
            if getattr(sys.modules[name], called, None) is theirs:
                setattr(sys.modules[name], called, function)


def in_language(command: click.Command) -> click.Command:
    """A copy of `command` that shows its help in the person's language."""
    told = copy.copy(command)
    told.context_class = _Context
    told.help = _told(command.help)
    told.short_help = _told(command.short_help)
    told.epilog = _told(command.epilog)
    told.params = [_parameter(one) for one in command.params]
    if isinstance(told, click.Group):
        told.commands = {name: in_language(one) for name, one in told.commands.items()}
    return told


def _parameter(parameter: click.Parameter) -> click.Parameter:
    if not isinstance(parameter, click.Option):
        return parameter
    told = copy.copy(parameter)
    told.help = _told(parameter.help)
    return told


def _told(text: str | None) -> str | None:
    return i18n._(inspect.cleandoc(text)) if text else text


_FILLER = "\ufdd0"
"""A character that is none, so that no text holds it."""


class _CellFormatter(click.HelpFormatter):
    """Wraps by the cells of a terminal where click counts characters: what takes two cells is made
    two characters long for as long as click measures it."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or _widened(i18n._("Usage:")) + " ")

    def write_text(self, text: str) -> None:
        super().write_text(_widened(text))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        widened = [(_widened(first), _widened(second)) for first, second in rows]
        super().write_dl(widened, col_max, col_spacing)

    def getvalue(self) -> str:
        return super().getvalue().replace(_FILLER, "")


def _widened(text: str) -> str:
    return "".join(
        char + _FILLER if unicodedata.east_asian_width(char) in "WF" else char for char in text
    )


class _Context(click.Context):
    formatter_class = _CellFormatter
