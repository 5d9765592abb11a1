"""`/blobs/*`: what presigned URLs lead to. No token here: the signature is the permission.

It names the device that asked for the URL: once that device is signed out or revoked, its URLs are
over, those in use within `RECHECK_S`.

Downloads are never shown by a browser as a page of this server: attachment, nosniff, sandbox.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from dreamsync.server.accounts.access import AccessClaims
from dreamsync.server.accounts.errors import TokenRefused
from dreamsync.server.http.authentication import Authenticator
from dreamsync.server.http.backend import Backend, Workers
from dreamsync.server.http.bodies import limited_stream
from dreamsync.server.http.problems import RequestRefused
from dreamsync.server.http.ranges import ByteRange, RangeUnsatisfiable, wanted_range
from dreamsync.server.http.requests import path_text
from dreamsync.server.http.signed_urls import SignedTarget, UrlSigner
from dreamsync.server.service.answers import StoredContent
from dreamsync.server.service.requests import AnnouncedBlock
from dreamsync.wire.problems import ProblemCode

RECHECK_S = 20.0
"""How long a download goes on without a look at whether its device is still signed in."""


def sign_download(
    signer: UrlSigner, claims: AccessClaims, space_id: str, content: StoredContent
) -> SignedTarget:
    """Leads to this content, whatever becomes of its node, under the name it has now."""
    return signer.sign(
        "GET",
        f"/blobs/{content.content_id}",
        {"space": space_id, "name": content.name, **_asked_by(claims)},
    )


def sign_block(
    signer: UrlSigner, claims: AccessClaims, space_id: str, upload_id: str, block: AnnouncedBlock
) -> SignedTarget:
    """Takes exactly the bytes with this SHA-256 and size, once."""
    return signer.sign(
        "PUT",
        f"/blobs/uploads/{upload_id}/{block.index}",
        {
            "space": space_id,
            "sha256": block.sha256,
            "size": str(block.size),
            **_asked_by(claims),
        },
    )


def _asked_by(claims: AccessClaims) -> dict[str, str]:
    return {
        "account": claims.account_id,
        "device": claims.device_id,
        "generation": str(claims.generation),
    }


class BlobRoutes:
    def __init__(self, backend: Backend, authenticator: Authenticator) -> None:
        self._service = backend.service
        self._signer = backend.signer
        self._workers = backend.workers
        self._authenticator = authenticator

    def routes(self) -> Sequence[Route]:
        return [
            Route("/blobs/{id}", self._download, methods=["GET"]),
            Route("/blobs/uploads/{id}/{index}", self._receive_block, methods=["PUT"]),
        ]

    async def _download(self, request: Request) -> Response:
        signed = await self._verified("GET", request)
        content_id = path_text(request, "id")
        content = await self._workers.read(
            lambda: self._service.contents.open(signed["space"], content_id)
        )
        headers = _download_headers(signed["name"], content_id)
        try:
            part = wanted_range(_range_header(request, headers["ETag"]), content.size)
        except RangeUnsatisfiable as error:
            detail = f"The content has {content.size} bytes."
            raise RequestRefused(
                416, "rangeNotSatisfiable", detail, {"Content-Range": f"bytes */{content.size}"}
            ) from error
        sent = part or ByteRange(0, content.size)
        headers["Content-Length"] = str(sent.end - sent.start)
        if part is not None:
            headers["Content-Range"] = part.content_range(content.size)
        if request.method == "HEAD":
            return Response(status_code=206 if part else 200, headers=headers)
        body = pieces_in_threads(self._workers, content.read(sent.start, sent.end))
        return StreamingResponse(self._while_signed_in(signed, body), 206 if part else 200, headers)

    async def _verified(self, method: str, request: Request) -> Mapping[str, str]:
        """What was signed; 403 also where the device that asked for it is signed out."""
        signed = self._signer.verify(method, request.url.path, request.query_params.multi_items())
        try:
            await self._require_signed_in(signed)
        except TokenRefused as error:
            detail = "The device that this URL was made for is signed out."
            raise RequestRefused(403, ProblemCode.URL_EXPIRED, detail) from error
        return signed

    async def _while_signed_in(
        self, signed: Mapping[str, str], pieces: AsyncIterator[bytes]
    ) -> AsyncIterator[bytes]:
        """Breaks off: the client has been told the length, and takes no part for the whole."""
        loop = asyncio.get_running_loop()
        checked_at = loop.time()
        async for piece in pieces:
            if loop.time() - checked_at >= RECHECK_S:
                await self._require_signed_in(signed)
                checked_at = loop.time()
            yield piece

    async def _require_signed_in(self, signed: Mapping[str, str]) -> None:
        generation = int(signed["generation"])
        await self._authenticator.check(
            AccessClaims(signed["account"], signed["device"], generation, expires_at_ms=0)
        )

    async def _receive_block(self, request: Request) -> Response:
        signed = await self._verified("PUT", request)
        block = AnnouncedBlock(
            int(path_text(request, "index")), signed["sha256"], int(signed["size"])
        )
        upload_id, uploads = path_text(request, "id"), self._service.uploads
        move_bytes = self._workers.move_bytes
        sink = await move_bytes(lambda: uploads.receive_block(signed["space"], upload_id, block))
        try:
            async with aclosing(limited_stream(request, block.size)) as stream:
                async for pieces in in_groups(stream):
                    await move_bytes(partial(write_all, sink.write, pieces))
            await self._workers.write(sink.finish)
        finally:
            await move_bytes(sink.close)
        return Response(status_code=200)


def _range_header(request: Request, etag: str) -> str | None:
    """`If-Range` with another validator asks for the whole content instead."""
    validator = request.headers.get("if-range")
    return request.headers.get("range") if validator in (None, etag) else None


def _download_headers(name: str, content_id: str) -> dict[str, str]:
    headers: Mapping[str, str] = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "Content-Disposition": _attachment(name),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Type": "application/octet-stream",
        "ETag": f'"{content_id}"',
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return dict(headers)


def _attachment(name: str) -> str:
    """RFC 6266: an ASCII stand-in, and the true name as RFC 8187 has it."""
    plain = "".join(char if " " <= char <= "~" and char not in '"\\%' else "_" for char in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


_GROUP_BYTES = 1024 * 1024


async def in_groups(stream: AsyncIterator[bytes]) -> AsyncIterator[Sequence[bytes]]:
    """The same pieces, a MiB or so together: the network's 64 KiB are not worth a thread each."""
    gathered: list[bytes] = []
    size = 0
    async for piece in stream:
        gathered.append(piece)
        size += len(piece)
        if size >= _GROUP_BYTES:
            yield gathered
            gathered, size = [], 0
    if gathered:
        yield gathered


def write_all(write: Callable[[bytes], None], pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        write(piece)


async def pieces_in_threads(workers: Workers, pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Each next piece is read in a worker thread once the one before is on its way."""
    while piece := await workers.move_bytes(lambda: next(pieces, b"")):
        yield piece
