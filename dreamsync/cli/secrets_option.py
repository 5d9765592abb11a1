"""`--secrets keyring|file`, the same for every command that signs in."""

import click

from dreamsync.config.settings import SecretsKind

secrets_option = click.option(
    "--secrets",
    type=click.Choice([one.value for one in SecretsKind]),
    help="Where the sign-in is kept: the system's keyring, or a file only you can read.",
)


def chosen_secrets(word: str | None) -> SecretsKind | None:
    return None if word is None else SecretsKind(word)
