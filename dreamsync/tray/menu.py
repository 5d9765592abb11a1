"""The menu: a pure function of the view, the same on every system."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dreamsync.core.status import Hold, PauseReason, Problem, State, Status
from dreamsync.i18n import _, translated
from dreamsync.text import count
from dreamsync.tray.actions import Action, AnswerHold, Do, PauseFor, ShowHeld, ShowItem
from dreamsync.tray.view import Absence, View
from dreamsync.tray.words import (
    account_line,
    activity_line,
    headline,
    hold_line,
    path_words,
    problem_line,
    sentence,
    transfer_lines,
    trouble_lines,
    verified_line,
)

MOST_RECENT = 10
_MOST_PROBLEMS = 10


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the menu. Without action and items it only tells something; `SEPARATOR` divides."""

    label: str
    action: Action | None = None
    items: "tuple[Item, ...]" = ()

    @property
    def is_separator(self) -> bool:
        return not self.label


SEPARATOR = Item("")

Menu = tuple[Item, ...]


def menu_of(view: View) -> Menu:
    """The whole menu, from top to bottom."""
    if view.status is None:
        sections = [_not_running(view), _folder(view), _settings(), _quit_when_stopped()]
    else:
        sections = [
            _state(view, view.status),
            _folder(view),
            _attention(view.status),
            _recent(view),
            _syncing(view.status),
            _notifications(),
            _settings(),
            _quit(),
        ]
    return _divided(sections)


def _divided(sections: Iterable[Iterable[Item]]) -> Menu:
    items: list[Item] = []
    for section in map(tuple, sections):
        if items and section:
            items.append(SEPARATOR)
        items.extend(section)
    return tuple(items)


def _not_running(view: View) -> Iterator[Item]:
    yield Item(headline(view))
    yield from map(Item, trouble_lines(view))
    if view.absence is Absence.NOT_RUNNING:
        yield Item(_("Start syncing"), Do.START)


def _state(view: View, status: Status) -> Iterator[Item]:
    yield Item(headline(view))
    yield from map(Item, trouble_lines(view))
    yield from map(Item, transfer_lines(status, view.speed))
    yield Item(verified_line(view))
    if status.state is State.SIGNED_OUT:
        yield Item(_("Sign in again with: dreamsync login"))
    if status.account:
        yield Item(account_line(status))


def _folder(view: View) -> Iterator[Item]:
    if view.folder:
        yield Item(_("Open folder"), Do.OPEN_FOLDER)


def _attention(status: Status) -> Iterator[Item]:
    if status.problems:
        label = _("Needs attention ({n})").format(n=count(len(status.problems)))
        yield Item(label, items=tuple(_problems(status.problems)))
    for hold in status.holds:
        yield Item(hold_line(hold), items=tuple(_hold(hold)))


def _problems(problems: tuple[Problem, ...]) -> Iterator[Item]:
    for one in problems[:_MOST_PROBLEMS]:
        yield Item(problem_line(one), ShowItem(one.path) if one.path else Do.OPEN_FOLDER)
        if one.hint:
            yield Item("    " + sentence(translated(one.hint)))
    if len(problems) > _MOST_PROBLEMS:
        yield _more(len(problems) - _MOST_PROBLEMS)


def _hold(hold: Hold) -> Iterator[Item]:
    for path in hold.sample:
        yield Item(path_words(path))
    if hold.deletes > len(hold.sample):
        yield _more(hold.deletes - len(hold.sample))
    yield Item(_("Show the whole list"), ShowHeld(hold.id))
    yield SEPARATOR
    yield Item(_("Delete them everywhere"), AnswerHold(hold.id, reject=False))
    yield Item(_("Bring them back"), AnswerHold(hold.id, reject=True))


def _more(number: int) -> Item:
    return Item(_("and {n} more").format(n=count(number)))


def _recent(view: View) -> Iterator[Item]:
    done = view.recent[:MOST_RECENT]
    if done:
        items = tuple(Item(activity_line(one, view.now_ms), ShowItem(one.path)) for one in done)
        yield Item(_("Recent changes"), items=items)


def _syncing(status: Status) -> Iterator[Item]:
    if status.state is State.PAUSED:
        by_rule = status.paused and status.paused.reason is not PauseReason.PERSON
        yield Item(_("Resume all the same") if by_rule else _("Resume"), Do.RESUME)
        return
    yield Item(_("Sync now"), Do.SYNC)
    yield Item(
        _("Pause"),
        items=(
            Item(_("For 30 minutes"), PauseFor.HALF_HOUR),
            Item(_("For 1 hour"), PauseFor.HOUR),
            Item(_("Until tomorrow, 08:00"), PauseFor.TOMORROW),
            Item(_("Until I resume"), PauseFor.UNTIL_RESUMED),
        ),
    )


def _notifications() -> Iterator[Item]:
    yield Item(
        _("Notifications"),
        items=(
            Item(_("Silence for 1 hour"), Do.SILENCE),
            Item(_("Show them again"), Do.SPEAK),
        ),
    )


def _settings() -> Iterator[Item]:
    yield Item(_("Settings"), Do.SETTINGS)
    yield Item(_("Help"), Do.HELP)


def _quit() -> Iterator[Item]:
    yield Item(
        _("Quit"),
        items=(
            Item(_("Only this icon; syncing goes on"), Do.QUIT_TRAY),
            Item(_("Stop syncing, too"), Do.QUIT_ALL),
        ),
    )


def _quit_when_stopped() -> Iterator[Item]:
    yield Item(_("Quit"), Do.QUIT_TRAY)
