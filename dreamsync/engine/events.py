"""What the engine is told, and what it asks to be done.

A *job* is a generator of effects: it yields after each read, send, fsync and rename, so that
whoever runs it may stop, interleave or crash it there. Jobs touch disk and server and never the
journal; what they have done comes back as outcomes in a `Finished` event.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from dreamsync.core.nodes import Content, Fingerprint, NodeKey
from dreamsync.core.operations import Adopt, Operation
from dreamsync.core.trees import Place
from dreamsync.local.protocol import DiskError, Seen, Sign, WatchTrouble
from dreamsync.remotes.errors import RemoteError
from dreamsync.remotes.protocol import KeptVersion, Page, RemoteStatus
from dreamsync.wire.sync_file import SyncFile


@dataclass(frozen=True, slots=True)
class Sent:
    """The server has it: its answer and, of an upload, the bytes and the file they came from."""

    operation: Operation
    file: SyncFile
    content: Content | None = None
    fingerprint: Fingerprint | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """This disk has it, durably: what `lstat` showed afterwards; None where nothing is left."""

    operation: Operation
    seen: Seen | None
    path: str


@dataclass(frozen=True, slots=True)
class ContentRead:
    operation: Operation
    content: Content
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class Flushed:
    """What is to be adopted is durable on this disk."""

    operation: Adopt


@dataclass(frozen=True, slots=True)
class Failed:
    """The operation had no effect, or none that is known of."""

    operation: Operation
    error: RemoteError | DiskError


@dataclass(frozen=True, slots=True)
class Unflushed:
    """What was done in these folders may not outlast a power failure, whoever finds it done."""

    folders: Sequence[str]


@dataclass(frozen=True, slots=True)
class FeedRead:
    page: Page
    since: str | None


@dataclass(frozen=True, slots=True)
class HistoryRead:
    """What the server keeps of a node's past; empty where it keeps none."""

    node: NodeKey
    versions: Sequence[KeptVersion]


@dataclass(frozen=True, slots=True)
class Connected:
    status: RemoteStatus


@dataclass(frozen=True, slots=True)
class ServerFailed:
    """A call that belongs to no node went wrong."""

    error: RemoteError


@dataclass(frozen=True, slots=True)
class Reread:
    """A file that is in sync, read once more: its bytes, or why they cannot be had."""

    node: NodeKey
    fingerprint: Fingerprint
    content: Content | None = None
    error: DiskError | None = None


Outcome = (
    Sent
    | Applied
    | ContentRead
    | Flushed
    | Failed
    | Unflushed
    | FeedRead
    | HistoryRead
    | Connected
    | ServerFailed
    | Reread
)


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """Yielded by a large upload, to be in the journal before its first block is sent."""

    node: NodeKey
    session: str
    base_version: int
    place: Place
    fingerprint: Fingerprint


Note = SessionOpened
Effects = Generator[Note | None, None, Sequence[Outcome]]


@dataclass(frozen=True, slots=True)
class Job:
    """`nodes` are busy while it runs, and `paths` are where on this disk it puts something; a
    `long` one may take minutes, and nothing waits for it."""

    id: int
    effects: Effects
    nodes: frozenset[NodeKey] = frozenset()
    paths: frozenset[str] = frozenset()
    long: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    job: int
    outcomes: Sequence[Outcome]


@dataclass(frozen=True, slots=True)
class Noted:
    note: Note


@dataclass(frozen=True, slots=True)
class Hinted:
    """The watcher saw something at `path`; where `deep`, all below it must be looked at."""

    path: str
    deep: bool = False
    sign: Sign = Sign.CHANGING


@dataclass(frozen=True, slots=True)
class WatchTroubled:
    trouble: WatchTrouble
    message: str


@dataclass(frozen=True, slots=True)
class WatchStarted:
    """The folder is watched (again): what happened before must be looked for."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """The server has committed something."""


@dataclass(frozen=True, slots=True)
class PushState:
    """The push stream is up, or not."""

    live: bool


@dataclass(frozen=True, slots=True)
class NetworkChanged:
    """Another network: a server that was away may be there, and news may have been missed."""


@dataclass(frozen=True, slots=True)
class Disturbed:
    """The computer slept, or its clock was set: everything has to be looked at again."""


@dataclass(frozen=True, slots=True)
class Woken:
    """Time has passed."""


@dataclass(frozen=True, slots=True)
class SyncAsked:
    """A person wants everything looked at now: full scan, feed, and all that waited tried again."""


@dataclass(frozen=True, slots=True)
class PauseChanged:
    """The pause in the journal's settings was set or lifted."""


LocalEvent = Hinted | WatchTroubled | WatchStarted
RemoteEvent = Pushed | PushState
OutsideEvent = NetworkChanged | Disturbed


@dataclass(frozen=True, slots=True)
class VerifyAsked:
    """A person wants the bytes of all files compared with the server's digests now."""


PersonEvent = SyncAsked | PauseChanged | VerifyAsked
Event = Finished | Noted | Woken | LocalEvent | RemoteEvent | OutsideEvent | PersonEvent
