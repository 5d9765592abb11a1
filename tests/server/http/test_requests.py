"""Requests that fit no row of the contract: always a problem document, never a traceback."""

import logging

import httpx
import pytest

from tests.server.http.client import Device, expect, new_key, problem
from tests.server.http.conftest import PASSWORD, Server


@pytest.mark.parametrize(
    "path", ["/", "/sync", "/sync/files/", "/nothing", "/sync/status/", "/blobs/", "/../etc"]
)
def test_unknown_paths_are_not_found(server: Server, path: str) -> None:
    problem(server.client().get(path), 404, "notFound")


def test_a_method_that_a_path_does_not_have_is_told(laptop: Device) -> None:
    answer = laptop.http.put("/sync/status")
    problem(answer, 405, "methodNotAllowed")
    assert "GET" in answer.headers["allow"]
    assert laptop.http.head("/sync/events").status_code == 405


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b"\xff",
        b'{"fileName": "\\ud800"}',
        b'{"fileName": NaN}',
        b'{"fileName": 7}',
        b'{"fileName": "a", "baseVersion": -1}',
        b'{"fileName": "a", "baseVersion": 1e400}',
        b'{"fileName": "a", "baseVersion": 99999999999999999999}',
        b"[" * 100_000,
        b"1" * 10_000,
        b"",
    ],
)
def test_what_is_no_body_of_the_contract_is_refused(laptop: Device, body: bytes) -> None:
    answer = laptop.http.post("/sync/folders", content=body, headers={"Idempotency-Key": new_key()})
    problem(answer, 400, "invalidRequest")


@pytest.mark.security(12)
def test_bodies_have_limits_whether_they_tell_their_length_or_not(
    server: Server, laptop: Device
) -> None:
    large = b" " * (5 * 1024 * 1024)
    headers = {"Idempotency-Key": new_key()}
    told = laptop.http.post("/sync/folders", content=large, headers=headers)
    problem(told, 413, "tooLarge")
    chunked = laptop.http.post("/sync/folders", content=iter([large]), headers=headers)
    problem(chunked, 413, "tooLarge")
    problem(server.client().post("/auth/login", content=b" " * 70_000), 413, "tooLarge")


@pytest.mark.parametrize(
    "query", ["baseVersion=x", "baseVersion=-1", "baseVersion=1&confirmed=yes", "baseVersion=%F0"]
)
def test_queries_are_read_strictly(laptop: Device, query: str) -> None:
    file = laptop.put("note.txt")
    answer = laptop.http.delete(
        f"/sync/files/{file['id']}?{query}", headers={"Idempotency-Key": new_key()}
    )
    problem(answer, 400, "invalidRequest")


@pytest.mark.security(4)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_failure_of_the_server_tells_nothing(
    server: Server, laptop: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("canary")

    monkeypatch.setattr(server.opened.backend.service.feed, "status", fail)

    answer = laptop.http.get("/sync/status")

    problem(answer, 500, "internalError")
    assert "canary" not in answer.text
    assert "Traceback" not in answer.text


def test_hosts_that_are_none_are_refused(laptop: Device) -> None:
    answer = laptop.http.get("/sync/status", headers={"Host": "evil/../host"})
    assert answer.status_code == 400


@pytest.mark.security(4)
def test_the_log_has_no_secrets(
    server: Server, laptop: Device, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="dreamsync")
    file = laptop.put("note.txt", b"content")
    url = str(laptop.get(f"/sync/download/{file['id']}")["url"])
    httpx.get(url, trust_env=False)
    server.client().post(
        "/auth/login",
        json={"email": laptop.email, "password": PASSWORD, "deviceId": "laptop"},
    )
    token = laptop.http.headers["authorization"].removeprefix("Bearer ")
    server.client().get(f"/sync/status?access_token={token}")
    server.client().get("/line%0Abreak")

    logged = [
        record.getMessage() for record in caplog.records if record.name.startswith("dreamsync")
    ]

    assert any("/blobs/" in line for line in logged)
    assert any("laptop" in line for line in logged)
    text = " ".join(logged)
    signature = url.split("signature=")[1]
    for secret in (signature, token, PASSWORD, laptop.refresh_token, "\n"):
        assert secret not in text


def test_a_public_url_is_told_instead_of_the_requests_host() -> None:
    from dreamsync.server.http.origin import storage_host

    assert storage_host("https://sync.example.org") == "sync.example.org:443"
    assert storage_host("http://[::1]:8737") == "[::1]:8737"


def test_status_tells_the_whole_of_the_contract(laptop: Device) -> None:
    status = laptop.get("/sync/status")
    assert set(status) == {
        "cursor",
        "serverTime",
        "protocol",
        "space",
        "quota",
        "capabilities",
    }
    assert expect(laptop.http.get("/sync/status"), 200)["protocol"] == 1
