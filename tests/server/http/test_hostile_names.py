"""Hostile names and contents: refused, or handed out as bytes that no browser acts upon."""

from unicodedata import normalize
from urllib.parse import unquote

import pytest

from tests.server.http.client import Device, batch_item, expect, problem
from tests.support.hostile_names import HARMLESS, REFUSED

SENT = [name for name in REFUSED if name.encode(errors="ignore").decode() == name]
"""JSON in UTF-8 cannot carry the others."""
CONTENTS = {
    "page.html": b"<!doctype html><script>alert(document.domain)</script>",
    "image.svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "data.xml": b'<?xml-stylesheet href="data:text/xsl,x"?><x/>',
    "script.js": b"fetch('/sync/files')",
    "guess": b"%PDF-1.4 <html>",
    "frame.pdf": b"%PDF-1.7",
}


@pytest.mark.security(1)
def test_no_way_of_writing_takes_a_name_that_leads_elsewhere(laptop: Device) -> None:
    folder = laptop.folder("folder")
    file, gone = laptop.put("note.txt"), laptop.put("gone.txt")
    expect(laptop.delete(gone), 200)
    parent, restore = str(folder["id"]), f"/sync/files/{gone['id']}/restore"

    batched = laptop.batch_upload(
        [batch_item("", b"x", fileName=None, parentId=parent, name=n) for n in SENT]
    )
    assert [result["status"] for result in batched] == [400] * len(SENT)
    for name in SENT[:: len(SENT) // 20]:
        body = {"parentId": parent, "name": name}
        answers = (
            laptop.upload(None, b"x", parentId=parent, name=name),
            laptop.post("/sync/folders", dict(body)),
            laptop.patch(file["id"], {**body, "baseVersion": 1}),
            laptop.post("/sync/uploads", {**body, "fileSize": 9_000_000}),
            laptop.post(restore, {**body, "version": 1, "baseVersion": 2}),
        )
        assert [answer.status_code for answer in answers] == [400] * len(answers), ascii(name)
    assert len(laptop.feed()[0]) == 2


@pytest.mark.security(13)
def test_whatever_a_file_is_called_its_download_is_an_attachment(laptop: Device) -> None:
    names = HARMLESS[::2]
    results = laptop.batch_upload(
        [batch_item("", b"x", fileName=None, parentId=None, name=n) for n in names]
    )
    for name, result in zip(names, results, strict=True):
        file = result["file"]
        assert isinstance(file, dict)
        assert_shown_by_no_browser(laptop, file, name)


@pytest.mark.security(13)
@pytest.mark.parametrize("name", CONTENTS)
def test_whatever_a_file_holds_no_browser_shows_it(laptop: Device, name: str) -> None:
    assert_shown_by_no_browser(laptop, laptop.put(name, CONTENTS[name]), name)


def assert_shown_by_no_browser(device: Device, file: object, name: str) -> None:
    assert isinstance(file, dict)
    url = str(device.get(f"/sync/download/{file['id']}")["url"])
    answer = device.http.get(url)
    assert answer.status_code == 200, ascii(name)
    headers = answer.headers
    disposition = headers["content-disposition"]
    assert disposition.isascii()
    assert disposition.startswith('attachment; filename="')
    assert unquote(disposition.partition("filename*=UTF-8''")[2]) == normalize("NFC", name)
    assert disposition.count('"') == 2
    assert headers["content-type"] == "application/octet-stream"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in headers


@pytest.mark.security(13)
def test_no_answer_may_be_taken_for_a_page(laptop: Device) -> None:
    """Answers and refusals carry names too."""
    laptop.put("<script>alert(1)<", b"x")
    for path in ("/sync/files", "/sync/status", "/sync/trash", "/<script>", "/sync/files/<script>"):
        answer = laptop.http.get(path)
        assert answer.headers["content-type"].split(";")[0] in (
            "application/json",
            "application/problem+json",
        )
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
    problem(laptop.http.get("/sync/files/<script>"), 404, "notFound")
    expect(laptop.http.get("/sync/status"), 200)
