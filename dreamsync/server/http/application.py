"""The table of routes: every row of docs/protocol.md, and nothing besides."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Lifespan

from dreamsync.server.http.access_log import AccessLog
from dreamsync.server.http.account_routes import AccountRoutes
from dreamsync.server.http.authentication import Authenticator
from dreamsync.server.http.backend import Backend
from dreamsync.server.http.batch_routes import BatchRoutes
from dreamsync.server.http.blob_routes import BlobRoutes
from dreamsync.server.http.problems import EXCEPTION_HANDLERS
from dreamsync.server.http.reading_routes import ReadingRoutes
from dreamsync.server.http.upload_routes import UploadRoutes
from dreamsync.server.http.writing_routes import WritingRoutes

_log = logging.getLogger("dreamsync.server")
_CARE_EVERY_S = 3600


def create_application(backend: Backend) -> ASGIApp:
    """The ASGI application; its lifespan opens and closes the push streams' hub."""
    application = Starlette(
        routes=create_routes(backend),
        exception_handlers=EXCEPTION_HANDLERS,
        lifespan=_lifespan(backend),
    )
    # `/sync/files/` is not `/sync/files`: a redirect would drop the body of a mutation.
    application.router.redirect_slashes = False
    return AccessLog(application)


def create_routes(backend: Backend) -> list[Route]:
    """All routes; `docs/openapi.yaml` names the same."""
    authenticator = Authenticator(backend)
    return [
        *AccountRoutes(backend, authenticator).routes(),
        *ReadingRoutes(backend, authenticator).routes(),
        *WritingRoutes(backend, authenticator).routes(),
        *BatchRoutes(backend, authenticator).routes(),
        *UploadRoutes(backend, authenticator).routes(),
        *BlobRoutes(backend, authenticator).routes(),
    ]


def _lifespan(backend: Backend) -> Lifespan[Starlette]:
    @asynccontextmanager
    async def lifespan(_application: Starlette) -> AsyncIterator[None]:
        backend.hub.open()
        backend.sessions.on_revoked(backend.hub.revoked)
        unsubscribe = backend.service.commits.subscribe(backend.hub.committed)
        care = asyncio.create_task(_care_hourly(backend))
        try:
            yield
        finally:
            backend.service.care.stop()
            care.cancel()
            unsubscribe()
            backend.hub.close()

    return lifespan


async def _care_hourly(backend: Backend) -> None:
    """The service's daily care; a failure is told and tried again an hour later."""
    while True:
        try:
            # Abandoned when the server stops: care may take long, and can be killed at any moment.
            await to_thread.run_sync(backend.service.care.run, abandon_on_cancel=True)
        except Exception:
            _log.exception("care of the stores failed; it is tried again in an hour")
        await asyncio.sleep(_CARE_EVERY_S)
