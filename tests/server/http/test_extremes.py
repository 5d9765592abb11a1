"""Values at the ends of their ranges: stored or refused, never a failure of the server."""

import pytest

from tests.server.http.client import Device, Json, batch_item, new_key


@pytest.mark.promise(24)
@pytest.mark.parametrize(
    "modified_at",
    [
        "0001-01-01T00:00:00Z",
        "1000-01-01T00:00:00Z",
        "1601-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999999999Z",
        "2262-04-11T23:47:16.854775807Z",
        "2262-04-11T23:47:16.854775808Z",
        "9999-12-31T23:59:59.999999999Z",
        "2026-01-01T00:00:00+23:59",
    ],
)
def test_times_of_any_year(laptop: Device, modified_at: str) -> None:
    laptop.put("note.txt", modifiedAt=modified_at)
    (result,) = laptop.batch_upload([batch_item("batched.txt", b"x", modifiedAt=modified_at)])
    assert result["status"] == 201
    assert len(laptop.feed()[0]) == 2


@pytest.mark.parametrize("size", [0, 1, 2**40, 2**53, 2**62, 2**63 - 1])
def test_sizes_of_uploads(laptop: Device, size: int) -> None:
    for name in ("one", "two", "three"):
        answer = laptop.post("/sync/uploads", {"fileName": name, "fileSize": size})
        assert answer.status_code in {201, 400, 413, 507}
    laptop.get("/sync/status")


@pytest.mark.parametrize("version", [0, 1, 2**31, 10**17, 2**63 - 1])
def test_versions(laptop: Device, version: int) -> None:
    file = laptop.put("note.txt")
    assert laptop.http.get(f"/sync/download/{file['id']}?version={version}").status_code < 500
    body: Json = {"version": version, "baseVersion": version}
    assert laptop.post(f"/sync/files/{file['id']}/restore", body).status_code < 500
    assert laptop.patch(file["id"], {"fileName": "x", **body}).status_code < 500
    assert laptop.delete(file, base_version=version).status_code < 500
    items = [{"key": new_key(), "fileId": file["id"], "baseVersion": version}]
    assert laptop.post("/sync/batch/delete", {"items": items}).status_code == 200
    assert laptop.upload("note.txt", base_version=version).status_code < 500


@pytest.mark.parametrize("index", [0, 10_000, 2**31, 2**63 - 1])
@pytest.mark.parametrize("size", [0, 1, 2**63 - 1])
def test_blocks(laptop: Device, index: int, size: int) -> None:
    upload = laptop.post("/sync/uploads", {"fileName": "large", "fileSize": 2**40}).json()
    block = {"index": index, "sha256": "0" * 64, "size": size}
    answer = laptop.post(f"/sync/uploads/{upload['uploadId']}/blocks", {"blocks": [block]})
    assert answer.status_code < 500


@pytest.mark.parametrize("depth", [99, 100, 101, 5000])
def test_depths(laptop: Device, depth: int) -> None:
    answer = laptop.upload("/".join(["d"] * depth))
    assert answer.status_code == (201 if depth <= 100 else 400)


@pytest.mark.parametrize("after", ["", "0", "x", "-1", "9" * 40, "%00", "\ufffd"])
def test_trash_pages(laptop: Device, after: str) -> None:
    assert laptop.http.get("/sync/trash", params={"after": after}).status_code in {200, 400}


@pytest.mark.parametrize("fields", [{"checksum": "x"}, {"digest": "x" * 5000}, {"fileId": "x"}])
def test_texts_that_are_no_hashes_or_ids(laptop: Device, fields: dict[str, str]) -> None:
    answer = laptop.upload("note.txt", b"x", base_version=0, **fields)
    assert answer.status_code in {400, 404, 422}
