"""A signed-in device in a few words: what the tests say to the server over real HTTP."""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import httpx

Json = dict[str, object]


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def new_key() -> str:
    return uuid.uuid4().hex


@dataclass(slots=True)
class Device:
    """One device of one account; `http` has its base URL and bearer token set."""

    http: httpx.Client
    device_id: str
    email: str = ""
    refresh_token: str = field(default="", repr=False)

    def upload(
        self,
        file_name: str | None,
        content: bytes = b"content",
        *,
        base_version: int = 0,
        key: str | None = None,
        cursor: str | None = None,
        **fields: str,
    ) -> httpx.Response:
        named = {} if file_name is None else {"fileName": file_name}
        return self.http.post(
            "/sync/upload",
            data={**named, "baseVersion": str(base_version), **fields},
            files={"file": ("name", content)},
            headers=_mutation(key, cursor),
        )

    def put(self, file_name: str, content: bytes = b"content", **fields: str) -> Json:
        """Upload a new file that must succeed; the `SyncFile`."""
        return expect(self.upload(file_name, content, base_version=0, **fields), 201)

    def folder(self, file_name: str, **body: object) -> Json:
        return expect(self.post("/sync/folders", {"fileName": file_name, **body}), 201)

    def post(
        self,
        path: str,
        body: Mapping[str, object],
        *,
        key: str | None = None,
        cursor: str | None = None,
    ) -> httpx.Response:
        return self.http.post(path, json=body, headers=_mutation(key, cursor))

    def patch(
        self, file_id: object, body: Mapping[str, object], *, key: str | None = None
    ) -> httpx.Response:
        return self.http.patch(f"/sync/files/{file_id}", json=body, headers=_mutation(key))

    def delete(
        self,
        file: Mapping[str, object],
        *,
        base_version: int | None = None,
        key: str | None = None,
        cursor: str | None = None,
    ) -> httpx.Response:
        version = file["version"] if base_version is None else base_version
        return self.http.delete(
            f"/sync/files/{file['id']}",
            params={"baseVersion": str(version)},
            headers=_mutation(key, cursor),
        )

    def get(self, path: str, **params: str | int) -> Json:
        return expect(self.http.get(path, params=params), 200)

    def cursor(self) -> str:
        return str(self.get("/sync/status")["cursor"])

    def feed(self, since: str | None = None, *, limit: int = 1000) -> tuple[list[Json], str]:
        """All pages after the cursor, and the last cursor."""
        found: list[Json] = []
        while True:
            params: dict[str, str | int] = {"limit": limit}
            if since is not None:
                params["since"] = since
            page = self.get("/sync/files", **params)
            files, since = page["files"], str(page["cursor"])
            assert isinstance(files, list)
            found += files
            if not page["hasMore"]:
                return found, since

    def content(self, file: Mapping[str, object]) -> bytes:
        """What the presigned URL gives."""
        ticket = self.get(f"/sync/download/{file['id']}")
        answer = httpx.get(str(ticket["url"]), trust_env=False)
        assert answer.status_code == 200
        return answer.content

    def batch_upload(self, items: Sequence[tuple[Json, bytes]]) -> list[Json]:
        header = {"items": [item for item, _ in items]}
        frame = json.dumps(header).encode() + b"\n" + b"".join(content for _, content in items)
        answer = expect(self.http.post("/sync/batch/upload", content=frame), 200)
        results = answer["results"]
        assert isinstance(results, list)
        return results


def batch_item(file_name: str, content: bytes, **fields: object) -> tuple[Json, bytes]:
    item: Json = {"key": new_key(), "fileName": file_name, "fileSize": len(content), **fields}
    return item, content


def expect(answer: httpx.Response, status: int) -> Json:
    """The JSON of an answer that must have this status."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert isinstance(body, dict)
    return body


def problem(answer: httpx.Response, status: int, code: str) -> Json:
    """The problem document of a refusal that must have this status and code."""
    body = expect(answer, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (body["status"], body["code"]) == (status, code)
    return body


def _mutation(key: str | None, cursor: str | None = None) -> dict[str, str]:
    headers = {"Idempotency-Key": key or new_key()}
    return headers if cursor is None else {**headers, "Sync-Cursor": cursor}
