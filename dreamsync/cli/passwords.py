"""Passwords come from standard input or a prompt, never from the command line, where every user of
the computer could read them."""

import sys

import click

from dreamsync.i18n import _


def read_password(*, from_stdin: bool) -> str:
    """Its first line from standard input, or what is typed unseen. Raise `UsageError` for none."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        password = str(click.prompt(_("Password"), hide_input=True, err=True))
    else:
        raise click.UsageError(_("Give the password on standard input, with --password-stdin."))
    if not password:
        raise click.UsageError(_("The password is empty."))
    return password
