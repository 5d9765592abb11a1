"""What a call may be refused with. Every refusal is without effect.

    ServiceError                       code, HTTP status, title, detail, current, extra
    ├── Invalid                        400 invalidRequest | invalidName | invalidCursor
    ├── NotFound                       404 notFound
    ├── Conflict                       409 stale | nameTaken | parentDeleted | cycle | notEmpty
    │   └── Incomplete                 409 incomplete (extra: missing)
    ├── FeedBroken                     410 cursorExpired | historyReplaced
    ├── TooLarge                       413 tooLarge
    ├── Mismatch                       422 checksumMismatch | digestMismatch | sizeMismatch
    ├── KeyReused                      422 idempotencyReuse
    └── QuotaExceeded                  507 quotaExceeded

The HTTP layer turns one into an RFC 9457 problem document: `type`, `status`, `title`, `detail`,
`code`, `current`, and the members of `extra`.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import ClassVar

from dreamsync.wire.sync_file import SyncFile


class ServiceError(Exception):
    """A refusal. `current` is the node that stands in the way, as it is now."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "The server failed"

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        current: SyncFile | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.current = current
        self.extra = extra or {}


class Invalid(ServiceError):
    status = 400
    title = "The request does not fit the contract"

    @classmethod
    def request(cls, detail: str) -> "Invalid":
        return cls("invalidRequest", detail)

    @classmethod
    def name(cls, detail: str) -> "Invalid":
        return cls("invalidName", detail)

    @classmethod
    def cursor(cls) -> "Invalid":
        return cls("invalidCursor", "This is not a cursor of this server.")


class NotFound(ServiceError):
    """Also for whatever belongs to others: the text never tells which."""

    status = 404
    title = "Not found"

    def __init__(self) -> None:
        super().__init__("notFound", "There is nothing here, or it is not yours.")


class ConflictCode(Enum):
    """Why compare-and-swap refused."""

    STALE = "stale"
    NAME_TAKEN = "nameTaken"
    PARENT_DELETED = "parentDeleted"
    CYCLE = "cycle"
    NOT_EMPTY = "notEmpty"


_CONFLICTS = {
    ConflictCode.STALE: "The node has changed since the given baseVersion.",
    ConflictCode.NAME_TAKEN: "Another node has this name in this folder.",
    ConflictCode.PARENT_DELETED: "The parent does not exist, is deleted or is no folder.",
    ConflictCode.CYCLE: "A folder cannot move into itself.",
    ConflictCode.NOT_EMPTY: "The folder is not empty.",
}


class Conflict(ServiceError):
    status = 409
    title = "The node is not as the request expects"

    @classmethod
    def of(cls, code: ConflictCode, current: SyncFile | None) -> "Conflict":
        return cls(code.value, _CONFLICTS[code], current=current)


class Incomplete(Conflict):
    title = "Blocks of the upload are missing"

    def __init__(self, missing: Sequence[int]) -> None:
        detail = f"{len(missing)} blocks have not arrived."
        super().__init__("incomplete", detail, extra={"missing": list(missing)})


class FeedBroken(ServiceError):
    status = 410
    title = "The feed does not continue from this cursor"

    @classmethod
    def expired(cls) -> "FeedBroken":
        return cls("cursorExpired", "Deletions after this cursor are no longer recorded.")

    @classmethod
    def replaced(cls) -> "FeedBroken":
        return cls("historyReplaced", "This server does not know the cursor's commit.")


class TooLarge(ServiceError):
    status = 413
    title = "Too large for one request"

    def __init__(self, detail: str) -> None:
        super().__init__("tooLarge", detail)


class Mismatch(ServiceError):
    """The bytes received are not those announced."""

    status = 422
    title = "The content is not what was announced"

    @classmethod
    def checksum(cls) -> "Mismatch":
        return cls("checksumMismatch", "The MD5 of the bytes received differs.")

    @classmethod
    def digest(cls) -> "Mismatch":
        return cls("digestMismatch", "The digest of the bytes received differs.")

    @classmethod
    def size(cls, *, announced: int, received: int) -> "Mismatch":
        detail = f"{announced} bytes were announced and {received} received."
        return cls("sizeMismatch", detail)


class KeyReused(ServiceError):
    status = 422
    title = "The Idempotency-Key belongs to another request"

    def __init__(self) -> None:
        super().__init__("idempotencyReuse", "This key was used with another request.")


class QuotaExceeded(ServiceError):
    status = 507
    title = "The space is full"

    def __init__(self, *, used: int, limit: int, wanted: int) -> None:
        detail = f"{wanted} bytes do not fit: {used} of {limit} are in use."
        super().__init__("quotaExceeded", detail, extra={"used": used, "limit": limit})
