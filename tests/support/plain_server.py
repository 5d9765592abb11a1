"""A plain server: what a small backend module has at first, and nothing more.

Flat `fileName`s, MD5 checksums, `since` as an ISO time, soft deletion. No parents, digests,
versions, batches, push or idempotency; `baseVersion` and unknown fields are ignored.
"""

import hashlib
import secrets
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.server import running_application

EMAIL, PASSWORD = "plain@example.org", "plain password"

_EPOCH = "1970-01-01T00:00:00Z"


@dataclass(slots=True)
class PlainServer:
    """One account's files in memory; `rows` by id, `contents` likewise."""

    url: str = ""
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    rows: dict[str, dict[str, object]] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def application(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/auth/login", self._login, methods=["POST"]),
                Route("/sync/status", self._status),
                Route("/sync/files", self._files),
                Route("/sync/upload", self._upload, methods=["POST"]),
                Route("/sync/download/{id}", self._download),
                Route("/sync/files/{id}", self._delete, methods=["DELETE"]),
                Route("/storage/{id}/{secret}", self._content),
            ]
        )

    async def _login(self, request: Request) -> Response:
        given = await request.json()
        if (given.get("email"), given.get("password")) != (EMAIL, PASSWORD):
            return JSONResponse({"message": "Unauthorized"}, 401)
        return JSONResponse(
            {"accessToken": self.token, "refreshToken": self.token, "expiresIn": 900}
        )

    async def _status(self, request: Request) -> Response:
        return self._refused(request) or JSONResponse({"serverTime": _now()})

    async def _files(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        since = datetime.fromisoformat(request.query_params.get("since") or _EPOCH)
        files = [row for row in self.rows.values() if _time(row["updatedAt"]) > since]
        return JSONResponse({"files": files})

    async def _upload(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        async with request.form() as form:
            file_name, part = str(form["fileName"]), form["file"]
            content = await part.read() if not isinstance(part, str) else part.encode()
            device_id = form.get("deviceId")
        checksum = hashlib.md5(content, usedforsecurity=False).hexdigest()
        with self.lock:
            row = next((r for r in self.rows.values() if r["fileName"] == file_name), None)
            row = row or {"id": str(uuid.uuid4()), "fileName": file_name, "createdAt": _now()}
            row |= {
                "fileSize": len(content),
                "mimeType": "application/octet-stream",
                "checksum": checksum,
                "deviceId": device_id,
                "updatedAt": _now(),
                "deletedAt": None,
            }
            self.rows[str(row["id"])], self.contents[str(row["id"])] = row, content
        return JSONResponse(row, 201)

    async def _download(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        row = self.rows.get(request.path_params["id"])
        if row is None or row["deletedAt"] is not None:
            return JSONResponse({"message": "Not Found"}, 404)
        url = f"{self.url}/storage/{row['id']}/{self.token}"
        return JSONResponse({"url": url, "checksum": row["checksum"]})

    async def _delete(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        row = self.rows.get(request.path_params["id"])
        if row is None:
            return JSONResponse({"message": "Not Found"}, 404)
        row |= {"deletedAt": _now(), "updatedAt": _now()}
        return JSONResponse(row)

    async def _content(self, request: Request) -> Response:
        content = self.contents.get(request.path_params["id"])
        if content is None or request.path_params["secret"] != self.token:
            return Response(status_code=403)
        return Response(content, media_type="application/octet-stream")

    def _refused(self, request: Request) -> Response | None:
        signed_in = request.headers.get("authorization") == f"Bearer {self.token}"
        return None if signed_in else JSONResponse({"message": "Unauthorized"}, 401)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _time(moment: object) -> datetime:
    return datetime.fromisoformat(str(moment))


@contextmanager
def running_plain_server() -> Iterator[PlainServer]:
    """The server on a free loopback port, for `EMAIL` and `PASSWORD`."""
    server = PlainServer()
    with running_application(server.application()) as url:
        server.url = url
        yield server
