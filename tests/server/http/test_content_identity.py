"""Content is what SHA-256 and size say; no hash is a permission, and no tenant shares a byte."""

import hashlib

import httpx
import pytest

from tests.server.http.client import Device, Json, batch_item, expect, md5, problem, sha256
from tests.support.md5_twins import MD5, ONE, OTHER

pytestmark = pytest.mark.security(11)

BLOCK = 8 * 1024 * 1024
SECRET_BLOCK = b"s" * BLOCK


def test_the_twin_of_a_content_is_a_new_version(laptop: Device) -> None:
    file = laptop.put("note.bin", ONE)
    changed = expect(laptop.upload("note.bin", OTHER, base_version=1), 200)

    assert (file["checksum"], changed["checksum"]) == (MD5, MD5)
    assert (changed["version"], changed["digest"]) == (2, sha256(OTHER))
    assert laptop.content(changed) == OTHER
    old = laptop.get(f"/sync/download/{file['id']}", version=1)
    assert httpx.get(str(old["url"]), trust_env=False).content == ONE


def test_the_twin_is_refused_where_the_other_was_announced(laptop: Device) -> None:
    announced = {"checksum": MD5, "digest": sha256(ONE)}
    problem(laptop.upload("note.bin", OTHER, base_version=0, **announced), 422, "digestMismatch")
    (result,) = laptop.batch_upload([batch_item("note.bin", OTHER, **announced)])
    assert result["status"] == 422
    assert laptop.feed()[0] == []


def test_twins_in_one_batch_stay_apart(laptop: Device) -> None:
    results = laptop.batch_upload([batch_item("one", ONE), batch_item("other", OTHER)])
    files = [result["file"] for result in results]
    assert all(isinstance(file, dict) for file in files)
    assert [laptop.content(file) for file in files if isinstance(file, dict)] == [ONE, OTHER]


def digest_of(*blocks: bytes) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(block).digest() for block in blocks)).hexdigest()


def begin(device: Device, name: str, **fields: object) -> str:
    body: Json = {"fileName": name, "fileSize": BLOCK + 1, **fields}
    return str(expect(device.post("/sync/uploads", body), 201)["uploadId"])


def announce(device: Device, upload_id: str) -> list[Json]:
    blocks = [
        {"index": 0, "sha256": sha256(SECRET_BLOCK), "size": BLOCK},
        {"index": 1, "sha256": sha256(b"!"), "size": 1},
    ]
    answer = device.http.post(f"/sync/uploads/{upload_id}/blocks", json={"blocks": blocks})
    tickets = expect(answer, 200)["blocks"]
    assert isinstance(tickets, list)
    return tickets


def complete(device: Device, upload_id: str) -> httpx.Response:
    body: Json = {
        "digest": digest_of(SECRET_BLOCK, b"!"),
        "checksum": md5(SECRET_BLOCK + b"!"),
        "fileSize": BLOCK + 1,
    }
    return device.post(f"/sync/uploads/{upload_id}/complete", body)


@pytest.fixture
def secret(stranger: Device) -> str:
    """A large file of somebody else."""
    upload_id = begin(stranger, "secret.bin")
    for ticket, block in zip(announce(stranger, upload_id), (SECRET_BLOCK, b"!"), strict=True):
        headers = ticket["headers"]
        assert isinstance(headers, dict)
        httpx.put(str(ticket["url"]), content=block, headers=headers, trust_env=False)
    return str(expect(complete(stranger, upload_id), 201)["id"])


@pytest.mark.usefixtures("secret")
def test_who_knows_the_hashes_of_anothers_file_gets_nothing_of_it(laptop: Device) -> None:
    upload_id = begin(laptop, "mine.bin")

    assert [ticket["state"] for ticket in announce(laptop, upload_id)] == ["wanted", "wanted"]

    problem(complete(laptop, upload_id), 409, "incomplete")
    no_bytes = {"checksum": md5(SECRET_BLOCK), "digest": sha256(SECRET_BLOCK)}
    problem(laptop.upload("mine.bin", b"", base_version=0, **no_bytes), 422, "checksumMismatch")
    assert laptop.feed()[0] == []


def test_not_even_ones_own_content_is_given_for_its_hash(stranger: Device, secret: str) -> None:
    """Only for naming the file that has it: another file, and a link that leaked, do not do."""
    tickets = announce(stranger, begin(stranger, "copy.bin"))
    assert [ticket["state"] for ticket in tickets] == ["wanted", "wanted"]

    upload_id = begin(stranger, "secret.bin", fileId=secret, baseVersion=1)
    assert [ticket["state"] for ticket in announce(stranger, upload_id)] == ["present", "present"]


def test_equal_files_of_two_accounts_do_not_share_their_bytes(
    laptop: Device, stranger: Device
) -> None:
    for device in (laptop, stranger):
        device.put("same.txt", b"the same")
    urls = [
        str(device.get(f"/sync/download/{device.feed()[0][0]['id']}")["url"]).partition("?")[0]
        for device in (laptop, stranger)
    ]
    assert urls[0] != urls[1]
    quotas = [device.get("/sync/status")["quota"] for device in (laptop, stranger)]
    assert all(isinstance(quota, dict) and quota["used"] == 8 for quota in quotas)
