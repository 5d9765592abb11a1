"""What came of the jobs: into the trees where it went well, and what follows where it did not."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dreamsync.core.nodes import Kind, NodeKey, RemoteEntry
from dreamsync.core.operations import (
    CreateRemoteFolder,
    DeleteRemote,
    MoveLocal,
    MoveRemote,
    Operation,
    SetRemoteExecutable,
    Upload,
    node_of,
)
from dreamsync.engine.care import Care
from dreamsync.engine.connection import Connection, Link
from dreamsync.engine.context import Context
from dreamsync.engine.events import (
    Applied,
    Connected,
    ContentRead,
    Failed,
    FeedRead,
    Flushed,
    HistoryRead,
    Outcome,
    Reread,
    Sent,
    ServerFailed,
    SessionOpened,
    Unflushed,
)
from dreamsync.engine.failures import concerns_the_moment, is_no_answer, note_failure
from dreamsync.engine.feed import Feed, Listing
from dreamsync.engine.observe import Observer
from dreamsync.engine.queue import Queue
from dreamsync.engine.settle import Settler
from dreamsync.journal.records import SessionRecord
from dreamsync.local.protocol import Changed, DiskError
from dreamsync.remotes.errors import (
    Conflict,
    CursorExpired,
    HistoryReplaced,
    Interrupted,
    InvalidRequest,
    NotFound,
    RemoteError,
)
from dreamsync.wire.sync_file import SyncFile

_QUICK_TRIES = 3
"""Conflicts of one node that are planned again at once, before it has to wait."""


@dataclass(slots=True)
class Outcomes:
    context: Context
    queue: Queue
    observer: Observer
    feed: Feed
    settler: Settler
    connection: Connection
    care: Care
    _tries: dict[NodeKey, int] = field(default_factory=dict)

    def take_all(self, outcomes: Sequence[Outcome]) -> None:
        done = [outcome for outcome in outcomes if isinstance(outcome, Sent | Applied)]
        trees = self.context.journal.trees
        trees.read_ahead([node_of(outcome.operation) for outcome in done])
        trees.read_ahead_ids([one.file.id for one in done if isinstance(one, Sent)])
        for outcome in outcomes:
            self.take(outcome)

    def take(self, outcome: Outcome) -> None:
        match outcome:
            case Sent():
                self.feed.note_answer(outcome.file)
                self.settler.sent(outcome)
                self.feed.deleted_since(outcome.file)
                self._tries.pop(node_of(outcome.operation), None)
            case Applied():
                self._applied(outcome)
            case ContentRead():
                self.settler.content_read(outcome)
            case Flushed():
                self.settler.adopted(outcome)
            case Failed():
                self._failed(outcome)
            case Unflushed(folders):
                self.care.note_unflushed(folders)
            case FeedRead():
                self._feed_read(outcome)
            case HistoryRead(node, versions):
                self.feed.take_history(node, versions)
            case Connected(status):
                self.connection.connected(status)
                self.feed.due = True
            case ServerFailed(error):
                self._server_failed(error)
            case Reread():
                raise AssertionError(outcome)

    def note(self, opened: SessionOpened) -> None:
        record = SessionRecord(
            opened.session, opened.base_version, opened.place, opened.fingerprint
        )
        self.context.journal.sessions.put(opened.node, record)

    def _applied(self, outcome: Applied) -> None:
        self._tries.pop(node_of(outcome.operation), None)
        if self.settler.applied(outcome):
            self._look_where_it_went(outcome)
        else:
            self.observer.look_again(outcome.path, deep=True)

    def _feed_read(self, outcome: FeedRead) -> None:
        """A page of a position that has been given up since tells nothing."""
        if outcome.since == self.feed.cursor:
            self.feed.take_page(outcome.page, in_flight=self.queue.working)
            self.feed.due = self.feed.due or outcome.page.has_more

    def _look_where_it_went(self, outcome: Applied) -> None:
        """What was hinted at in a folder under its old path may not have been looked at before the
        folder was moved, and nothing hints at it under the new one."""
        operation = outcome.operation
        if isinstance(operation, MoveLocal) and operation.expect.kind is Kind.FOLDER:
            self.observer.look_again(outcome.path, deep=True)

    def _server_failed(self, error: RemoteError) -> None:
        """All waits: what was planned and not begun is planned again when the server is back."""
        # A position that the server cannot read was given by a server of another kind.
        foreign = isinstance(error, InvalidRequest) and self.feed.cursor is not None
        if isinstance(error, CursorExpired | HistoryReplaced) or foreign:
            expired = isinstance(error, CursorExpired)
            self._list_anew(Listing.EXPIRED if expired else Listing.REPLACED)
        else:
            self.connection.failed(error)
            self.queue.clear()

    def _list_anew(self, why: Listing) -> None:
        """Unless that has begun: of what was under way each may bring the same news."""
        if self.feed.cursor is not None or not self.feed.of_another_history:
            self.feed.start_listing(why)
        self.queue.clear()

    def _failed(self, outcome: Failed) -> None:
        """The node stays dirty, and is planned again, at once or after a while."""
        node, error = node_of(outcome.operation), outcome.error
        if isinstance(error, RemoteError) and is_no_answer(error):
            self._unanswered(node, error)
            return
        if isinstance(error, Conflict | NotFound):
            # What the server has of it would come under a name and over a version that it refuses.
            self.context.journal.sessions.remove(node)
        path = self.context.path(node)
        if isinstance(error, Conflict) and _is_of_another_history(outcome.operation, error.current):
            self._list_anew(Listing.REPLACED)
        elif isinstance(error, Conflict) and error.current is not None:
            self._was_told(error.current)
        elif isinstance(error, Conflict | NotFound):
            self.feed.ask_about(node)
            if isinstance(error, NotFound) and _is_over(outcome.operation):
                self.context.journal.trees.drop_remote(node, None)
        elif isinstance(error, DiskError) and concerns_the_moment(error) and error.path:
            self.observer.look_again(error.path)
        self.context.journal.trees.mark_dirty(node)
        if not self._may_try_at_once(node, error):
            note_failure(self.context, node, path, error)

    def _unanswered(self, node: NodeKey, error: RemoteError) -> None:
        """It may have arrived: what is sent next depends on it."""
        if self.context.journal.intents.of(node) is not None:
            self.feed.ask_about(node)
        if self.connection.link is Link.ONLINE and not isinstance(error, Interrupted):
            self._server_failed(error)

    def _was_told(self, current: SyncFile) -> None:
        """A refusal comes with the node that is in the way, as the server has it now."""
        self.feed.due = True
        self.feed.note_answer(current)
        if not self.feed.is_old(current):
            self.feed.take(current)
        self.feed.deleted_since(current)

    def _may_try_at_once(self, node: NodeKey, error: RemoteError | DiskError) -> bool:
        """Whose trees were merely out of date gets its new plan at once, a few times; a file that
        is being written waits from the first time on."""
        at_once = isinstance(error, Conflict | NotFound) or (
            concerns_the_moment(error) and not isinstance(error, Changed)
        )
        if at_once:
            self._tries[node] = self._tries.get(node, 0) + 1
        return at_once and self._tries[node] <= _QUICK_TRIES


def _is_of_another_history(operation: Operation, current: SyncFile | None) -> bool:
    """Whether the server is behind what it once told of this node: versions only grow."""
    match operation:
        case Upload(remote=RemoteEntry() as known):
            pass
        case MoveRemote() | SetRemoteExecutable() | DeleteRemote():
            known = operation.expect
        case _:
            return False
    return current is not None and current.id == known.remote_id and current.version < known.version


def _is_over(operation: Operation) -> bool:
    """Whether the server's not knowing the node settles the matter: what is to be deleted is gone,
    and what builds on a forgotten tombstone is new again."""
    if isinstance(operation, DeleteRemote):
        return True
    return isinstance(operation, Upload | CreateRemoteFolder) and operation.revives is not None
