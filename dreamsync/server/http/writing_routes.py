"""`/sync/*` that change single nodes: upload, copy, folders, move, delete, restore, ack."""

from collections.abc import Callable, Sequence
from contextlib import aclosing
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dreamsync.core.digest import BLOCK
from dreamsync.server.http.authentication import Authenticator
from dreamsync.server.http.backend import Backend
from dreamsync.server.http.bodies import json_response, limited_stream, no_content, read_fields
from dreamsync.server.http.multipart import OVERHEAD_BYTES, UploadForm, typed
from dreamsync.server.http.requests import (
    copy_request,
    folder_request,
    move_request,
    mutation_of,
    path_text,
    query_flag,
    query_integer,
    restore_request,
    upload_request,
)
from dreamsync.server.service import Caller
from dreamsync.server.service.answers import Answer
from dreamsync.server.service.requests import DeleteRequest
from dreamsync.wire.fields import Fields


class WritingRoutes:
    def __init__(self, backend: Backend, authenticator: Authenticator) -> None:
        self._service = backend.service
        self._workers = backend.workers
        self._authenticator = authenticator

    def routes(self) -> Sequence[Route]:
        member = self._authenticator.member
        return [
            Route("/sync/upload", member(self._upload), methods=["POST"]),
            Route("/sync/folders", member(self._make_folder), methods=["POST"]),
            Route("/sync/files/{id}", member(self._move), methods=["PATCH"]),
            Route("/sync/files/{id}", member(self._delete), methods=["DELETE"]),
            Route("/sync/files/{id}/copy", member(self._copy), methods=["POST"]),
            Route("/sync/files/{id}/restore", member(self._restore), methods=["POST"]),
            Route("/sync/ack", member(self._ack), methods=["POST"]),
        ]

    async def _upload(self, request: Request, caller: Caller) -> Response:
        """The content goes to the store as it arrives; the fields decide when all is there."""
        mutation = mutation_of(request)
        form = UploadForm(request.headers.get("content-type", ""))
        files, move_bytes = self._service.files, self._workers.move_bytes
        sink = await move_bytes(lambda: files.receive(caller))
        try:
            async with aclosing(limited_stream(request, BLOCK + OVERHEAD_BYTES)) as stream:
                await form.read(stream, lambda piece: move_bytes(partial(sink.write, piece)))
            asked = upload_request(Fields.of(typed(form.fields), "form"))
            return await self._answer(lambda: files.upload(caller, mutation, asked, sink))
        finally:
            await move_bytes(sink.close)

    async def _make_folder(self, request: Request, caller: Caller) -> Response:
        mutation = mutation_of(request)
        asked = folder_request(await read_fields(request))
        return await self._answer(lambda: self._service.files.make_folder(caller, mutation, asked))

    async def _move(self, request: Request, caller: Caller) -> Response:
        mutation = mutation_of(request)
        asked = move_request(path_text(request, "id"), await read_fields(request))
        return await self._answer(lambda: self._service.files.move(caller, mutation, asked))

    async def _delete(self, request: Request, caller: Caller) -> Response:
        mutation = mutation_of(request)
        asked = DeleteRequest(
            file_id=path_text(request, "id"),
            base_version=query_integer(request, "baseVersion", 0),
            confirmed=query_flag(request, "confirmed"),
        )
        return await self._answer(lambda: self._service.files.delete(caller, mutation, asked))

    async def _copy(self, request: Request, caller: Caller) -> Response:
        mutation = mutation_of(request)
        asked = copy_request(path_text(request, "id"), await read_fields(request))
        return await self._answer(lambda: self._service.files.copy(caller, mutation, asked))

    async def _restore(self, request: Request, caller: Caller) -> Response:
        mutation = mutation_of(request)
        asked = restore_request(path_text(request, "id"), await read_fields(request))
        return await self._answer(lambda: self._service.files.restore(caller, mutation, asked))

    async def _ack(self, request: Request, caller: Caller) -> Response:
        fields = await read_fields(request)
        cursor = fields.text("cursor")
        missing = fields.texts_or("missing", ())
        await self._workers.write(lambda: self._service.acks.note(caller, cursor, missing))
        return no_content()

    async def _answer(self, effect: Callable[[], Answer]) -> Response:
        answer = await self._workers.write(effect)
        return json_response(answer.file.to_json(), answer.status)
