"""`dreamsync verify`: read every file and compare with the server."""

import click

from dreamsync.cli.access import Access
from dreamsync.cli.documents import of_verify
from dreamsync.cli.exit_codes import Exit
from dreamsync.cli.output import json_option, print_document, progress_bar
from dreamsync.core.status import VerifyReport
from dreamsync.i18n import _
from dreamsync.text import changes, files, printable


@click.command("verify")
@json_option
@click.pass_obj
def command(access: Access, as_json: bool) -> int:
    """Compare every file with the server's.

    Finds what a failing disk did behind everybody's back; damaged files get the server's version
    again, and the damaged bytes stay beside as a conflict copy.
    """
    with access.commands(changes=True) as commands, progress_bar() as advance:
        report = commands.verify(
            on_progress=None
            if advance is None
            else lambda done, total: advance(_("comparing"), done, total)
        )
    if as_json:
        print_document(of_verify(report))
    else:
        _print(report)
    return Exit.ATTENTION if report.mismatched else Exit.FINE


def _print(report: VerifyReport) -> None:
    click.echo(
        _("{checked} read, {matching} match the server").format(
            checked=files(report.checked), matching=report.matching
        )
    )
    if report.pending:
        click.echo(_("{changes} still to be synced").format(changes=changes(report.pending)))
    for path in report.repaired:
        click.echo(_("  repaired: {path}").format(path=printable(path)))
    for path in report.mismatched:
        click.echo(_("  does not match: {path}").format(path=printable(path)))
