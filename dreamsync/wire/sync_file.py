"""`SyncFile`: one node as the server tells it, with `parse` and `to_json`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from dreamsync.core.nodes import Kind
from dreamsync.wire.fields import Fields


@dataclass(frozen=True, slots=True)
class SyncFile:
    """One node's state at `version`; a tombstone where `deleted_at` is set.

    `parent_id` is None for a child of the space's root. `file_name` is the path relative to the
    synced folder with `/` between components, derived by the server when it answers; a plain
    server (no `parentId`, no `kind`) sends only that, and the client makes folders of it.
    `confirmed` on a tombstone: a person has answered for this deletion on some device.
    """

    id: str
    name: str
    file_name: str
    kind: Kind
    version: int
    parent_id: str | None = None
    file_size: int = 0
    mime_type: str = ""
    checksum: str | None = None
    digest: str | None = None
    device_id: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    modified_at: datetime | None = None
    modified_ns: int | None = None
    executable: bool | None = None
    deleted_at: datetime | None = None
    confirmed: bool = False

    @property
    def deleted(self) -> bool:
        return self.deleted_at is not None

    @classmethod
    def parse(cls, value: object) -> "SyncFile":
        """Raise `WireError` where `value` is not a `SyncFile` of the contract."""
        fields = Fields.of(value, "SyncFile")
        file_name = fields.text("fileName")
        return cls(
            id=fields.text("id"),
            name=fields.text_or("name", file_name.rpartition("/")[2]),
            file_name=file_name,
            kind=Kind(fields.one_of("kind", ("file", "folder"), default="file")),
            version=fields.integer_or("version", 0),
            parent_id=fields.optional_text("parentId"),
            file_size=fields.integer_or("fileSize", 0),
            mime_type=fields.text_or("mimeType", ""),
            checksum=fields.optional_text("checksum"),
            digest=fields.optional_text("digest"),
            device_id=fields.optional_text("deviceId"),
            created_at=fields.optional_time("createdAt"),
            updated_at=fields.optional_time("updatedAt"),
            modified_at=fields.optional_time("modifiedAt"),
            modified_ns=fields.optional_nanoseconds("modifiedAt"),
            executable=fields.optional_flag("executable"),
            deleted_at=fields.optional_time("deletedAt"),
            confirmed=fields.flag_or("confirmed", default=False),
        )

    def to_json(self) -> Mapping[str, object]:
        return {
            "id": self.id,
            "parentId": self.parent_id,
            "name": self.name,
            "fileName": self.file_name,
            "kind": self.kind.value,
            "fileSize": self.file_size,
            "mimeType": self.mime_type,
            "checksum": self.checksum,
            "digest": self.digest,
            "deviceId": self.device_id,
            "version": self.version,
            "createdAt": time_to_json(self.created_at),
            "updatedAt": time_to_json(self.updated_at),
            "modifiedAt": nanoseconds_to_json(self.modified_ns),
            "executable": self.executable,
            "deletedAt": time_to_json(self.deleted_at),
            "confirmed": self.confirmed,
        }


@lru_cache(maxsize=1024)
def time_to_json(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC with milliseconds, `Z` at the end."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@lru_cache(maxsize=1024)
def nanoseconds_to_json(moment_ns: int | None) -> str | None:
    """RFC 3339 in UTC with nine fractional digits: an mtime keeps every digit the disk has."""
    if moment_ns is None:
        return None
    seconds, fraction = divmod(moment_ns, 1_000_000_000)
    try:
        whole = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{fraction:09d}Z" if whole.year >= 1000 else None
