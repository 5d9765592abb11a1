"""Letting a person choose from a list in a window, with the small programs that desktops bring.

GNOME, Cinnamon, MATE and Xfce have zenity, KDE has kdialog; where neither is, there is no window.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass


class NoWindow(Exception):
    """This desktop has no program for it."""


@dataclass(frozen=True, slots=True)
class Question:
    """`columns` head the cells of each row; `accept` and `refuse` are on the buttons."""

    title: str
    text: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    accept: str
    refuse: str


def choose(question: Question) -> int | None:
    """The index of the row chosen; None where the person has closed the window. Raise `NoWindow`.

    Waits for as long as the person takes.
    """
    command = _command(question)
    done = subprocess.run(  # noqa: S603 - no shell
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    chosen = done.stdout.strip()
    # zenity names a row twice that was clicked twice.
    chosen = chosen.partition("|")[0]
    return int(chosen) if done.returncode == 0 and chosen.isdigit() else None


def _command(question: Question) -> list[str]:
    kde = "KDE" in os.environ.get("XDG_CURRENT_DESKTOP", "").split(":")
    makers = {"zenity": _zenity, "kdialog": _kdialog}
    for program in ("kdialog", "zenity") if kde else ("zenity", "kdialog"):
        if shutil.which(program):
            return [program, *makers[program](question)]
    raise NoWindow


def _zenity(question: Question) -> list[str]:
    columns = [f"--column={name}" for name in ("", *question.columns)]
    cells = [
        cell
        for number, row in enumerate(question.rows)
        for cell in (str(number), *(one or "–" for one in row))
    ]
    return [
        "--list", f"--title={question.title}", f"--text={_escaped(question.text)}",
        f"--ok-label={question.accept}", f"--cancel-label={question.refuse}",
        "--width=560", "--height=360", "--hide-column=1", "--print-column=1", *columns, *cells,
    ]  # fmt: skip


def _kdialog(question: Question) -> list[str]:
    lines = [
        cell
        for number, row in enumerate(question.rows)
        for cell in (str(number), "   ".join(filter(None, row)))
    ]
    return [
        "--title", question.title, "--ok-label", question.accept,
        "--cancel-label", question.refuse, "--geometry", "560x360",
        "--menu", question.text, *lines,
    ]  # fmt: skip


def _escaped(text: str) -> str:
    """zenity reads markup there, and backslashes."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return plain.replace("\\", "\\\\")
