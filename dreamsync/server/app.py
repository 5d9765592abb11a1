"""Composition: a data folder becomes stores, service, sessions and the ASGI application."""

from dataclasses import dataclass

from starlette.types import ASGIApp

from dreamsync.server.accounts.secrets import ServerSecret
from dreamsync.server.accounts.sessions import Sessions
from dreamsync.server.data_dir import prepare_data_dir
from dreamsync.server.http.application import create_application
from dreamsync.server.http.backend import Backend, HttpSettings, Workers
from dreamsync.server.http.events import EventHub
from dreamsync.server.http.signed_urls import UrlSigner
from dreamsync.server.service import open_service
from dreamsync.server.service.clock import Clock, SystemClock


@dataclass(frozen=True, slots=True)
class OpenServer:
    """One server ready to be run by an ASGI server; `close` when that has ended."""

    application: ASGIApp
    backend: Backend

    def end_streams(self) -> None:
        """End the push streams, on the event loop, so that a graceful stop need not wait."""
        self.backend.hub.close()

    def close(self) -> None:
        self.backend.service.close()


def open_server(
    data_dir: str, *, settings: HttpSettings | None = None, clock: Clock | None = None
) -> OpenServer:
    """Open or make the server of `data_dir`.

    Raises `SecretUnusable` where its secret is damaged: without it nothing may be signed.
    """
    prepare_data_dir(data_dir)
    secret = ServerSecret.load_or_create(data_dir)
    clock = clock or SystemClock()
    service = open_service(data_dir, clock=clock)
    backend = Backend(
        service=service,
        sessions=Sessions(service.database, secret, clock),
        signer=UrlSigner(secret.derive("presigned-url"), clock),
        hub=EventHub(),
        clock=clock,
        settings=settings or HttpSettings(),
        workers=Workers(),
    )
    return OpenServer(create_application(backend), backend)
