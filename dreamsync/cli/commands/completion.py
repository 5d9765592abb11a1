"""`dreamsync completion`: tab completion for a shell."""

import click
from click.shell_completion import get_completion_class

from dreamsync.i18n import _


@click.command("completion", epilog='Example:  eval "$(dreamsync completion bash)"')
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print a shell's completion script."""
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(_("There is no completion for {shell}.").format(shell=shell))
    root = ctx.find_root().command
    click.echo(kind(root, {}, "dreamsync", "_DREAMSYNC_COMPLETE").source())
