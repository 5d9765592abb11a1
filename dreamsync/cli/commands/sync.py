"""`dreamsync sync`: one full cycle, now."""

import click

from dreamsync.cli.access import Access
from dreamsync.cli.documents import of_summary
from dreamsync.cli.exit_codes import Exit, of_sync
from dreamsync.cli.output import Advance, json_option, print_document, progress_bar
from dreamsync.cli.status_text import hold_lines, problem_lines, state_word
from dreamsync.core.status import Status, SyncSummary
from dreamsync.i18n import _
from dreamsync.text import count


@click.command("sync", epilog="Example:  dreamsync sync && echo everything is on the server")
@json_option
@click.pass_obj
def command(access: Access, as_json: bool) -> int:
    """Sync everything now.

    Comes back when nothing is left to do.
    Exit code 0 only if all is in sync, with no problem and no open question.
    """
    with access.commands(changes=True) as commands, progress_bar() as advance:
        summary = commands.sync(on_progress=_Progress(advance))
    if as_json:
        print_document(of_summary(summary))
    else:
        _print(summary)
    return of_sync(summary)


class _Progress:
    """Feeds the bar: what is done of the most that was pending so far."""

    def __init__(self, advance: Advance | None) -> None:
        self._advance = advance
        self._most = 0

    def __call__(self, status: Status) -> None:
        if self._advance is None:
            return
        self._most = max(self._most, status.pending)
        path = status.transfers[0].path if status.transfers else ""
        self._advance(path, self._most - status.pending, self._most)


def _print(summary: SyncSummary) -> None:
    done = [
        _("{n} uploaded").format(n=count(summary.uploaded)),
        _("{n} downloaded").format(n=count(summary.downloaded)),
        _("{n} moved").format(n=count(summary.moved)),
        _("{n} deleted").format(n=count(summary.deleted)),
    ]
    if summary.conflicts:
        done.append(_("{n} conflict copies").format(n=count(summary.conflicts)))
    click.echo(f"{_outcome(summary)}: {', '.join(done)}")
    for problem in summary.problems:
        for line in problem_lines(problem):
            click.echo(line)
    for hold in summary.holds:
        for line in hold_lines(hold):
            click.echo(line)


def _outcome(summary: SyncSummary) -> str:
    if of_sync(summary) is Exit.ATTENTION:
        return _("Needs your attention")
    if of_sync(summary) is Exit.FINE:
        return _("Everything is in sync")
    return _("Not everything is in sync yet ({state})").format(state=state_word(summary.state))
