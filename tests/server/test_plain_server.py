"""The plain server of the tests does what a small backend does, and no more."""

import httpx
import pytest

from tests.server.http.client import expect, md5
from tests.support.plain_server import EMAIL, PASSWORD, running_plain_server


def test_upload_feed_download_and_soft_deletion() -> None:
    with running_plain_server() as server, httpx.Client(base_url=server.url, trust_env=False) as c:
        login = {"email": EMAIL, "password": PASSWORD, "deviceId": "laptop", "deviceName": "x"}
        token = expect(c.post("/auth/login", json=login), 200)["accessToken"]
        c.headers["Authorization"] = f"Bearer {token}"

        row = expect(
            c.post("/sync/upload", data={"fileName": "a/b.txt"}, files={"file": b"bytes"}), 201
        )
        assert (row["fileName"], row["checksum"]) == ("a/b.txt", md5(b"bytes"))
        assert "version" not in row

        ticket = expect(c.get(f"/sync/download/{row['id']}"), 200)
        assert httpx.get(str(ticket["url"]), trust_env=False).content == b"bytes"

        deleted = expect(c.delete(f"/sync/files/{row['id']}"), 200)
        assert deleted["deletedAt"] is not None
        assert expect(c.get("/sync/files"), 200)["files"] == [deleted]
        later = expect(c.get("/sync/files", params={"since": "2999-01-01T00:00:00Z"}), 200)
        assert later["files"] == []
        assert "capabilities" not in expect(c.get("/sync/status"), 200)


@pytest.mark.parametrize("path", ["/sync/status", "/sync/files", "/sync/download/x"])
def test_it_refuses_those_who_have_not_signed_in(path: str) -> None:
    with running_plain_server() as server:
        assert httpx.get(server.url + path, trust_env=False).status_code == 401
