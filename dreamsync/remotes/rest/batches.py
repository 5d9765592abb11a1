"""Batches over HTTP: many small files in one request, a result for each."""

from collections.abc import Callable, Mapping, Sequence

from dreamsync.core.nodes import Kind
from dreamsync.message import N_
from dreamsync.remotes.errors import ContentMismatch, NotTheContract, Refused
from dreamsync.remotes.protocol import Deletion, Fetch, Put, PutResult
from dreamsync.remotes.rest.api import Api, Request
from dreamsync.remotes.rest.refusals import refusal_of
from dreamsync.wire.batch import (
    BATCH_TYPE,
    DeleteItem,
    DownloadItem,
    DownloadResult,
    ItemResult,
    UploadItem,
    decode_frame,
    encode_frame,
    split_contents,
)
from dreamsync.wire.fields import Fields, WireError
from dreamsync.wire.place import Place


def upload(
    api: Api, headers: Mapping[str, str], items: Sequence[tuple[Put, bytes]]
) -> Sequence[PutResult]:
    header = {"items": [_upload_item(put, content).to_json() for put, content in items]}
    frame = encode_frame(header, [content for put, content in items if put.kind is Kind.FILE])
    request = Request(
        "POST",
        "sync/batch/upload",
        headers={**headers, "Content-Type": BATCH_TYPE},
        content=b"".join(frame),
    )
    return api.ask(request, _results_of(len(items)))


def delete(
    api: Api, headers: Mapping[str, str], deletions: Sequence[Deletion]
) -> Sequence[PutResult]:
    items = [
        DeleteItem(deletion.key, deletion.remote_id, deletion.base_version, deletion.confirmed)
        for deletion in deletions
    ]
    body = {"items": [item.to_json() for item in items]}
    request = Request.of_json("POST", "sync/batch/delete", body, headers=headers)
    return api.ask(request, _results_of(len(deletions)))


def download(
    api: Api, headers: Mapping[str, str], items: Sequence[Fetch]
) -> Sequence[bytes | Refused]:
    """Raises `NotTheContract` where the frame is not the answer to just these items."""
    wanted = [DownloadItem(fetch.remote_id, fetch.version).to_json() for fetch in items]
    told = {**headers, "Accept": f"{BATCH_TYPE}, application/json"}
    request = Request.of_json("POST", "sync/batch/download", {"items": wanted}, headers=told)
    frame = api.send(request).body
    try:
        header, content = decode_frame(frame)
        results = Fields.of(header, "batch").messages("results", DownloadResult.parse)
        sizes = [result.file_size for result in results if result.problem is None]
        contents = iter(split_contents(content, sizes))
    except WireError as error:
        raise NotTheContract(N_("the answer is no batch")) from error
    _ensure_count(len(results), len(items))
    return [
        _content(fetch, result, b"" if result.problem else next(contents))
        for fetch, result in zip(items, results, strict=True)
    ]


def _content(fetch: Fetch, result: DownloadResult, content: bytes) -> bytes | Refused:
    if result.problem is not None:
        return refusal_of(result.problem)
    if (result.file_id, result.version) != (fetch.remote_id, fetch.version):
        raise NotTheContract(N_("the batch answers other files than were asked for"))
    if len(content) != fetch.content.size:
        return ContentMismatch(N_("the server has other content at this version than it announced"))
    return content


def _upload_item(put: Put, content: bytes) -> UploadItem:
    identity = put.content
    return UploadItem(
        key=put.key,
        kind=put.kind,
        place=Place(parent_id=put.position.parent_id, name=put.position.name),
        file_id=put.remote_id,
        base_version=put.base_version,
        file_size=len(content) if put.kind is Kind.FILE else 0,
        checksum=identity.checksum if identity else None,
        digest=identity.digest if identity else None,
        modified_ns=put.modified_ns or None,
        executable=put.executable,
    )


def _results_of(count: int) -> Callable[[object], Sequence[PutResult]]:
    def parse(value: object) -> Sequence[PutResult]:
        results = Fields.of(value, "batch").messages("results", ItemResult.parse)
        _ensure_count(len(results), count)
        return [_put_result(result) for result in results]

    return parse


def _put_result(result: ItemResult) -> PutResult:
    if result.file is not None:
        return result.file
    if result.problem is None:
        raise NotTheContract(N_("the batch has an item without a result"))
    return refusal_of(result.problem)


def _ensure_count(results: int, items: int) -> None:
    if results != items:
        raise NotTheContract(
            N_(
                "the batch answers {results} items where {items} were sent",
                results=results,
                items=items,
            )
        )
