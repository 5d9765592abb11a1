"""The contract's answers other than `SyncFile`: status, feed pages, accounts, tickets, history.

Each message has `parse`, which raises `WireError` where the JSON does not fit, and `to_json`.
Upload sessions are in `uploads.py`, batches in `batch.py`, errors in `problems.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dreamsync.wire.fields import Fields, WireError
from dreamsync.wire.sync_file import SyncFile, nanoseconds_to_json, time_to_json

PROTOCOL = 1
"""The version of the contract that this package speaks."""


@dataclass(frozen=True, slots=True)
class CapabilitiesMessage:
    """`capabilities` of the status answer; what is absent is not offered.

    `upload_block_size` is also the largest content, in bytes, that a single upload may carry; None
    where the server has no upload sessions. `storage_hosts` are `host:port`.
    """

    digest: bool = False
    parents: bool = False
    folders: bool = False
    patch: bool = False
    versions: bool = False
    trash: bool = False
    events: bool = False
    blocks: bool = False
    ack: bool = False
    confirm: bool = False
    copy: bool = False
    retention_days: int = 0
    batch_items: int = 0
    batch_bytes: int = 0
    upload_block_size: int | None = None
    storage_hosts: tuple[str, ...] = field(default=())

    @classmethod
    def parse(cls, value: object) -> "CapabilitiesMessage":
        fields = Fields.of(value, "capabilities")
        flags = {name: fields.flag_or(name, default=False) for name in _FLAGS}
        batch = fields.child_or_empty("batch")
        return cls(
            **flags,
            retention_days=fields.integer_or("retentionDays", 0),
            batch_items=batch.integer_or("items", 0),
            batch_bytes=batch.integer_or("bytes", 0),
            upload_block_size=fields.child_or_empty("uploads").optional_integer("blockSize"),
            storage_hosts=fields.texts_or("storageHosts", ()),
        )

    def to_json(self) -> Mapping[str, object]:
        offered: dict[str, object] = {name: getattr(self, name) for name in _FLAGS}
        offered["retentionDays"] = self.retention_days
        offered["storageHosts"] = list(self.storage_hosts)
        if self.batch_items:
            offered["batch"] = {"items": self.batch_items, "bytes": self.batch_bytes}
        if self.upload_block_size is not None:
            offered["uploads"] = {"blockSize": self.upload_block_size}
        return offered


_FLAGS = (
    "digest",
    "parents",
    "folders",
    "patch",
    "versions",
    "trash",
    "events",
    "blocks",
    "ack",
    "confirm",
    "copy",
)


@dataclass(frozen=True, slots=True)
class StatusMessage:
    """`GET /sync/status`. Quota in bytes, no limit where `quota_limit` is None.

    A plain server says less: `capabilities` None is how it is recognised.
    """

    cursor: str
    server_time: datetime | None
    space_id: str
    space_name: str
    quota_used: int = 0
    quota_limit: int | None = None
    capabilities: CapabilitiesMessage | None = None
    protocol: int = PROTOCOL

    @classmethod
    def parse(cls, value: object) -> "StatusMessage":
        fields = Fields.of(value, "status")
        if value == {}:
            raise WireError("status: an empty object is what anything may answer")
        offered = fields.optional_child("capabilities", CapabilitiesMessage.parse)
        space, quota = fields.child_or_empty("space"), fields.child_or_empty("quota")
        return cls(
            cursor=fields.text("cursor") if offered else fields.text_or("cursor", ""),
            server_time=fields.optional_time("serverTime"),
            space_id=space.text_or("id", ""),
            space_name=space.text_or("name", ""),
            quota_used=quota.integer_or("used", 0),
            quota_limit=quota.optional_integer("limit"),
            capabilities=offered,
            protocol=fields.integer("protocol") if offered else PROTOCOL,
        )

    def to_json(self) -> Mapping[str, object]:
        return {
            "cursor": self.cursor,
            "serverTime": time_to_json(self.server_time),
            "protocol": self.protocol,
            "space": {"id": self.space_id, "name": self.space_name},
            "quota": {"used": self.quota_used, "limit": self.quota_limit},
            "capabilities": (self.capabilities or CapabilitiesMessage()).to_json(),
        }


@dataclass(frozen=True, slots=True)
class FilesPage:
    """`GET /sync/files`: one page of the feed, and the cursor after it."""

    files: tuple[SyncFile, ...]
    cursor: str
    has_more: bool

    @classmethod
    def parse(cls, value: object) -> "FilesPage":
        fields = Fields.of(value, "files")
        return cls(
            files=tuple(SyncFile.parse(item) for item in fields.items("files")),
            cursor=fields.text("cursor"),
            has_more=fields.flag("hasMore"),
        )

    def to_json(self) -> Mapping[str, object]:
        return {
            "files": [file.to_json() for file in self.files],
            "cursor": self.cursor,
            "hasMore": self.has_more,
        }


@dataclass(frozen=True, slots=True)
class TokensMessage:
    """What login, refresh and join answer. `expires_in` in seconds, of the access token;
    `device_name` is what the server calls the device, empty where it does not tell."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    account_id: str = ""
    email: str = ""
    device_name: str = ""

    @classmethod
    def parse(cls, value: object) -> "TokensMessage":
        fields = Fields.of(value, "tokens")
        return cls(
            access_token=fields.text("accessToken"),
            refresh_token=fields.text("refreshToken"),
            expires_in=fields.integer("expiresIn"),
            account_id=fields.text_or("accountId", ""),
            email=fields.text_or("email", ""),
            device_name=fields.text_or("deviceName", ""),
        )

    def to_json(self) -> Mapping[str, object]:
        return {
            "accessToken": self.access_token,
            "refreshToken": self.refresh_token,
            "expiresIn": self.expires_in,
            "accountId": self.account_id,
            "email": self.email,
            "deviceName": self.device_name,
        }


@dataclass(frozen=True, slots=True)
class Device:
    """One row of `GET /auth/devices`; `current` is the device that asks."""

    id: str
    name: str
    created_at: datetime | None
    last_seen_at: datetime | None
    current: bool = False
    revoked: bool = False

    @classmethod
    def parse(cls, value: object) -> "Device":
        fields = Fields.of(value, "device")
        return cls(
            id=fields.text("id"),
            name=fields.text("name"),
            created_at=fields.optional_time("createdAt"),
            last_seen_at=fields.optional_time("lastSeenAt"),
            current=fields.flag_or("current", default=False),
            revoked=fields.flag_or("revoked", default=False),
        )

    def to_json(self) -> Mapping[str, object]:
        return {
            "id": self.id,
            "name": self.name,
            "createdAt": time_to_json(self.created_at),
            "lastSeenAt": time_to_json(self.last_seen_at),
            "current": self.current,
            "revoked": self.revoked,
        }


@dataclass(frozen=True, slots=True)
class JoinCodeMessage:
    """`POST /auth/join-codes`: a token for one use by one new device."""

    token: str = field(repr=False)
    expires_at: datetime | None

    @classmethod
    def parse(cls, value: object) -> "JoinCodeMessage":
        fields = Fields.of(value, "join code")
        return cls(token=fields.text("token"), expires_at=fields.optional_time("expiresAt"))

    def to_json(self) -> Mapping[str, object]:
        return {"token": self.token, "expiresAt": time_to_json(self.expires_at)}


@dataclass(frozen=True, slots=True)
class DownloadTicket:
    """`GET /sync/download/{id}`: a presigned URL and what its bytes must turn out to be.

    The URL is a bearer's secret: it is kept out of `repr` and must never be logged.
    """

    url: str = field(repr=False)
    expires_at: datetime | None
    checksum: str | None
    digest: str | None
    file_size: int | None
    version: int

    @classmethod
    def parse(cls, value: object) -> "DownloadTicket":
        fields = Fields.of(value, "download")
        return cls(
            url=fields.text("url"),
            expires_at=fields.optional_time("expiresAt"),
            checksum=fields.optional_text("checksum"),
            digest=fields.optional_text("digest"),
            file_size=fields.optional_integer("fileSize"),
            version=fields.integer_or("version", 0),
        )

    def to_json(self) -> Mapping[str, object]:
        return {
            "url": self.url,
            "expiresAt": time_to_json(self.expires_at),
            "checksum": self.checksum,
            "digest": self.digest,
            "fileSize": self.file_size,
            "version": self.version,
        }


CHANGES = ("created", "content", "moved", "executable", "deleted", "restored")
"""What a version can be a change of."""


@dataclass(frozen=True, slots=True)
class VersionMessage:
    """One row of a node's history; `change` is one of `CHANGES`.

    `available`: the server still keeps this version's content, so that it can be restored.
    """

    version: int
    change: str
    name: str
    parent_id: str | None
    file_size: int
    checksum: str | None
    digest: str | None
    modified_ns: int | None
    created_at: datetime | None
    device_id: str | None
    device_name: str | None
    available: bool

    @classmethod
    def parse(cls, value: object) -> "VersionMessage":
        fields = Fields.of(value, "version")
        return cls(
            version=fields.integer("version"),
            change=fields.text("change"),
            name=fields.text("name"),
            parent_id=fields.optional_text("parentId"),
            file_size=fields.integer_or("fileSize", 0),
            checksum=fields.optional_text("checksum"),
            digest=fields.optional_text("digest"),
            modified_ns=fields.optional_nanoseconds("modifiedAt"),
            created_at=fields.optional_time("createdAt"),
            device_id=fields.optional_text("deviceId"),
            device_name=fields.optional_text("deviceName"),
            available=fields.flag_or("available", default=False),
        )

    def to_json(self) -> Mapping[str, object]:
        return {
            "version": self.version,
            "change": self.change,
            "name": self.name,
            "parentId": self.parent_id,
            "fileSize": self.file_size,
            "checksum": self.checksum,
            "digest": self.digest,
            "modifiedAt": nanoseconds_to_json(self.modified_ns),
            "createdAt": time_to_json(self.created_at),
            "deviceId": self.device_id,
            "deviceName": self.device_name,
            "available": self.available,
        }


@dataclass(frozen=True, slots=True)
class Listing:
    """The contract's `{items, next}`; `next` None on the last page."""

    items: tuple[object, ...]
    next: str | None = None

    @classmethod
    def parse(cls, value: object) -> "Listing":
        fields = Fields.of(value, "list")
        return cls(items=tuple(fields.items("items")), next=fields.optional_text("next"))

    def to_json(self) -> Mapping[str, object]:
        return {"items": list(self.items), "next": self.next}
