"""`/sync/*` that change nothing: status, feed, files, history, trash, download tickets, push."""

from collections.abc import Mapping, Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dreamsync.server.http.authentication import Authenticator, claims_of
from dreamsync.server.http.backend import Backend
from dreamsync.server.http.blob_routes import sign_download
from dreamsync.server.http.bodies import json_response
from dreamsync.server.http.capabilities import offered
from dreamsync.server.http.events import EventStream
from dreamsync.server.http.origin import base_url
from dreamsync.server.http.requests import optional_query_integer, path_text, query_integer
from dreamsync.server.service import Caller
from dreamsync.server.service.answers import FileVersion
from dreamsync.server.service.clock import moment
from dreamsync.wire.messages import (
    DownloadTicket,
    FilesPage,
    Listing,
    StatusMessage,
    VersionMessage,
)
from dreamsync.wire.uploads import BlockListMessage

PAGE = 1000


class ReadingRoutes:
    def __init__(self, backend: Backend, authenticator: Authenticator) -> None:
        self._backend = backend
        self._service = backend.service
        self._workers = backend.workers
        self._authenticator = authenticator

    def routes(self) -> Sequence[Route]:
        member = self._authenticator.member
        return [
            Route("/sync/events", self._events, methods=["GET"]),
            Route("/sync/status", member(self._status), methods=["GET"]),
            Route("/sync/files", member(self._files), methods=["GET"]),
            Route("/sync/files/{id}", member(self._file), methods=["GET"]),
            Route("/sync/files/{id}/blocks", member(self._blocks), methods=["GET"]),
            Route("/sync/files/{id}/versions", member(self._versions), methods=["GET"]),
            Route("/sync/download/{id}", member(self._download), methods=["GET"]),
            Route("/sync/trash", member(self._trash), methods=["GET"]),
        ]

    async def _status(self, request: Request, caller: Caller) -> Response:
        status = await self._workers.read(lambda: self._service.feed.status(caller))
        message = StatusMessage(
            cursor=status.cursor,
            server_time=moment(self._backend.clock.now_ms()),
            space_id=status.space_id,
            space_name=status.name,
            quota_used=status.quota.used,
            quota_limit=status.quota.limit,
            capabilities=offered(base_url(request, self._backend.settings.public_url)),
        )
        return json_response(message.to_json())

    async def _files(self, request: Request, caller: Caller) -> Response:
        since = request.query_params.get("since")
        limit = query_integer(request, "limit", PAGE)

        def page() -> Mapping[str, object]:
            found = self._service.feed.page(caller, since, limit)
            return FilesPage(found.files, found.cursor, found.has_more).to_json()

        return json_response(await self._workers.read(page))

    async def _file(self, request: Request, caller: Caller) -> Response:
        file_id = path_text(request, "id")
        file = await self._workers.read(lambda: self._service.feed.file(caller, file_id))
        return json_response(file.to_json())

    async def _blocks(self, request: Request, caller: Caller) -> Response:
        file_id, version = path_text(request, "id"), optional_query_integer(request, "version")
        found = await self._workers.read(
            lambda: self._service.contents.blocks(caller, file_id, version)
        )
        message = BlockListMessage(found.block_size, found.blocks, found.file_size, found.digest)
        return json_response(message.to_json())

    async def _versions(self, request: Request, caller: Caller) -> Response:
        file_id = path_text(request, "id")

        def history() -> Listing:
            devices = self._backend.sessions.devices(caller.account_id)
            names = {device.id: device.name for device in devices}
            found = self._service.versions.of(caller, file_id)
            return Listing(tuple(_version(version, names).to_json() for version in found))

        return json_response((await self._workers.read(history)).to_json())

    async def _download(self, request: Request, caller: Caller) -> Response:
        file_id, version = path_text(request, "id"), optional_query_integer(request, "version")
        content = await self._workers.read(
            lambda: self._service.contents.describe(caller, file_id, version)
        )
        signed = sign_download(self._backend.signer, claims_of(request), caller.space_id, content)
        ticket = DownloadTicket(
            url=base_url(request, self._backend.settings.public_url) + signed.target,
            expires_at=moment(signed.expires_ms),
            checksum=content.checksum,
            digest=content.digest,
            file_size=content.file_size,
            version=content.version,
        )
        return json_response(ticket.to_json())

    async def _trash(self, request: Request, caller: Caller) -> Response:
        after = request.query_params.get("after")
        limit = query_integer(request, "limit", PAGE)
        page = await self._workers.read(lambda: self._service.versions.trash(caller, after, limit))
        items = tuple(file.to_json() for file in page.items)
        return json_response(Listing(items, page.next).to_json())

    async def _events(self, request: Request) -> EventStream:
        """Subscribed before the head is read, so that no commit falls between."""
        if request.method == "HEAD":
            # It would hold the connection for nothing.
            raise HTTPException(405, headers={"Allow": "GET"})
        claims = await self._authenticator.claims(request)
        caller = await self._authenticator.caller(request, claims)
        head = self._service.feed.head
        return EventStream(
            self._backend.hub,
            self._backend.hub.subscribe(caller.space_id, claims),
            head=lambda: self._workers.read(lambda: head(caller.space_id)),
            check=lambda: self._authenticator.check(claims),
            heartbeat_s=self._backend.settings.heartbeat_s,
            lifetime_s=(claims.expires_at_ms - self._backend.clock.now_ms()) / 1000,
        )


def _version(version: FileVersion, device_names: Mapping[str, str]) -> VersionMessage:
    return VersionMessage(
        version=version.version,
        change=version.change.value,
        name=version.name,
        parent_id=version.parent_id,
        file_size=version.file_size,
        checksum=version.checksum,
        digest=version.digest,
        modified_ns=version.modified_ns,
        created_at=version.created_at,
        device_id=version.device_id,
        device_name=device_names.get(version.device_id),
        available=version.available,
    )
