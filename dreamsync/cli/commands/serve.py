"""`dreamsync serve`: a server in the foreground."""

import os
from typing import TYPE_CHECKING

import click

from dreamsync.cli.access import Access
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.i18n import _

if TYPE_CHECKING:
    from dreamsync.server.serve import ServeOptions


@click.command("serve", epilog="Example:  dreamsync serve --data /srv/dreamsync --port 8737")
@click.option("--data", metavar="DIR", help="Where the server keeps everything.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    default=8737,
    show_default=True,
    type=click.IntRange(0, 65_535),
    help="0: any.",
)
@click.option("--or-next", is_flag=True, help="If that port is taken, the next free one.")
@click.option("--tls-cert", metavar="FILE", help="Certificate chain (PEM).")
@click.option("--tls-key", metavar="FILE", help="Its key (PEM).")
@click.option("--public-url", metavar="URL", help="Where clients reach it, if behind a proxy.")
@click.option("--trusted-proxies", metavar="IP,...", help="Whose X-Forwarded-* to believe.")
@click.option("--own", is_flag=True, help="The server that `dreamsync up` set up here, as it is.")
@click.pass_obj
def command(
    access: Access, *, data: str | None, host: str, port: int, or_next: bool, tls_cert: str | None,
    tls_key: str | None, public_url: str | None, trusted_proxies: str | None, own: bool,
) -> None:  # fmt: skip
    """Run a dreamsync server in the foreground.

    Accounts are made with `dreamsync serve-user add`.
    """
    from dreamsync.server.serve import ServeOptions

    if own == (data is not None):
        raise click.UsageError(_("Name the server with either --data or --own."))
    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError(_("--tls-cert and --tls-key go together."))
    if data is None:
        _serve(_own_options(access))
        return
    _serve(
        ServeOptions(
            os.path.abspath(data),
            host=host,
            port=port,
            or_next_port=or_next,
            tls_certificate=tls_cert,
            tls_key=tls_key,
            public_url=public_url,
            trusted_proxies=trusted_proxies,
        )
    )


def _own_options(access: Access) -> "ServeOptions":
    from dreamsync.config.file import load_config
    from dreamsync.daemon.embedded_server import own_server

    settings = load_config(access.paths.config_file).server
    if not settings.embedded:
        raise CommandError(
            ErrorCode.CONFIGURATION,
            _("There is no server of dreamsync's own on this computer."),
            hint=_("`dreamsync up` sets one up."),
        )
    return own_server(access.paths, settings)


def _serve(options: "ServeOptions") -> None:
    from dreamsync.config.settings import LogLevel
    from dreamsync.daemon.embedded_server import write_address
    from dreamsync.daemon.logs import log_to_stderr
    from dreamsync.daemon.service_manager import ServiceManager
    from dreamsync.server.serve import serve

    manager = ServiceManager.from_environment()

    def ready(url: str) -> None:
        write_address(options.data_dir, url)
        manager.ready()
        click.echo(_("Serving {data} on {url}").format(data=options.data_dir, url=url))

    log_to_stderr(LogLevel.WARNING)
    serve(options, on_ready=ready)
