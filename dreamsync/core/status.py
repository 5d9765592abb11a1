"""What the engine says of itself: the typed answer behind `dreamsync status`, tray and web page.

Nobody parses log lines: whatever a person may want to know of the state is a field here.
"""

from dataclasses import dataclass
from enum import Enum

from dreamsync.core.nodes import Side


class State(Enum):
    """One word for the whole; the first that applies in the order of `engine/status.py`."""

    STARTING = "starting"
    IDLE = "idle"
    SYNCING = "syncing"
    PAUSED = "paused"
    OFFLINE = "offline"
    ATTENTION = "attention"
    ERROR = "error"
    SIGNED_OUT = "signed-out"
    STOPPED = "stopped"


class Push(Enum):
    """POLLING: the server has no push. CONNECTING: it has, and it was not tried yet.

    DEGRADED: it has, and it does not work at the moment.
    """

    REALTIME = "realtime"
    CONNECTING = "connecting"
    POLLING = "polling"
    DEGRADED = "degraded"


class Direction(Enum):
    UP = "up"
    DOWN = "down"


class Reason(Enum):
    """Why an item, or the whole, is not in sync."""

    NOT_PERMITTED = "not-permitted"
    NO_SPACE = "no-space"
    KEEPS_CHANGING = "keeps-changing"
    NAME_REFUSED = "name-refused"
    HOSTILE_NAME = "hostile-name"
    INPUT_OUTPUT = "input-output"
    TOO_LARGE = "too-large"
    QUOTA_EXCEEDED = "quota-exceeded"
    REFUSED = "refused-by-server"
    CONTENT_MISMATCH = "content-mismatch"
    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"
    ROOT_MISSING = "root-missing"
    ROOT_REPLACED = "root-replaced"
    SIGNED_OUT = "signed-out"
    NOT_THE_CONTRACT = "not-the-contract"
    HOST_REFUSED = "storage-host-refused"
    WATCH_LIMIT = "watch-limit"
    NO_WATCH = "no-watch"
    IGNORE_FILE = "ignore-file"
    SETTINGS = "settings"
    KEYRING = "keyring"


@dataclass(frozen=True, slots=True)
class Problem:
    """One path's failure; `path` is empty for one that concerns the whole folder or the server."""

    path: str
    reason: Reason
    message: str
    hint: str
    since_ms: int


@dataclass(frozen=True, slots=True)
class SkippedItem:
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class TransferStatus:
    path: str
    direction: Direction
    bytes: int
    total: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Deletions that wait for a person's answer. `side` is where they were made."""

    id: str
    side: Side
    deletes: int
    sample: tuple[str, ...]
    reason: str
    since_ms: int


class PauseReason(Enum):
    """A person's wish, or a circumstance that the settings name."""

    PERSON = "by you"
    BATTERY = "on battery"
    METERED = "metered network"


@dataclass(frozen=True, slots=True)
class Paused:
    """`until_ms` None: until a person resumes, or the circumstance is over."""

    reason: PauseReason
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    files: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Damaged:
    """Files that were found damaged on this disk lately, the last of them at `at_ms`; the server's
    versions were put back."""

    files: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Conflicting:
    """Conflict copies that are still here; the last of them, `newest`, came at `at_ms`."""

    copies: int
    newest: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Status:
    """`revision` grows with every change of anything else; `pending` counts nodes still to be
    synced, without what is held, skipped or a problem; `files` counts this disk's files."""

    state: State
    revision: int = 0
    pending: int = 0
    files: int = 0
    transfers: tuple[TransferStatus, ...] = ()
    problems: tuple[Problem, ...] = ()
    skipped: tuple[SkippedItem, ...] = ()
    holds: tuple[Hold, ...] = ()
    paused: Paused | None = None
    verified: Verified | None = None
    damaged: Damaged | None = None
    conflicts: Conflicting | None = None
    push: Push = Push.POLLING
    missing_capabilities: tuple[str, ...] = ()
    device_id: str = ""
    device_name: str = ""
    account: str = ""
    folder: str = ""
    server: str = ""
    cursor: str | None = None
    last_sync_ms: int | None = None
    secrets: str = "keyring"
    quota_used: int = 0
    quota_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """Bytes that the account uses on the server, and may use; None: as many as there is room."""

    used: int
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class SyncSummary:
    """What one `sync` did, in nodes."""

    state: State
    uploaded: int = 0
    downloaded: int = 0
    moved: int = 0
    deleted: int = 0
    conflicts: int = 0
    problems: tuple[Problem, ...] = ()
    holds: tuple[Hold, ...] = ()


class Act(Enum):
    """What `activity` can tell of."""

    UPLOADED = "uploaded"
    DOWNLOADED = "downloaded"
    MOVED_HERE = "moved-here"
    MOVED_THERE = "moved-on-server"
    DELETED_HERE = "deleted-here"
    DELETED_THERE = "deleted-on-server"
    FOLDER_HERE = "folder-created-here"
    FOLDER_THERE = "folder-created-on-server"
    CONFLICT = "conflict"
    EXECUTABLE = "executable-changed"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Activity:
    """One settled change; `other_path` is where a move came from or what a conflict copy is of."""

    at_ms: int
    act: Act
    path: str
    other_path: str | None = None
    size: int = 0


@dataclass(frozen=True, slots=True)
class ConflictCopy:
    """A conflict copy that still exists: `path` is the copy, `original` what it lost against."""

    path: str
    original: str
    at_ms: int
    size: int


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """`checked` files were read and compared with the server's digests; `repaired` were damaged
    behind the daemon's back and have the server's version again; `mismatched` could not be."""

    checked: int
    matching: int
    repaired: tuple[str, ...] = ()
    mismatched: tuple[str, ...] = ()
    pending: int = 0


class ItemState(Enum):
    """How one item stands. A folder stands as the worst of what is in it; worse is further down."""

    IGNORED = "ignored"
    SYNCED = "synced"
    PENDING = "pending"
    HELD = "held"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class ListedItem:
    """One item of `ls`: where it is and how its sides stand."""

    path: str
    kind: str
    size: int
    state: ItemState
    remote_id: str | None = None
    version: int = 0
