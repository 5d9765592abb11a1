"""Upload sessions (`POST /sync/uploads` and what follows) and the block lists of large files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dreamsync.wire.fields import Fields, WireError
from dreamsync.wire.place import Place
from dreamsync.wire.sync_file import nanoseconds_to_json, time_to_json


@dataclass(frozen=True, slots=True)
class OpenUpload:
    """The body of `POST /sync/uploads`; sizes in bytes."""

    place: Place
    file_size: int
    file_id: str | None = None
    base_version: int = 0
    modified_ns: int | None = None
    executable: bool | None = None

    @classmethod
    def parse(cls, value: object) -> "OpenUpload":
        fields = Fields.of(value, "upload")
        return cls(
            place=Place.read(fields),
            file_size=fields.integer("fileSize"),
            file_id=fields.optional_text("fileId"),
            base_version=fields.integer_or("baseVersion", 0),
            modified_ns=fields.optional_nanoseconds("modifiedAt"),
            executable=fields.optional_flag("executable"),
        )

    def to_json(self) -> Mapping[str, object]:
        return {
            **self.place.to_json(),
            "fileSize": self.file_size,
            "fileId": self.file_id,
            "baseVersion": self.base_version,
            "modifiedAt": nanoseconds_to_json(self.modified_ns),
            "executable": self.executable,
        }


@dataclass(frozen=True, slots=True)
class BlockMessage:
    """One block of content: its place, the SHA-256 of its bytes in hex, their number."""

    index: int
    sha256: str
    size: int

    @classmethod
    def parse(cls, value: object) -> "BlockMessage":
        fields = Fields.of(value, "block")
        return cls(fields.integer("index"), fields.text("sha256"), fields.integer("size"))

    def to_json(self) -> Mapping[str, object]:
        return {"index": self.index, "sha256": self.sha256, "size": self.size}


@dataclass(frozen=True, slots=True)
class UploadMessage:
    """The state of a session: its answer when opened (201) and when asked for (200).

    `received` are the blocks that the server has, as (index, SHA-256 in hex).
    """

    upload_id: str
    block_size: int
    expires_at: datetime | None
    file_size: int
    received: tuple[tuple[int, str], ...] = field(default=())

    @classmethod
    def parse(cls, value: object) -> "UploadMessage":
        fields = Fields.of(value, "upload")
        block_size = fields.integer("blockSize")
        if block_size == 0:
            raise WireError("upload: field 'blockSize' must be above zero")
        return cls(
            upload_id=fields.text("uploadId"),
            block_size=block_size,
            expires_at=fields.optional_time("expiresAt"),
            file_size=fields.integer_or("fileSize", 0),
            received=fields.messages("received", _received) if fields.has("received") else (),
        )

    def to_json(self) -> Mapping[str, object]:
        return {
            "uploadId": self.upload_id,
            "blockSize": self.block_size,
            "expiresAt": time_to_json(self.expires_at),
            "fileSize": self.file_size,
            "received": [{"index": index, "sha256": sha256} for index, sha256 in self.received],
        }


def _received(value: object) -> tuple[int, str]:
    fields = Fields.of(value, "received")
    return fields.integer("index"), fields.text("sha256")


@dataclass(frozen=True, slots=True)
class TicketMessage:
    """Whether a block is wanted, and then the presigned URL and the headers to send it with."""

    index: int
    url: str | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    expires_at: datetime | None = None

    @classmethod
    def parse(cls, value: object) -> "TicketMessage":
        fields = Fields.of(value, "block ticket")
        index = fields.integer("index")
        state = fields.one_of("state", ("present", "wanted"), default="")
        if state == "present":
            return cls(index)
        headers = fields.child_or_empty("headers")
        return cls(
            index,
            fields.text("url"),
            tuple((name, headers.text(name)) for name in headers.names),
            fields.optional_time("expiresAt"),
        )

    def to_json(self) -> Mapping[str, object]:
        if self.url is None:
            return {"index": self.index, "state": "present"}
        return {
            "index": self.index,
            "state": "wanted",
            "url": self.url,
            "headers": dict(self.headers),
            "expiresAt": time_to_json(self.expires_at),
        }


@dataclass(frozen=True, slots=True)
class CompleteUpload:
    """The body of `POST /sync/uploads/{id}/complete`."""

    digest: str
    checksum: str | None
    file_size: int
    modified_ns: int | None = None

    @classmethod
    def parse(cls, value: object) -> "CompleteUpload":
        fields = Fields.of(value, "complete")
        return cls(
            digest=fields.text("digest"),
            checksum=fields.optional_text("checksum"),
            file_size=fields.integer("fileSize"),
            modified_ns=fields.optional_nanoseconds("modifiedAt"),
        )

    def to_json(self) -> Mapping[str, object]:
        return {
            "digest": self.digest,
            "checksum": self.checksum,
            "fileSize": self.file_size,
            "modifiedAt": nanoseconds_to_json(self.modified_ns),
        }


@dataclass(frozen=True, slots=True)
class BlockListMessage:
    """`GET /sync/files/{id}/blocks`: the SHA-256 of each block of one version, in hex."""

    block_size: int
    sha256: tuple[str, ...]
    file_size: int
    digest: str | None

    @classmethod
    def parse(cls, value: object) -> "BlockListMessage":
        fields = Fields.of(value, "blocks")
        return cls(
            block_size=fields.integer("blockSize"),
            sha256=fields.texts("blocks"),
            file_size=fields.integer("fileSize"),
            digest=fields.optional_text("digest"),
        )

    def to_json(self) -> Mapping[str, object]:
        return {
            "blockSize": self.block_size,
            "blocks": list(self.sha256),
            "fileSize": self.file_size,
            "digest": self.digest,
        }
