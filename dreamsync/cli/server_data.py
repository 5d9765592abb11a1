"""`--data`: the folder of a server that is cared for beside it."""

import click

new_data_option = click.option("--data", required=True, metavar="DIR", help="The server's folder.")
"""Made if it is not there."""
data_option = click.option(
    "--data",
    required=True,
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False),
    help="The server's folder.",
)
"""A folder that is not there is a mistyped one, and not the empty server it would become."""
