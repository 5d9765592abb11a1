"""The first rows of the contract: what even a plain server must do."""

from dreamsync.contract.bench import Bench, md5
from dreamsync.contract.verdicts import expect
from dreamsync.message import N_
from dreamsync.wire.messages import DownloadTicket, StatusMessage


def asks_for_a_token(bench: Bench) -> None:
    for path in ("sync/status", "sync/files"):
        answer = bench.ask("GET", path, signed=False)
        expect(
            answer.status_code == 401,
            N_("{path} without a token is {status}", path=path, status=answer.status_code),
        )


def tells_its_status(bench: Bench) -> None:
    status = bench.parsed(bench.ask("GET", "sync/status"), StatusMessage.parse, 200)
    expect(status.server_time, N_("no serverTime"))


def takes_an_upload(bench: Bench) -> None:
    path = bench.path("upload.txt")
    file = bench.put(path, b"uploaded")
    expect(file.file_name == path, N_("fileName is {name}", name=repr(file.file_name)))
    expect(file.id, N_("no id"))
    expect(file.file_size == 8, N_("fileSize is {n}", n=file.file_size))
    expect(file.checksum in (None, md5(b"uploaded")), N_("checksum is not the MD5 of the bytes"))
    expect(file.checksum or file.digest, N_("neither checksum nor digest"))


def lists_what_it_has(bench: Bench) -> None:
    file = bench.put(bench.path("listed.txt"))
    found = [one for one in bench.news() if one.id == file.id]
    expect(len(found) == 1, N_("a new file is listed {n} times", n=len(found)))
    expect(
        found[0].file_name == file.file_name,
        N_("fileName is {name}", name=repr(found[0].file_name)),
    )
    expect(not found[0].deleted, N_("a live file has a deletedAt"))


def gives_the_bytes_back(bench: Bench) -> None:
    content = bytes(range(256)) * 40
    file = bench.put(bench.path("bytes.bin"), content)
    ticket = bench.parsed(bench.ask("GET", f"sync/download/{file.id}"), DownloadTicket.parse, 200)
    expect(ticket.checksum in (None, md5(content)), N_("checksum is not the MD5 of the bytes"))
    answer = bench.fetch(ticket.url)
    expect(
        answer.status_code == 200,
        N_("the presigned URL answers {status}", status=answer.status_code),
    )
    expect(answer.content == content, N_("the bytes are not those that were sent"))


def an_empty_file_is_a_file(bench: Bench) -> None:
    file = bench.put(bench.path("empty"), b"")
    ticket = bench.parsed(bench.ask("GET", f"sync/download/{file.id}"), DownloadTicket.parse, 200)
    answer = bench.fetch(ticket.url)
    expect(
        answer.status_code == 200,
        N_("the presigned URL answers {status}", status=answer.status_code),
    )
    expect(answer.content == b"", N_("an empty file comes back with bytes"))


def keeps_hangul_names(bench: Bench) -> None:
    path = bench.path("사진 😀.txt")
    file = bench.put(path)
    expect(bench.now(file).file_name == path, N_("a name in Hangul comes back as another"))


def deletes_softly(bench: Bench) -> None:
    file = bench.put(bench.path("deleted.txt"))
    answer = bench.delete(file)
    expect(
        answer.status_code in (200, 204),
        N_("DELETE is {status}", status=answer.status_code),
    )
    expect(bench.now(file).deleted, N_("the feed does not tell of the deletion"))
