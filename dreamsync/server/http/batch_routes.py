"""`/sync/batch/*`: many nodes in one call and one commit."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from functools import partial

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from dreamsync.server.http.authentication import Authenticator
from dreamsync.server.http.backend import Backend
from dreamsync.server.http.blob_routes import in_groups, pieces_in_threads, write_all
from dreamsync.server.http.bodies import json_response, limited_stream, parse_json, read_fields
from dreamsync.server.http.problems import invalid_request, problem_of, too_large
from dreamsync.server.http.requests import batch_delete_item, batch_upload_item
from dreamsync.server.service import Caller
from dreamsync.server.service.answers import Answer, BatchResult, Refused, StoredContent
from dreamsync.server.service.batches import MOST_BYTES, MOST_ITEMS
from dreamsync.server.service.requests import BatchDownloadItem, BatchUploadItem
from dreamsync.wire.batch import (
    BATCH_TYPE,
    MOST_HEADER_BYTES,
    DownloadItem,
    DownloadResult,
    ItemResult,
    encode_frame,
)
from dreamsync.wire.fields import Fields


class BatchRoutes:
    def __init__(self, backend: Backend, authenticator: Authenticator) -> None:
        self._batches = backend.service.batches
        self._workers = backend.workers
        self._authenticator = authenticator

    def routes(self) -> Sequence[Route]:
        member = self._authenticator.member
        return [
            Route("/sync/batch/upload", member(self._upload), methods=["POST"]),
            Route("/sync/batch/delete", member(self._delete), methods=["POST"]),
            Route("/sync/batch/download", member(self._download), methods=["POST"]),
        ]

    async def _upload(self, request: Request, caller: Caller) -> Response:
        move_bytes = self._workers.move_bytes
        async with aclosing(limited_stream(request, MOST_HEADER_BYTES + MOST_BYTES)) as stream:
            header, rest = await _read_header(stream)
            items = _upload_items(Fields.of(header, "batch"))
            batch = await move_bytes(
                lambda: self._batches.upload(caller, items, cursor=_cursor(request))
            )
            try:
                content = _exactly(sum(item.file_size for item in items), rest, stream)
                async for pieces in in_groups(content):
                    await move_bytes(partial(write_all, batch.write, pieces))
                results = await self._workers.write(batch.finish)
            finally:
                await move_bytes(batch.close)
        return _results(results)

    async def _delete(self, request: Request, caller: Caller) -> Response:
        items = [batch_delete_item(value) for value in _few(await read_fields(request))]
        results = await self._workers.write(
            lambda: self._batches.delete(caller, items, cursor=_cursor(request))
        )
        return _results(results)

    async def _download(self, request: Request, caller: Caller) -> Response:
        wanted = [DownloadItem.parse(value) for value in _few(await read_fields(request))]
        items = [BatchDownloadItem(item.file_id, item.version) for item in wanted]
        batch = await self._workers.read(lambda: self._batches.download(caller, items))
        results = [_download_result(result) for result in batch.results]
        (line,) = encode_frame({"results": [result.to_json() for result in results]}, ())
        length = len(line) + sum(result.file_size for result in results)
        return StreamingResponse(
            _framed(line, pieces_in_threads(self._workers, batch.read())),
            headers={"Content-Length": str(length), "Cache-Control": "no-store"},
            media_type=BATCH_TYPE,
        )


def _cursor(request: Request) -> str | None:
    return request.headers.get("sync-cursor")


def _few(fields: Fields) -> Sequence[object]:
    items = fields.items("items")
    if len(items) > MOST_ITEMS:
        raise too_large(f"A batch may have {MOST_ITEMS} items.")
    return items


def _upload_items(fields: Fields) -> Sequence[BatchUploadItem]:
    items = [batch_upload_item(value) for value in _few(fields)]
    if sum(item.file_size for item in items) > MOST_BYTES:
        raise too_large(f"A batch may have {MOST_BYTES} bytes.")
    return items


async def _read_header(stream: AsyncIterator[bytes]) -> tuple[object, bytes]:
    """The JSON of the first line, and what of the content came with it."""
    head = bytearray()
    async for piece in stream:
        start = len(head)
        head += piece
        end = head.find(b"\n", start)
        if end >= 0:
            return parse_json(bytes(head[:end])), bytes(head[end + 1 :])
        if len(head) > MOST_HEADER_BYTES:
            raise too_large(f"A batch's header may have {MOST_HEADER_BYTES} bytes.")
    raise invalid_request("The batch has no header line.")


async def _exactly(
    announced: int, first: bytes, stream: AsyncIterator[bytes]
) -> AsyncIterator[bytes]:
    """The content behind the header; 400 unless it is as long as the items say."""
    received = len(first)
    if first:
        yield first
    async for piece in stream:
        received += len(piece)
        if received > announced:
            break
        yield piece
    if received != announced:
        raise invalid_request(f"The items announce {announced} bytes, but others followed.")


async def _framed(line: bytes, content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield line
    async for piece in content:
        yield piece


def _results(results: Sequence[BatchResult]) -> Response:
    messages: Mapping[str, object] = {
        "results": [_item_result(result).to_json() for result in results]
    }
    return json_response(messages)


def _item_result(result: BatchResult) -> ItemResult:
    if isinstance(result, Answer):
        return ItemResult(result.status, file=result.file)
    return ItemResult(result.error.status, problem=problem_of(result.error))


def _download_result(result: StoredContent | Refused) -> DownloadResult:
    if isinstance(result, Refused):
        return DownloadResult(result.error.status, problem=problem_of(result.error))
    return DownloadResult(
        status=200,
        file_id=result.file_id,
        version=result.version,
        file_size=result.file_size,
        checksum=result.checksum,
        digest=result.digest,
    )
