"""`dreamsync check-server`: which rules of the contract does a server keep?"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from dreamsync.cli.access import Access
from dreamsync.cli.documents import Document
from dreamsync.cli.exit_codes import Exit
from dreamsync.cli.output import json_option, print_document, progress_bar, table_lines
from dreamsync.cli.passwords import read_password
from dreamsync.i18n import _, translated
from dreamsync.text import printable

if TYPE_CHECKING:
    from dreamsync.contract.rules import Report, Result


@click.command(
    "check-server",
    epilog="Example:  dreamsync check-server https://sync.example.com --email test@example.com",
)
@click.argument("url")
@click.option("--email", required=True, help="An account on it, best one made for this.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--fingerprint", default="", help="SHA-256 of the one certificate to trust.")
@click.option("--ca-file", default="", help="PEM file of the authority that signed it.")
@json_option
@click.pass_obj
def command(
    _access: Access, *, url: str, email: str, password_stdin: bool, fingerprint: str, ca_file: str,
    as_json: bool,
) -> int:  # fmt: skip
    """Check the server at URL against the contract, rule by rule.

    For who writes a server. It signs in as a device of its own and works in one folder of the
    account, `dreamsync check-server ...`, which it deletes again; nothing else is touched. Exit
    code 0: all is met; 3: something is not.
    """
    from dreamsync.contract.check import check_server, connection_to

    connection = connection_to(url, fingerprint=fingerprint, ca_file=ca_file)
    password = read_password(from_stdin=password_stdin)
    with progress_bar() as advance:
        report = check_server(
            connection,
            email=email,
            password=password,
            tell=None
            if advance is None
            else lambda words, done, total: advance(translated(words), done, total),
        )
    if as_json:
        print_document(_document(report))
    else:
        for line in _lines(report):
            click.echo(line)
    return Exit.FINE if report.is_whole else Exit.ATTENTION


def _document(report: "Report") -> Document:
    return {
        "server": report.server,
        "whole": report.is_whole,
        "usable": report.is_usable,
        "left": report.left,
        "items": [
            {
                "rule": one.rule.name,
                "level": one.rule.level.value,
                "demand": one.rule.words,
                "verdict": one.verdict.value,
                "reason": one.reason,
            }
            for one in report.results
        ],
        "next": None,
    }


def _lines(report: "Report") -> Iterator[str]:
    yield from table_lines([_row(one) for one in report.results])
    yield ""
    yield _summary(report)
    if report.left:
        yield _("Not cleaned up: {left}").format(left=printable(translated(report.left)))


def _row(result: "Result") -> tuple[str, str, str]:
    mark = {"met": "✓", "not-met": "✗", "not-offered": "–"}[result.verdict.value]
    return mark, translated(result.rule.words), translated(result.reason)


def _summary(report: "Report") -> str:
    met = sum(one.verdict.value == "met" for one in report.results)
    counted = _("{met} of {total} rules are met.").format(met=met, total=len(report.results))
    if report.is_whole:
        return _("{counted} All of the contract that this server offers is kept.").format(
            counted=counted
        )
    if report.is_usable:
        return _("{counted} Clients can use it, and go without the rest.").format(counted=counted)
    return _("{counted} Clients cannot use it like this.").format(counted=counted)
