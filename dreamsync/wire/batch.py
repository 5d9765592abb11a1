"""Batches: the items and results of `/sync/batch/*`, and the framing of those with content.

A frame (`application/vnd.dreamsync.batch`) is one line of JSON in UTF-8, ending in a newline, then
the items' bytes one after the other, as long as each `fileSize` says. Frames hold a few MiB at
most, so they are encoded and decoded whole; no I/O happens here.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dreamsync.core.nodes import Kind
from dreamsync.wire.fields import Fields, WireError
from dreamsync.wire.place import Place
from dreamsync.wire.problems import Problem
from dreamsync.wire.sync_file import SyncFile, nanoseconds_to_json

BATCH_TYPE = "application/vnd.dreamsync.batch"
MOST_HEADER_BYTES = 4 * 1024 * 1024
"""A longer first line is refused: 500 items with the longest paths fit several times over."""


def encode_frame(header: Mapping[str, object], contents: Iterable[bytes]) -> Sequence[bytes]:
    """The pieces of a frame, in order; their lengths together are its Content-Length."""
    line = json.dumps(header, ensure_ascii=False, separators=(",", ":")) + "\n"
    return [line.encode(), *contents]


def decode_frame(frame: bytes) -> tuple[object, memoryview]:
    """The header's JSON value and the bytes behind it. Raise `WireError` where it is no frame."""
    end = frame.find(b"\n", 0, MOST_HEADER_BYTES)
    if end < 0:
        raise WireError("batch: no header line")
    try:
        header: object = json.loads(frame[:end])
    except (ValueError, RecursionError) as error:
        raise WireError("batch: the header is not JSON") from error
    return header, memoryview(frame)[end + 1 :]


def split_contents(content: memoryview, sizes: Sequence[int]) -> Sequence[bytes]:
    """The items' bytes. Raise `WireError` unless the sizes account for every byte."""
    if sum(sizes) != len(content):
        raise WireError(f"batch: {len(content)} bytes follow where {sum(sizes)} were announced")
    contents, start = [], 0
    for size in sizes:
        contents.append(bytes(content[start : start + size]))
        start += size
    return contents


@dataclass(frozen=True, slots=True)
class UploadItem:
    """One file or folder of a batch upload; a folder has `file_size` 0 and no bytes."""

    key: str
    kind: Kind
    place: Place
    file_id: str | None = None
    base_version: int = 0
    file_size: int = 0
    checksum: str | None = None
    digest: str | None = None
    modified_ns: int | None = None
    executable: bool | None = None

    @classmethod
    def parse(cls, value: object) -> "UploadItem":
        fields = Fields.of(value, "item")
        return cls(
            key=fields.text("key"),
            kind=Kind(fields.one_of("kind", ("file", "folder"), default="file")),
            place=Place.read(fields),
            file_id=fields.optional_text("fileId"),
            base_version=fields.integer_or("baseVersion", 0),
            file_size=fields.integer_or("fileSize", 0),
            checksum=fields.optional_text("checksum"),
            digest=fields.optional_text("digest"),
            modified_ns=fields.optional_nanoseconds("modifiedAt"),
            executable=fields.optional_flag("executable"),
        )

    def to_json(self) -> Mapping[str, object]:
        return {
            "key": self.key,
            "kind": self.kind.value,
            **self.place.to_json(),
            "fileId": self.file_id,
            "baseVersion": self.base_version,
            "fileSize": self.file_size,
            "checksum": self.checksum,
            "digest": self.digest,
            "modifiedAt": nanoseconds_to_json(self.modified_ns),
            "executable": self.executable,
        }


@dataclass(frozen=True, slots=True)
class DeleteItem:
    """One deletion of a batch; `confirmed` carries a person's answer to a hold."""

    key: str
    file_id: str
    base_version: int
    confirmed: bool = False

    @classmethod
    def parse(cls, value: object) -> "DeleteItem":
        fields = Fields.of(value, "item")
        return cls(
            key=fields.text("key"),
            file_id=fields.text("fileId"),
            base_version=fields.integer("baseVersion"),
            confirmed=fields.flag_or("confirmed", default=False),
        )

    def to_json(self) -> Mapping[str, object]:
        return {
            "key": self.key,
            "fileId": self.file_id,
            "baseVersion": self.base_version,
            "confirmed": self.confirmed,
        }


@dataclass(frozen=True, slots=True)
class DownloadItem:
    """One content to download; `version` None is the newest."""

    file_id: str
    version: int | None = None

    @classmethod
    def parse(cls, value: object) -> "DownloadItem":
        fields = Fields.of(value, "item")
        return cls(fields.text("fileId"), fields.optional_integer("version"))

    def to_json(self) -> Mapping[str, object]:
        return {"fileId": self.file_id, "version": self.version}


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of one written item: `file` where `status` is below 400, else `problem`."""

    status: int
    file: SyncFile | None = None
    problem: Problem | None = None

    @classmethod
    def parse(cls, value: object) -> "ItemResult":
        fields = Fields.of(value, "result")
        result = cls(
            status=fields.integer("status"),
            file=fields.optional_child("file", SyncFile.parse),
            problem=fields.optional_child("problem", Problem.parse),
        )
        if (result.file is None) == (result.problem is None):
            raise WireError("result: exactly one of file and problem is expected")
        return result

    def to_json(self) -> Mapping[str, object]:
        if self.file is not None:
            return {"status": self.status, "file": self.file.to_json()}
        return {
            "status": self.status,
            "problem": self.problem.to_json() if self.problem else None,
        }


@dataclass(frozen=True, slots=True)
class DownloadResult:
    """What became of one content asked for: its facts where `problem` is None; bytes follow."""

    status: int
    file_id: str = ""
    version: int = 0
    file_size: int = 0
    checksum: str | None = None
    digest: str | None = None
    problem: Problem | None = None

    @classmethod
    def parse(cls, value: object) -> "DownloadResult":
        fields = Fields.of(value, "result")
        problem = fields.optional_child("problem", Problem.parse)
        if problem is not None:
            return cls(status=fields.integer("status"), problem=problem)
        return cls(
            status=fields.integer("status"),
            file_id=fields.text("fileId"),
            version=fields.integer("version"),
            file_size=fields.integer("fileSize"),
            checksum=fields.optional_text("checksum"),
            digest=fields.optional_text("digest"),
        )

    def to_json(self) -> Mapping[str, object]:
        if self.problem is not None:
            return {"status": self.status, "problem": self.problem.to_json()}
        return {
            "status": self.status,
            "fileId": self.file_id,
            "version": self.version,
            "fileSize": self.file_size,
            "checksum": self.checksum,
            "digest": self.digest,
        }
