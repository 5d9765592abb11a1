"""Problem documents (RFC 9457): how the server says what went wrong, with a machine's `code`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dreamsync.wire.fields import Fields
from dreamsync.wire.sync_file import SyncFile

PROBLEM_TYPE = "application/problem+json"


class ProblemCode(StrEnum):
    """Every `code` of the contract. A client takes an unknown code as its status alone."""

    INVALID_REQUEST = "invalidRequest"
    INVALID_NAME = "invalidName"
    INVALID_CURSOR = "invalidCursor"
    INVALID_CREDENTIALS = "invalidCredentials"
    TOKEN_INVALID = "tokenInvalid"  # noqa: S105 (a code, no secret)
    TOKEN_EXPIRED = "tokenExpired"  # noqa: S105
    DEVICE_REVOKED = "deviceRevoked"
    URL_EXPIRED = "urlExpired"
    NOT_FOUND = "notFound"
    STALE = "stale"
    NAME_TAKEN = "nameTaken"
    PARENT_DELETED = "parentDeleted"
    CYCLE = "cycle"
    NOT_EMPTY = "notEmpty"
    INCOMPLETE = "incomplete"
    CURSOR_EXPIRED = "cursorExpired"
    HISTORY_REPLACED = "historyReplaced"
    TOO_LARGE = "tooLarge"
    CHECKSUM_MISMATCH = "checksumMismatch"
    DIGEST_MISMATCH = "digestMismatch"
    SIZE_MISMATCH = "sizeMismatch"
    IDEMPOTENCY_REUSE = "idempotencyReuse"
    RATE_LIMITED = "rateLimited"
    QUOTA_EXCEEDED = "quotaExceeded"


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem document.

    `code` is a `ProblemCode` or whatever else a server says. `current` comes with a 409: the node
    as it is now. `missing` comes with 409 `incomplete`: the indexes of the blocks not yet there.
    """

    status: int
    code: str
    title: str = ""
    detail: str = ""
    current: SyncFile | None = None
    missing: tuple[int, ...] = field(default=())

    @classmethod
    def parse(cls, value: object) -> "Problem":
        """Raise `WireError` where `value` is no problem document."""
        fields = Fields.of(value, "problem")
        return cls(
            status=fields.integer("status"),
            code=fields.text_or("code", ""),
            title=fields.text_or("title", ""),
            detail=fields.text_or("detail", ""),
            current=fields.optional_child("current", SyncFile.parse),
            missing=fields.integers_or("missing", ()),
        )

    def to_json(self) -> Mapping[str, object]:
        """`current` is told on every 409, null where there is no such node."""
        document: dict[str, object] = {
            "type": "about:blank",
            "status": self.status,
            "code": self.code,
            "title": self.title,
            "detail": self.detail,
        }
        if self.status == 409:
            document["current"] = self.current.to_json() if self.current else None
        if self.missing:
            document["missing"] = list(self.missing)
        return document
