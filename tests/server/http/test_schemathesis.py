"""Schemathesis against a live server: whatever is sent, no 5xx and no answer beside the document.

Seeded, so that a failure can be replayed.
"""

from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import CHECKS, load_all_checks

from tests.server.http.client import Json, expect, new_key
from tests.server.http.conftest import Server

load_all_checks()
SCHEMA = schemathesis.openapi.from_path(Path(__file__).parents[3] / "docs" / "openapi.yaml")
CHECKED = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    ]
)


@schemathesis.serializer("application/vnd.dreamsync.batch")
def batch(_context: object, value: object) -> bytes:
    """A frame is bytes; any text will do to be refused."""
    return str(value).encode(errors="replace")


@pytest.fixture(scope="module")
def live(server: Server) -> tuple[str, str]:
    device = server.sign_in(server.add_user())
    device.put("folder/note.txt")
    return server.url, device.http.headers["authorization"]


@pytest.mark.slow
@SCHEMA.exclude(path="/sync/events").exclude(path="/auth/logout").parametrize()
@hypothesis.settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)
def test_no_request_makes_the_server_fail(
    case: schemathesis.Case[Any], live: tuple[str, str]
) -> None:
    url, authorization = live
    answer = case.call(base_url=url, headers={"Authorization": authorization})
    case.validate_response(answer, checks=CHECKED)  # type: ignore[arg-type]


@pytest.mark.slow
def test_real_answers_are_as_documented(server: Server) -> None:
    """Each row answered with success once: random requests seldom get that far."""
    device = server.sign_in(server.add_user())
    file = device.put("folder/note.txt", b"one", modifiedAt="2026-01-02T03:04:05Z")
    expect(device.upload("folder/note.txt", b"two", base_version=1), 200)
    gone = device.put("gone.txt")
    upload = device.post("/sync/uploads", {"fileName": "large", "fileSize": 9_000_000})
    upload_id = expect(upload, 201)["uploadId"]
    block: Json = {"index": 1, "sha256": "0" * 64, "size": 9_000_000 - 8 * 1024 * 1024}
    answers = {
        ("POST", "/sync/uploads"): upload,
        ("GET", "/sync/uploads/{id}"): device.http.get(f"/sync/uploads/{upload_id}"),
        ("POST", "/sync/uploads/{id}/blocks"): device.post(
            f"/sync/uploads/{upload_id}/blocks", {"blocks": [block]}
        ),
        ("DELETE", "/sync/files/{id}"): device.delete(gone),
        ("GET", "/sync/status"): device.http.get("/sync/status"),
        ("GET", "/sync/files"): device.http.get("/sync/files"),
        ("GET", "/sync/files/{id}"): device.http.get(f"/sync/files/{file['id']}"),
        ("GET", "/sync/files/{id}/blocks"): device.http.get(f"/sync/files/{file['id']}/blocks"),
        ("GET", "/sync/files/{id}/versions"): device.http.get(f"/sync/files/{file['id']}/versions"),
        ("GET", "/sync/download/{id}"): device.http.get(f"/sync/download/{file['id']}"),
        ("GET", "/sync/trash"): device.http.get("/sync/trash"),
        ("POST", "/sync/folders"): device.post("/sync/folders", {"fileName": "new"}),
        ("PATCH", "/sync/files/{id}"): device.patch(
            file["id"], {"fileName": "moved.txt", "baseVersion": 2}
        ),
        ("POST", "/sync/files/{id}/restore"): device.post(
            f"/sync/files/{file['id']}/restore", {"version": 1, "baseVersion": 3}
        ),
        ("POST", "/sync/files/{id}/copy"): device.post(
            f"/sync/files/{file['id']}/copy",
            {
                "version": 1,
                "fileSize": file["fileSize"],
                "digest": file["digest"],
                "fileName": "copy.txt",
            },
        ),
        ("POST", "/sync/batch/delete"): device.post(
            "/sync/batch/delete",
            {"items": [{"key": new_key(), "fileId": gone["id"], "baseVersion": 1}]},
        ),
        ("GET", "/auth/devices"): device.http.get("/auth/devices"),
        ("POST", "/auth/join-codes"): device.http.post("/auth/join-codes"),
        ("POST", "/auth/refresh"): device.http.post(
            "/auth/refresh", json={"refreshToken": device.refresh_token}
        ),
    }
    for (method, path), answer in answers.items():
        assert answer.status_code < 300 or answer.status_code == 409, (method, path, answer.text)
        SCHEMA[path][method].validate_response(answer)
