"""Notices in words."""

from collections.abc import Sequence

from dreamsync.core.status import Hold, Problem, Status
from dreamsync.i18n import _, ngettext, translated
from dreamsync.text import count, printable, shortened
from dreamsync.tray.actions import AnswerHold, Do, ShowHeld, ShowItem
from dreamsync.tray.notices import Button, Kind, Notice
from dreamsync.tray.words import hold_line, path_words, problem_line

_MOST_HINT = 200
_SAMPLE = 3


def notice_of(kind: Kind, status: Status, problems: Sequence[Problem]) -> Notice:
    """What `status` says of that kind; of `problems` only those that a person must care for."""
    match kind:
        case Kind.CONFLICTS:
            return _conflicts(status)
        case Kind.PROBLEMS:
            return _problems(problems)
        case Kind.DELETIONS:
            return _deletions(status.holds[0])
        case Kind.FIRST_SYNC:
            return _first_sync(status)
        case Kind.SIGNED_OUT:
            return Notice(
                kind,
                _("This computer is signed out"),
                _("Nothing syncs until you sign in again, with: dreamsync login"),
            )


def _conflicts(status: Status) -> Notice:
    found = status.conflicts
    if found is None:
        raise ValueError("there is no conflict to tell of")
    if found.copies == 1:
        text = _("Both versions are kept. The other one is: {path}").format(
            path=path_words(found.newest)
        )
    else:
        text = ngettext(
            "Both versions are kept. {n} copy is here, the newest of them: {path}",
            "Both versions are kept. {n} copies are here, the newest of them: {path}",
            found.copies,
        ).format(n=count(found.copies), path=path_words(found.newest))
    show = Button(_("Show"), ShowItem(found.newest))
    return Notice(Kind.CONFLICTS, _("Changed in two places"), text, (_silence(),), show)


def _problems(problems: Sequence[Problem]) -> Notice:
    first = problems[0]
    hint = shortened(printable(translated(first.hint)), _MOST_HINT)
    text = "\n".join(filter(None, (problem_line(first), hint)))
    if len(problems) > 1:
        more = ngettext("And {n} more.", "And {n} more.", len(problems) - 1)
        text += "\n" + more.format(n=count(len(problems) - 1))
    show = Button(_("Show"), ShowItem(first.path) if first.path else Do.OPEN_FOLDER)
    title = ngettext(
        "{n} item needs your attention", "{n} items need your attention", len(problems)
    ).format(n=count(len(problems)))
    return Notice(Kind.PROBLEMS, title, text, (_silence(),), show)


def _deletions(hold: Hold) -> Notice:
    paths = [path_words(path) for path in hold.sample[:_SAMPLE]]
    if hold.deletes > len(paths):
        paths.append(_("and {n} more").format(n=count(hold.deletes - len(paths))))
    return Notice(
        Kind.DELETIONS,
        hold_line(hold),
        "\n".join(paths),
        (
            Button(_("Delete them everywhere"), AnswerHold(hold.id, reject=False)),
            Button(_("Bring them back"), AnswerHold(hold.id, reject=True)),
        ),
        Button(_("Show the whole list"), ShowHeld(hold.id)),
        needs_answer=True,
    )


def _first_sync(status: Status) -> Notice:
    text = ngettext(
        "{n} file is the same here and on the server.",
        "{n} files are the same here and on the server.",
        status.files,
    ).format(n=count(status.files))
    return Notice(
        Kind.FIRST_SYNC,
        _("Everything is in sync for the first time"),
        text,
        click=Button(_("Open folder"), Do.OPEN_FOLDER),
    )


def _silence() -> Button:
    return Button(_("Silence for 1 hour"), Do.SILENCE)
