"""Headers, queries and JSON of a request as the service's dataclasses; else 400."""

import re

from starlette.requests import Request

from dreamsync.server.http.problems import invalid_request
from dreamsync.server.service.requests import (
    BatchDeleteItem,
    BatchUploadItem,
    CompleteRequest,
    CopyRequest,
    DeleteRequest,
    FolderRequest,
    MoveRequest,
    Mutation,
    ParentPlace,
    PathPlace,
    Place,
    RestoreRequest,
    StartUploadRequest,
    UploadRequest,
)
from dreamsync.wire.batch import DeleteItem, UploadItem
from dreamsync.wire.fields import Fields
from dreamsync.wire.place import Place as WirePlace
from dreamsync.wire.uploads import CompleteUpload, OpenUpload

_KEY = re.compile(r"[\x21-\x7e]{8,64}\Z")
_INTEGER = re.compile(r"\d{1,18}\Z", re.ASCII)


def mutation_of(request: Request) -> Mutation:
    """The headers of a mutation; `Idempotency-Key` must be there."""
    return Mutation(
        valid_key(request.headers.get("idempotency-key", "")), request.headers.get("sync-cursor")
    )


def valid_key(key: str) -> str:
    if not _KEY.match(key):
        raise invalid_request("Idempotency-Key must be 8 to 64 printable characters.")
    return key


def query_integer(request: Request, name: str, default: int) -> int:
    given = optional_query_integer(request, name)
    return default if given is None else given


def optional_query_integer(request: Request, name: str) -> int | None:
    value = request.query_params.get(name)
    if value is None:
        return None
    if not _INTEGER.match(value):
        raise invalid_request(f"The query's {name!r} must be a non-negative integer.")
    return int(value)


def query_flag(request: Request, name: str) -> bool:
    value = request.query_params.get(name, "false")
    if value not in ("true", "false"):
        raise invalid_request(f"The query's {name!r} must be true or false.")
    return value == "true"


def path_text(request: Request, name: str) -> str:
    return str(request.path_params[name])


def service_place(place: WirePlace) -> Place | None:
    if place.file_name is not None:
        return PathPlace(place.file_name)
    if place.name is not None:
        return ParentPlace(place.parent_id, place.name)
    if place.parent_id is not None:
        raise invalid_request("A parentId needs a name with it.")
    return None


def read_place(fields: Fields) -> Place | None:
    return service_place(WirePlace.read(fields))


def folder_request(fields: Fields) -> FolderRequest:
    return FolderRequest(
        place=read_place(fields),
        file_id=fields.optional_text("fileId"),
        base_version=fields.integer_or("baseVersion", 0),
    )


def move_request(file_id: str, fields: Fields) -> MoveRequest:
    request = MoveRequest(
        file_id=file_id,
        base_version=fields.integer_or("baseVersion", 0),
        place=read_place(fields),
        executable=fields.optional_flag("executable"),
    )
    if request.place is None and request.executable is None:
        raise invalid_request("Nothing to change: give fileName, parentId and name, or executable.")
    return request


def restore_request(file_id: str, fields: Fields) -> RestoreRequest:
    return RestoreRequest(
        file_id=file_id,
        version=fields.integer("version"),
        base_version=fields.integer_or("baseVersion", 0),
        place=read_place(fields),
    )


def upload_request(fields: Fields) -> UploadRequest:
    return UploadRequest(
        place=read_place(fields),
        file_id=fields.optional_text("fileId"),
        base_version=fields.integer_or("baseVersion", 0),
        modified_ns=_storable(fields.optional_nanoseconds("modifiedAt")),
        executable=fields.optional_flag("executable"),
        file_size=fields.optional_integer("fileSize"),
        checksum=_lower(fields.optional_text("checksum")),
        digest=_lower(fields.optional_text("digest")),
    )


def copy_request(source_id: str, fields: Fields) -> CopyRequest:
    """What is announced of the content must be announced."""
    fields.integer("fileSize")
    fields.text("digest")
    return CopyRequest(source_id, fields.integer("version"), upload_request(fields))


def batch_upload_item(value: object) -> BatchUploadItem:
    item = UploadItem.parse(value)
    request = UploadRequest(
        place=service_place(item.place),
        file_id=item.file_id,
        base_version=item.base_version,
        modified_ns=_storable(item.modified_ns),
        executable=item.executable,
        file_size=item.file_size,
        checksum=_lower(item.checksum),
        digest=_lower(item.digest),
    )
    return BatchUploadItem(valid_key(item.key), item.kind, request, item.file_size)


def batch_delete_item(value: object) -> BatchDeleteItem:
    item = DeleteItem.parse(value)
    return BatchDeleteItem(
        valid_key(item.key), DeleteRequest(item.file_id, item.base_version, item.confirmed)
    )


def start_upload_request(value: object) -> StartUploadRequest:
    opened = OpenUpload.parse(value)
    return StartUploadRequest(
        place=service_place(opened.place),
        file_size=opened.file_size,
        file_id=opened.file_id,
        base_version=opened.base_version,
        modified_ns=_storable(opened.modified_ns),
        executable=opened.executable,
    )


def complete_request(value: object) -> CompleteRequest:
    complete = CompleteUpload.parse(value)
    return CompleteRequest(
        digest=complete.digest.lower(),
        checksum=_lower(complete.checksum),
        file_size=complete.file_size,
        modified_ns=_storable(complete.modified_ns),
    )


def _lower(value: str | None) -> str | None:
    """Hex is lower-case on the wire, but nobody's bytes are refused for capitals."""
    return None if value is None else value.lower()


def _storable(modified_ns: int | None) -> int | None:
    """None for what 64 bits cannot hold (before 1678, after 2261): such an mtime is a disk's way
    to say that it has none, and no reason to refuse the file."""
    return modified_ns if modified_ns is not None and abs(modified_ns) < 2**63 else None
