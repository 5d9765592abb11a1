"""`dreamsync serve`: a server in the foreground."""

import click

from dreamsync.i18n import _


@click.command("serve", epilog="Example:  dreamsync serve --data /srv/dreamsync --port 8737")
@click.option("--data", required=True, metavar="DIR", help="Where the server keeps everything.")
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
def command(
    *, data: str, host: str, port: int, or_next: bool, tls_cert: str | None,
    tls_key: str | None, public_url: str | None, trusted_proxies: str | None,
) -> None:  # fmt: skip
    """Run a dreamsync server in the foreground.

    Accounts are made with `dreamsync serve-user add`.
    """
    import os

    from dreamsync.config.settings import LogLevel
    from dreamsync.daemon.embedded_server import write_address
    from dreamsync.daemon.logs import log_to_stderr
    from dreamsync.server.serve import ServeOptions, serve

    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError(_("--tls-cert and --tls-key go together."))
    data_dir = os.path.abspath(data)
    options = ServeOptions(
        data_dir,
        host=host,
        port=port,
        or_next_port=or_next,
        tls_certificate=tls_cert,
        tls_key=tls_key,
        public_url=public_url,
        trusted_proxies=trusted_proxies,
    )

    def ready(url: str) -> None:
        write_address(data_dir, url)
        click.echo(_("Serving {data} on {url}").format(data=data_dir, url=url))

    log_to_stderr(LogLevel.WARNING)
    serve(options, on_ready=ready)
