"""Writes of single nodes: compare-and-swap, replay, refusals without effect."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.server.http.client import Device, Json, expect, md5, new_key, problem, sha256
from tests.server.http.conftest import Server

CONTENT = "내용".encode()


def test_an_upload_is_answered_with_its_node(laptop: Device) -> None:
    file = laptop.put(
        "사진/여름.txt", CONTENT, modifiedAt="2026-01-02T03:04:05.123456789Z", executable="true"
    )

    assert file["name"] == "여름.txt"
    assert file["fileName"] == "사진/여름.txt"
    assert (file["kind"], file["fileSize"], file["version"]) == ("file", len(CONTENT), 1)
    assert (file["checksum"], file["digest"]) == (md5(CONTENT), sha256(CONTENT))
    assert file["modifiedAt"] == "2026-01-02T03:04:05.123456789Z"
    assert (file["executable"], file["deviceId"], file["deletedAt"]) == (True, "laptop", None)
    assert laptop.content(file) == CONTENT


def test_the_fields_may_follow_the_file(server: Server, laptop: Device) -> None:
    parts = [("file", CONTENT, True), ("checksum", md5(CONTENT).encode(), False)]
    parts += [("digest", sha256(CONTENT).encode(), False), ("fileName", b"late.txt", False)]

    answer = send_form(laptop, form(parts))

    assert expect(answer, 201)["fileName"] == "late.txt"


def test_an_empty_file_is_a_file(laptop: Device) -> None:
    file = laptop.put("empty", b"")
    assert (file["fileSize"], file["checksum"]) == (0, md5(b""))
    assert laptop.content(file) == b""


def test_a_change_needs_the_version_it_is_based_on(laptop: Device, phone: Device) -> None:
    laptop.put("note.txt", b"one")
    second = expect(phone.upload("note.txt", b"two", base_version=1), 200)

    refused = problem(laptop.upload("note.txt", b"three", base_version=1), 409, "stale")

    assert refused["current"] == second
    assert laptop.content(second) == b"two"


def test_two_new_files_of_one_name_do_not_overwrite(laptop: Device, phone: Device) -> None:
    first = laptop.put("note.txt", b"one")

    refused = problem(phone.upload("note.txt", b"two"), 409, "nameTaken")

    assert refused["current"] == first


@pytest.mark.promise(13)
@pytest.mark.fault("stale")
def test_of_many_writers_at_once_one_wins(laptop: Device) -> None:
    laptop.put("note.txt", b"start")
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda n: laptop.upload("note.txt", b"%d" % n, base_version=1).status_code,
                range(16),
            )
        )
    assert sorted(answers) == [200] + [409] * 15


def test_uploading_what_is_there_makes_no_version(laptop: Device) -> None:
    laptop.put("note.txt", CONTENT)
    assert expect(laptop.upload("note.txt", CONTENT, base_version=1), 200)["version"] == 1


def test_the_same_request_again_has_the_same_answer_and_one_effect(laptop: Device) -> None:
    key = new_key()
    first = laptop.upload("note.txt", CONTENT, key=key)
    laptop.upload("note.txt", b"later", base_version=1)

    again = laptop.upload("note.txt", CONTENT, key=key)

    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert len(laptop.feed()[0]) == 1


def test_a_key_is_not_used_for_another_request(laptop: Device) -> None:
    key = new_key()
    laptop.put("note.txt", CONTENT)
    laptop.upload("one.txt", CONTENT, key=key)

    problem(laptop.upload("two.txt", CONTENT, key=key), 422, "idempotencyReuse")
    assert len(laptop.feed()[0]) == 2


@pytest.mark.promise(13)
@pytest.mark.parametrize("key", ["", "short", "x" * 65, "no spaces please"])
def test_a_mutation_needs_a_key(laptop: Device, key: str) -> None:
    answer = laptop.http.post(
        "/sync/folders", json={"fileName": "folder"}, headers={"Idempotency-Key": key}
    )
    problem(answer, 400, "invalidRequest")
    assert laptop.feed()[0] == []


@pytest.mark.promise(17)
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"checksum": md5(b"other")}, "checksumMismatch"),
        ({"digest": sha256(b"other")}, "digestMismatch"),
        ({"fileSize": "7"}, "sizeMismatch"),
    ],
)
def test_bytes_other_than_announced_have_no_effect(
    laptop: Device, fields: dict[str, str], code: str
) -> None:
    problem(laptop.upload("note.txt", CONTENT, base_version=0, **fields), 422, code)
    assert laptop.feed()[0] == []


def test_more_than_one_block_is_too_large_for_one_upload(laptop: Device) -> None:
    laptop.put("just.bin", bytes(8 * 1024 * 1024))
    problem(laptop.upload("over.bin", bytes(8 * 1024 * 1024 + 1)), 413, "tooLarge")
    problem(laptop.upload("far.bin", bytes(20 * 1024 * 1024)), 413, "tooLarge")


@pytest.mark.fault("no room there")
def test_a_full_space_takes_nothing_more(with_quota: Callable[[int], Device]) -> None:
    device = with_quota(10)
    device.put("one", b"12345678")

    problem(device.upload("two", b"123"), 507, "quotaExceeded")

    assert device.get("/sync/status")["quota"] == {"used": 8, "limit": 10}
    device.put("three", b"12")


def test_racing_uploads_never_overdraw_the_quota(with_quota: Callable[[int], Device]) -> None:
    device = with_quota(1000)
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda n: device.upload(f"{n}", b"%400d" % n).status_code, range(8))
        )
    assert sorted(answers) == [201] * 2 + [507] * 6


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "a\x00b", "a\nb", "\u1112\u1161\u11ab", ".dreamsync", ".DreamSync", "x" * 256],
    ids=["empty", "dot", "dots", "nul", "newline", "nfd", "ours", "ours folded", "long"],
)
def test_names_that_no_folder_may_have_are_refused(laptop: Device, name: str) -> None:
    problem(laptop.post("/sync/folders", {"parentId": None, "name": name}), 400, "invalidName")


@pytest.mark.parametrize("name", ["a:b", "CON", "trailing.", "한글 이름", "'; DROP TABLE nodes--"])
def test_names_that_only_some_systems_refuse_are_fine(laptop: Device, name: str) -> None:
    assert laptop.put(name)["name"] == name


def test_a_rename_keeps_identity_and_content(laptop: Device) -> None:
    file = laptop.put("old.txt", CONTENT)

    moved = expect(laptop.patch(file["id"], {"fileName": "folder/new.txt", "baseVersion": 1}), 200)

    assert (moved["id"], moved["version"]) == (file["id"], 2)
    assert moved["fileName"] == "folder/new.txt"
    assert laptop.content(moved) == CONTENT


@pytest.mark.promise(16)
def test_a_folder_moves_as_one_entry(laptop: Device) -> None:
    child = laptop.put("folder/note.txt")
    folder = laptop.get(f"/sync/files/{child['parentId']}")
    cursor = laptop.cursor()

    body: Json = {"parentId": None, "name": "renamed", "baseVersion": folder["version"]}
    expect(laptop.patch(folder["id"], body), 200)

    changed, _ = laptop.feed(cursor)
    assert [file["id"] for file in changed] == [folder["id"]]
    after = laptop.get(f"/sync/files/{child['id']}")
    assert (after["fileName"], after["version"]) == ("renamed/note.txt", child["version"])


def test_a_folder_does_not_move_below_itself(laptop: Device) -> None:
    outer = laptop.folder("outer")
    inner = laptop.folder("outer/inner")

    body: Json = {"parentId": inner["id"], "name": "outer", "baseVersion": 1}

    problem(laptop.patch(outer["id"], body), 409, "cycle")


def test_nothing_is_put_into_a_deleted_folder(laptop: Device) -> None:
    folder = laptop.folder("folder")
    expect(laptop.delete(folder), 200)

    answer = laptop.upload(None, parentId=str(folder["id"]), name="note.txt")

    problem(answer, 409, "parentDeleted")


def test_the_executable_bit_is_a_change_of_its_own(laptop: Device) -> None:
    file = laptop.put("run.sh")
    changed = expect(laptop.patch(file["id"], {"executable": True, "baseVersion": 1}), 200)
    assert (changed["executable"], changed["version"]) == (True, 2)


@pytest.mark.parametrize("body", [{}, {"baseVersion": 1}, {"parentId": "x", "baseVersion": 1}])
def test_a_patch_that_changes_nothing_is_no_patch(laptop: Device, body: Json) -> None:
    file = laptop.put("note.txt")
    problem(laptop.patch(file["id"], body), 400, "invalidRequest")


def test_a_deletion_leaves_a_tombstone_that_an_upload_revives(laptop: Device) -> None:
    file = laptop.put("note.txt", b"one")
    tombstone = expect(laptop.delete(file), 200)
    assert (tombstone["version"], tombstone["deletedAt"] is None) == (2, False)

    revived = expect(laptop.upload("note.txt", b"two", base_version=2, fileId=str(file["id"])), 200)

    assert (revived["id"], revived["version"], revived["deletedAt"]) == (file["id"], 3, None)


def test_a_deletion_needs_the_newest_version(laptop: Device) -> None:
    file = laptop.put("note.txt", b"one")
    expect(laptop.upload("note.txt", b"two", base_version=1), 200)

    problem(laptop.delete(file), 409, "stale")


def test_a_person_s_answer_travels_on_the_tombstone(laptop: Device) -> None:
    file = laptop.put("note.txt")
    answer = laptop.http.delete(
        f"/sync/files/{file['id']}",
        params={"baseVersion": "1", "confirmed": "true"},
        headers={"Idempotency-Key": new_key()},
    )
    assert expect(answer, 200)["confirmed"] is True


def test_only_an_empty_folder_is_deleted(laptop: Device) -> None:
    laptop.put("folder/note.txt")
    folder = next(file for file in laptop.feed()[0] if file["kind"] == "folder")

    problem(laptop.delete(folder), 409, "notEmpty")


def test_a_folder_that_is_there_is_told(laptop: Device) -> None:
    folder = laptop.folder("folder")
    refused = problem(laptop.post("/sync/folders", {"fileName": "folder"}), 409, "nameTaken")
    assert refused["current"] == folder


@pytest.mark.promise(15)
def test_a_mutation_with_an_unknown_cursor_has_no_effect(laptop: Device, server: Server) -> None:
    foreign = server.sign_in(server.add_user())
    foreign.put("theirs")

    refused = laptop.upload("note.txt", cursor=foreign.cursor())

    problem(refused, 410, "historyReplaced")
    assert laptop.feed()[0] == []


def test_garbage_is_no_cursor(laptop: Device) -> None:
    problem(laptop.upload("note.txt", cursor="garbage"), 400, "invalidCursor")
    problem(laptop.http.get("/sync/files", params={"since": "garbage"}), 400, "invalidCursor")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x\r\n",
        b"--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nno end',
        b"--x\r\nno headers\r\n--x--\r\n",
        b"\x00\xff" * 100,
    ],
)
def test_what_is_no_form_is_refused(laptop: Device, body: bytes) -> None:
    problem(send_form(laptop, body), 400, "invalidRequest")


@pytest.mark.parametrize(
    "parts",
    [
        [("fileName", b"a", False)],
        [("file", b"1", True), ("file", b"2", True)],
        [("fileName", b"a", False), ("fileName", b"b", False), ("file", b"1", True)],
        [("fileName", b"\xff", False), ("file", b"1", True)],
        [("baseVersion", b"-1", False), ("fileName", b"a", False), ("file", b"1", True)],
        [("modifiedAt", b"today", False), ("fileName", b"a", False), ("file", b"1", True)],
        [("executable", b"yes", False), ("fileName", b"a", False), ("file", b"1", True)],
        [("fileName", b"x" * 40_000, False), ("file", b"1", True)],
        [(f"field{n}", b"x", False) for n in range(40)] + [("file", b"1", True)],
        [("file", b"1", True)],
    ],
    ids=[
        "no file",
        "two files",
        "a field twice",
        "not UTF-8",
        "a negative version",
        "no time",
        "no flag",
        "a long field",
        "many fields",
        "nowhere",
    ],
)
def test_a_form_that_breaks_the_contract_is_refused(
    laptop: Device, parts: list[tuple[str, bytes, bool]]
) -> None:
    problem(send_form(laptop, form(parts)), 400, "invalidRequest")
    assert laptop.feed()[0] == []


def test_a_form_in_single_bytes_is_the_same_form(laptop: Device) -> None:
    body = form([("fileName", b"slow.txt", False), ("file", CONTENT, True)])
    answer = laptop.http.post(
        "/sync/upload",
        content=(bytes([byte]) for byte in body),
        headers={
            "Content-Type": "multipart/form-data; boundary=x",
            "Idempotency-Key": new_key(),
        },
    )
    assert expect(answer, 201)["digest"] == sha256(CONTENT)


def form(parts: list[tuple[str, bytes, bool]]) -> bytes:
    """Parts as (name, value, is a file), with the boundary `x`."""
    body = b""
    for name, value, is_file in parts:
        filename = '; filename="f"' if is_file else ""
        disposition = f'Content-Disposition: form-data; name="{name}"{filename}'
        body += b"--x\r\n" + disposition.encode() + b"\r\n\r\n" + value + b"\r\n"
    return body + b"--x--\r\n"


def send_form(device: Device, body: bytes) -> httpx.Response:
    return device.http.post(
        "/sync/upload",
        content=body,
        headers={
            "Content-Type": "multipart/form-data; boundary=x",
            "Idempotency-Key": new_key(),
        },
    )
