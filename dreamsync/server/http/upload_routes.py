"""`/sync/uploads/*`: large files in blocks that go straight to storage by presigned URLs."""

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dreamsync.server.http.authentication import Authenticator, claims_of
from dreamsync.server.http.backend import Backend
from dreamsync.server.http.blob_routes import sign_block
from dreamsync.server.http.bodies import json_response, no_content, read_fields, read_json
from dreamsync.server.http.origin import base_url
from dreamsync.server.http.problems import invalid_request, too_large
from dreamsync.server.http.requests import (
    complete_request,
    mutation_of,
    path_text,
    start_upload_request,
)
from dreamsync.server.service import Caller
from dreamsync.server.service.answers import BlockState, UploadState
from dreamsync.server.service.clock import moment
from dreamsync.server.service.requests import AnnouncedBlock
from dreamsync.wire.uploads import BlockMessage, TicketMessage, UploadMessage

MOST_BLOCKS_ANNOUNCED = 10_000
_PUT_HEADERS = (("Content-Type", "application/octet-stream"),)


class UploadRoutes:
    def __init__(self, backend: Backend, authenticator: Authenticator) -> None:
        self._backend = backend
        self._uploads = backend.service.uploads
        self._workers = backend.workers
        self._authenticator = authenticator

    def routes(self) -> Sequence[Route]:
        member = self._authenticator.member
        return [
            Route("/sync/uploads", member(self._start), methods=["POST"]),
            Route("/sync/uploads/{id}", member(self._state), methods=["GET"]),
            Route("/sync/uploads/{id}", member(self._abandon), methods=["DELETE"]),
            Route("/sync/uploads/{id}/blocks", member(self._announce), methods=["POST"]),
            Route("/sync/uploads/{id}/complete", member(self._complete), methods=["POST"]),
        ]

    async def _start(self, request: Request, caller: Caller) -> Response:
        mutation = mutation_of(request)
        asked = start_upload_request(await read_json(request))
        state = await self._workers.write(lambda: self._uploads.start(caller, mutation, asked))
        return json_response(_message(state).to_json(), 201)

    async def _state(self, request: Request, caller: Caller) -> Response:
        upload_id = path_text(request, "id")
        state = await self._workers.read(lambda: self._uploads.state(caller, upload_id))
        return json_response(_message(state).to_json())

    async def _abandon(self, request: Request, caller: Caller) -> Response:
        upload_id = path_text(request, "id")
        await self._workers.write(lambda: self._uploads.abandon(caller, upload_id))
        return no_content()

    async def _announce(self, request: Request, caller: Caller) -> Response:
        upload_id = path_text(request, "id")
        values = (await read_fields(request)).items("blocks")
        if len(values) > MOST_BLOCKS_ANNOUNCED:
            raise too_large(f"At most {MOST_BLOCKS_ANNOUNCED} blocks may be announced at once.")
        blocks = [_announced(BlockMessage.parse(value)) for value in values]
        states = await self._workers.write(
            lambda: self._uploads.announce(caller, upload_id, blocks)
        )
        ticket = self._ticket(request, caller, upload_id)
        return json_response({"blocks": [ticket(state).to_json() for state in states]})

    async def _complete(self, request: Request, caller: Caller) -> Response:
        mutation = mutation_of(request)
        upload_id = path_text(request, "id")
        asked = complete_request(await read_json(request))
        answer = await self._workers.write(
            lambda: self._uploads.complete(caller, mutation, upload_id, asked)
        )
        return json_response(answer.file.to_json(), answer.status)

    def _ticket(
        self, request: Request, caller: Caller, upload_id: str
    ) -> Callable[[BlockState], TicketMessage]:
        base = base_url(request, self._backend.settings.public_url)
        claims = claims_of(request)

        def ticket(state: BlockState) -> TicketMessage:
            if state.present:
                return TicketMessage(state.index)
            block = AnnouncedBlock(state.index, state.sha256, state.size)
            signed = sign_block(self._backend.signer, claims, caller.space_id, upload_id, block)
            return TicketMessage(
                state.index, base + signed.target, _PUT_HEADERS, moment(signed.expires_ms)
            )

        return ticket


def _announced(block: BlockMessage) -> AnnouncedBlock:
    sha256 = block.sha256.lower()
    if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
        raise invalid_request("A block's sha256 must be 64 hexadecimal digits.")
    return AnnouncedBlock(block.index, sha256, block.size)


def _message(state: UploadState) -> UploadMessage:
    return UploadMessage(
        upload_id=state.upload_id,
        block_size=state.block_size,
        expires_at=state.expires_at,
        file_size=state.file_size,
        received=tuple(sorted(state.received.items())),
    )
