"""`dreamsync doctor`: look for what may be wrong around dreamsync."""

import click

from dreamsync.cli.access import Access
from dreamsync.cli.exit_codes import Exit
from dreamsync.cli.output import json_option, print_document
from dreamsync.cli.words import word
from dreamsync.i18n import _, translated
from dreamsync.text import printable


@click.command("doctor")
@json_option
@click.option("--fix", is_flag=True, help="Mend what can be mended without risk.")
@click.pass_obj
def command(access: Access, as_json: bool, fix: bool) -> int:
    """Look for what may be wrong.

    Checks configuration, folder, journal, keyring, server, clock, limits, disk and rights.
    Exit code 0 if all is well or mended, 3 otherwise.
    """
    from dreamsync.daemon.doctor import Level, examine

    findings = examine(access.paths, fix=fix)
    if as_json:
        documents = [
            {
                "check": one.check,
                "level": one.level.value,
                "message": one.message,
                "hint": one.hint,
                "fixed": one.fixed,
            }
            for one in findings
        ]
        print_document({"items": documents, "next": None})
    else:
        marks = {Level.FINE: "✓", Level.WARNING: "!", Level.ERROR: "✗"}
        for one in findings:
            mended = _(" (mended)") if one.fixed else ""
            message = printable(word(one.message))
            click.echo(f"{marks[one.level]} {word(one.check)}: {message}{mended}")
            if one.hint and not one.fixed:
                click.echo(f"    {printable(translated(one.hint))}")
    troubled = any(one.level is Level.ERROR and not one.fixed for one in findings)
    return Exit.ATTENTION if troubled else Exit.FINE
