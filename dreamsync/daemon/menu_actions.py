"""What the menu of a file manager starts. Its answers are windows and messages: whoever clicked
sees no terminal.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from dreamsync.config.file import write_private
from dreamsync.config.paths import InstancePaths
from dreamsync.control.commands import Commands
from dreamsync.core.ignore import pattern_for
from dreamsync.core.nodes import Kind
from dreamsync.daemon.known_errors import command_error
from dreamsync.desktop.choosing import NoWindow, Question, choose
from dreamsync.desktop.opening import open_text_file
from dreamsync.i18n import _, translated
from dreamsync.remotes.protocol import KeptVersion
from dreamsync.text import count, local_time, printable, size


@contextmanager
def told_on_screen() -> Iterator[None]:
    """What fails inside is told there, too."""
    try:
        yield
    except Exception as error:
        known = command_error(error)
        said = (known.message, known.hint or "") if known else (repr(error),)
        told = " ".join(translated(one) for one in said)
        _tell(_("dreamsync could not do that"), printable(told))
        raise


def show_history(commands: Commands, paths: InstancePaths, path: str) -> None:
    """A list of the kept versions, one of which may be brought back. Raise `CommandError`."""
    kept = [one for one in commands.history(path) if one.available]
    try:
        chosen = choose(_question(path, kept))
    except NoWindow:
        _show_as_text(paths, path, kept)
        return
    if chosen is not None:
        commands.restore(path, version=kept[chosen].version)
        _tell_restored(path)


def restore_earlier(commands: Commands, path: str) -> None:
    """The version before the present one, which stays in the history. Raise `CommandError`."""
    commands.restore(path, version=None)
    _tell_restored(path)


def ignore(commands: Commands, folder: str, paths: Sequence[str]) -> None:
    """Just these from now on. Raise `CommandError`."""
    for path in paths:
        is_folder = os.path.isdir(os.path.join(folder, path))
        commands.add_ignore(pattern_for(path, Kind.FOLDER if is_folder else Kind.FILE))
    _tell(_("Left out"), _left_out(paths))


def _left_out(paths: Sequence[str]) -> str:
    if len(paths) > 1:
        return _(
            "{n} items are left out from now on. Nothing is deleted, here or on the server."
        ).format(n=count(len(paths)))
    return _("{name} is left out from now on. Nothing is deleted, here or on the server.").format(
        name=printable(os.path.basename(paths[0]))
    )


def _question(path: str, kept: Sequence[KeptVersion]) -> Question:
    return Question(
        title=_("History of {name}").format(name=printable(os.path.basename(path))),
        text=printable(path),
        columns=[_("When"), _("Size"), _("Device")],
        rows=[_row(one) for one in kept],
        accept=_("Restore this version"),
        refuse=_("Close"),
    )


def _row(kept: KeptVersion) -> list[str]:
    at = "" if kept.created_at is None else local_time(round(kept.created_at.timestamp() * 1000))
    return [at, size(kept.size), printable(kept.device_name or "")]


def _show_as_text(paths: InstancePaths, path: str, kept: Sequence[KeptVersion]) -> None:
    listed = os.path.join(paths.state, "history.txt")
    lines = [printable(path), "", *("   ".join(_row(one)) for one in kept)]
    write_private(listed, "".join(f"{line}\n" for line in lines).encode())
    open_text_file(listed)


def _tell_restored(path: str) -> None:
    _tell(
        _("Earlier version restored"),
        _("{name} is on its way back. The version before stays in its history.").format(
            name=printable(os.path.basename(path))
        ),
    )


def _tell(title: str, text: str) -> None:
    """Only on Linux do file managers have a menu of ours."""
    if sys.platform == "linux":
        from dreamsync.desktop.linux_message import show_message

        show_message(title, text)
