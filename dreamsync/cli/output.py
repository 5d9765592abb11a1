"""Printing: documents for programs, aligned columns for people, progress while a person watches."""

import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from dreamsync.cli.documents import Document, items, to_text
from dreamsync.i18n import _
from dreamsync.text import printable

if TYPE_CHECKING:
    from rich.progress import Progress

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def print_document(document: Document) -> None:
    click.echo(to_text(document))


def print_list(
    documents: Sequence[Document], rows: Sequence[Sequence[str]], *, as_json: bool, empty: str
) -> None:
    """Both faces of a list; `empty` is what a person reads where there is nothing."""
    if as_json:
        print_document(items(documents))
    elif rows:
        for line in table_lines(rows):
            click.echo(line)
    else:
        click.echo(empty)


def table_lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns padded to their widest cell, in terminal cells: a Hangul syllable takes two."""
    safe = [[printable(cell) for cell in row] for row in rows]
    widths = [max(_cells(cell) for cell in column) for column in zip(*safe, strict=True)]
    return [
        "  ".join(
            cell + " " * (width - _cells(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in safe
    ]


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


Advance = Callable[[str, int, int], None]


@contextmanager
def progress_bar() -> Iterator[Advance | None]:
    """A bar on stderr: `advance(what, done, total)`; None where nobody watches (not a terminal)."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    with Progress(
        BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"),
        console=Console(stderr=True), transient=True,
    ) as bar:  # fmt: skip
        yield _advance(bar)


def _advance(bar: "Progress") -> Advance:
    task = bar.add_task(_("looking at the folder"), total=None)

    def advance(what: str, done: int, total: int) -> None:
        bar.update(task, description=printable(what)[-60:], completed=done, total=total)

    return advance
