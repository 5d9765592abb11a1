"""What can go wrong with a server, and what the engine may do about it.

RemoteError
├── Unreachable          no answer, or only half of one: try again later
│   ├── TokensOutOfReach where they are kept is locked: the person may have to act, or it waits
│   ├── UrlExpired       a presigned URL whose time is over: ask for another ticket
│   └── Untrusted        its certificate is not the pinned one, or signed by nobody known
├── ServerTrouble        5xx: try again later, after `retry_after` seconds if given
├── Throttled            429: as above
├── SignedOut            the refresh token is refused, or the device revoked: the person must act
├── NotTheContract       an answer that is not the contract's (a captive portal, a proxy's page)
├── Refused              this request will never work as it is: one item's problem
│   ├── NotFound
│   ├── Conflict         409, with `code` and the current node: plan again
│   ├── Incomplete       409 on completing an upload session: `missing` blocks are still to come
│   ├── ContentMismatch  422: what arrived is not what was announced
│   ├── TooLarge         413
│   ├── QuotaExceeded    507
│   └── InvalidRequest   400 and whatever else the server will not have
├── CursorExpired        410: list from the start; absence is deletion
├── HistoryReplaced      410: list from the start; absence is never deletion
├── HostRefused          a presigned URL that points where the capabilities do not allow
├── Interrupted          we broke it off ourselves (a pause): it goes on later
└── InvalidAddress       settings under which no connection is safe (plain HTTP to another host)

`retryable` is a property of the error: the same request may succeed later, unchanged.
"""

from dataclasses import dataclass
from enum import Enum

from dreamsync.message import N_
from dreamsync.wire.sync_file import SyncFile


class RemoteError(Exception):
    """Base of all errors of a remote. The message is for people and holds no secret."""

    retryable = False


class Unreachable(RemoteError):
    retryable = True


class UrlExpired(Unreachable):
    pass


class TokensOutOfReach(Unreachable):
    """`hint` says what a person can do. Asking again at once is no use."""

    retryable = False

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class Interrupted(RemoteError):
    """Nothing went wrong, and the server was told nothing that counts."""


class Untrusted(Unreachable):
    pass


@dataclass
class ServerTrouble(RemoteError):
    message: str
    retry_after: float | None = None
    retryable = True

    def __str__(self) -> str:
        return self.message


class Throttled(ServerTrouble):
    pass


class SignedOut(RemoteError):
    pass


class NotTheContract(RemoteError):
    retryable = True


class Refused(RemoteError):
    pass


class NotFound(Refused):
    pass


class ConflictCode(Enum):
    STALE = "stale"
    NAME_TAKEN = "nameTaken"
    PARENT_DELETED = "parentDeleted"
    CYCLE = "cycle"
    NOT_EMPTY = "notEmpty"


@dataclass
class Conflict(Refused):
    """Compare-and-swap failed; `current` is the node as the server has it now, if it told."""

    code: ConflictCode
    current: SyncFile | None = None

    def __str__(self) -> str:
        return N_("the server has another state: {code}", code=self.code.value)


@dataclass
class Incomplete(Refused):
    """The server lacks the blocks with these indexes; send them and complete again."""

    missing: tuple[int, ...] = ()

    def __str__(self) -> str:
        return N_("{n} blocks have not arrived yet", n=len(self.missing))


class ContentMismatch(Refused):
    pass


class TooLarge(Refused):
    pass


class QuotaExceeded(Refused):
    pass


class InvalidRequest(Refused):
    pass


class CursorExpired(RemoteError):
    pass


class HistoryReplaced(RemoteError):
    pass


class HostRefused(RemoteError):
    pass


class InvalidAddress(RemoteError):
    pass
