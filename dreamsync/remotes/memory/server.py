"""`MemoryServer`: one space of one account, and the rules by which it changes.

Every method takes the lock, so each is one commit that all devices see whole. A write is checked
completely before anything changes: known cursor, replayed key, compare-and-swap, position.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import count

from dreamsync.core.digest import BLOCK
from dreamsync.core.nodes import Content
from dreamsync.remotes.errors import (
    Conflict,
    ConflictCode,
    InvalidRequest,
    NotFound,
    QuotaExceeded,
    Refused,
    SignedOut,
    TooLarge,
)
from dreamsync.remotes.memory.checks import at, ensure_free, live_at, target, verified
from dreamsync.remotes.memory.facts import facts_of, kept_content
from dreamsync.remotes.memory.feed import ensure_known, head_cursor, page_after
from dreamsync.remotes.memory.space import Answer, Space
from dreamsync.remotes.protocol import (
    Capabilities,
    Deletion,
    Page,
    Position,
    Put,
    PutResult,
    RemoteStatus,
)
from dreamsync.wire.sync_file import SyncFile

FULL_CAPABILITIES = Capabilities(
    digest=True,
    parents=True,
    folders=True,
    patch=True,
    versions=True,
    trash=True,
    events=True,
    blocks=True,
    acks=True,
    confirm=True,
    copies=True,
    sessions=True,
    batch_items=500,
    batch_bytes=4 * 1024 * 1024,
    upload_limit=BLOCK,
    retention_days=30,
)


class MemoryServer:
    """The reference server. `now` and `new_id` are injected; the defaults are deterministic.

    `listeners` are called with the new cursor after each commit, in the thread that made it and
    without the lock. `changed` is notified too, for those who block.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime] | None = None,
        new_id: Callable[[], str] | None = None,
        capabilities: Capabilities = FULL_CAPABILITIES,
        quota_limit: int | None = None,
    ) -> None:
        ids = count(1)
        self.now = now or (lambda: datetime(2026, 1, 1, tzinfo=UTC))
        self.new_id = new_id or (lambda: f"00000000-0000-4000-8000-{next(ids):012x}")
        self.capabilities = capabilities
        self.quota_limit = quota_limit
        self.device_names: dict[str, str] = {}
        self.listeners: list[Callable[[str], None]] = []
        self.changed = threading.Condition(threading.RLock())
        self.space = Space(commits=[self.new_id()])
        self._revoked: set[str] = set()
        self._commit: str | None = None

    @property
    def cursor(self) -> str:
        with self.changed:
            return head_cursor(self.space)

    # What an administrator does.

    def snapshot(self) -> Space:
        """A backup, for `restore_snapshot`."""
        with self.changed:
            return self.space.copy()

    def restore_snapshot(self, backup: Space) -> None:
        """Go back to the backup, as another history: no cursor given out before is known."""
        with self.changed:
            self.space = backup.copy()
            self.space.commits = [self.new_id() for _ in backup.commits]

    def purge_tombstones(self) -> None:
        """Forget all deletions: cursors older than the last of them expire."""
        with self.changed:
            self.space.purge_tombstones()

    def revoke(self, device_id: str) -> None:
        with self.changed:
            self._revoked.add(device_id)
            self.changed.notify_all()

    def admit(self, device_id: str) -> None:
        """Signed in again."""
        with self.changed:
            self._revoked.discard(device_id)

    def ensure_signed_in(self, device_id: str) -> None:
        if device_id in self._revoked:
            raise SignedOut("this device was signed out by another one")

    # What a device asks.

    def status(self) -> RemoteStatus:
        with self.changed:
            return RemoteStatus(
                cursor=head_cursor(self.space),
                server_time=self.now(),
                capabilities=self.capabilities,
                space_id="memory",
                quota_used=self.space.used,
                quota_limit=self.quota_limit,
            )

    def changes(self, since: str | None, limit: int) -> Page:
        with self.changed:
            return page_after(self.space, since, limit)

    def node(self, node_id: str) -> SyncFile:
        """The node now, tombstones too."""
        with self.changed:
            node = self.space.nodes.get(node_id)
            if node is None:
                raise NotFound("the server has no such file")
            return self.space.answered(node)

    # What a device changes.

    def put(
        self, put: Put, content: bytes | None, *, device_id: str, cursor: str | None
    ) -> SyncFile:
        """Create, change or revive a file (`content` given) or a folder (None)."""
        identity = None if content is None else verified(put.content, content)
        request = ("put", replace(put, content=identity))
        with self._write(cursor) as space:
            return self._replayed(put.key, request) or self._remember(
                put.key, request, self._put(space, put, content, identity, device_id)
            )

    def put_batch(
        self,
        items: Sequence[tuple[Put, bytes | None]],
        *,
        device_id: str,
        cursor: str | None,
    ) -> list[PutResult]:
        if len(items) > self.capabilities.batch_items:
            raise TooLarge("too many items in one batch")
        if sum(len(content or b"") for _, content in items) > self.capabilities.batch_bytes:
            raise TooLarge("too many bytes in one batch")
        with self._write(cursor):
            put_one = partial(self.put, device_id=device_id, cursor=None)
            return [_result(partial(put_one, put, content)) for put, content in items]

    def move(
        self,
        node_id: str,
        position: Position,
        *,
        base_version: int,
        key: str,
        device_id: str,
        cursor: str | None,
    ) -> SyncFile:
        request = ("move", node_id, position.parent_id, position.name, base_version)
        with self._write(cursor) as space:
            return self._replayed(key, request) or self._remember(
                key, request, self._move(space, node_id, position, base_version, device_id)
            )

    def set_executable(
        self,
        node_id: str,
        *,
        executable: bool,
        base_version: int,
        key: str,
        device_id: str,
        cursor: str | None,
    ) -> SyncFile:
        request = ("executable", node_id, executable, base_version)
        with self._write(cursor) as space:
            if replayed := self._replayed(key, request):
                return replayed
            node = live_at(space, node_id, base_version)
            if node.executable != executable:
                node = self._changed(node, "executable", device_id, executable=executable)
            return self._remember(key, request, node)

    def delete(self, deletion: Deletion, *, device_id: str, cursor: str | None) -> SyncFile:
        with self._write(cursor) as space:
            if replayed := self._replayed(deletion.key, deletion):
                return replayed
            node = at(space, deletion.remote_id, deletion.base_version)
            if space.children.get(node.id):
                raise Conflict(ConflictCode.NOT_EMPTY, self.space.answered(node))
            if not node.deleted:
                node = self._changed(
                    node,
                    "deleted",
                    device_id,
                    deleted_at=self.now(),
                    confirmed=deletion.confirmed,
                )
            return self._remember(deletion.key, deletion, node)

    def delete_batch(
        self, deletions: Sequence[Deletion], *, device_id: str, cursor: str | None
    ) -> list[PutResult]:
        if len(deletions) > self.capabilities.batch_items:
            raise TooLarge("too many items in one batch")
        with self._write(cursor):
            delete_one = partial(self.delete, device_id=device_id, cursor=None)
            return [_result(partial(delete_one, deletion)) for deletion in deletions]

    def restore(
        self,
        node_id: str,
        *,
        version: int,
        base_version: int,
        position: Position | None,
        key: str,
        device_id: str,
        cursor: str | None,
    ) -> SyncFile:
        """Make a kept version's content the newest; a tombstone comes back."""
        request = ("restore", node_id, version, base_version, position)
        with self._write(cursor) as space:
            if replayed := self._replayed(key, request):
                return replayed
            node = at(space, node_id, base_version)
            if not 1 <= version <= len(space.revisions[node_id]):
                raise NotFound("the server has no such version")
            kept = space.revisions[node_id][version - 1].node
            node = self._revived(space, node, position, device_id, "restored", **kept_content(kept))
            return self._remember(key, request, node)

    # The rules.

    def _put(
        self,
        space: Space,
        put: Put,
        content: bytes | None,
        identity: Content | None,
        device_id: str,
    ) -> SyncFile:
        node = target(space, put)
        if node is not None and node.kind is not put.kind:
            raise InvalidRequest("a file cannot become a folder, nor a folder a file")
        facts = {} if identity is None else facts_of(put, identity)
        if identity is not None and content is not None:
            self.ensure_quota(identity.size - (node.file_size if node and not node.deleted else 0))
            space.keep(content, identity)
        if node is None:
            return self._created(space, put, device_id, facts)
        if node.deleted:
            return self._revived(space, node, put.position, device_id, "restored", **facts)
        if identity is None:
            raise Conflict(ConflictCode.NAME_TAKEN, space.answered(node))
        same = (node.digest, node.file_size) == (identity.digest, identity.size)
        if same and put.executable in {None, node.executable}:
            return node
        return self._changed(node, "executable" if same else "content", device_id, **facts)

    def _created(
        self, space: Space, put: Put, device_id: str, facts: dict[str, object]
    ) -> SyncFile:
        parent_id, name = put.position.parent_id, put.position.name
        ensure_free(space, parent_id, name, node_id=None)
        node = SyncFile(
            id=self.new_id(),
            parent_id=parent_id,
            name=name,
            file_name="",
            kind=put.kind,
            version=0,
            created_at=self.now(),
        )
        return self._changed(node, "created", device_id, **facts)

    def _revived(
        self,
        space: Space,
        node: SyncFile,
        position: Position | None,
        device_id: str,
        change: str,
        **facts: object,
    ) -> SyncFile:
        parent_id, name = node.parent_id, node.name
        if position is not None:
            parent_id, name = position.parent_id, position.name
        if node.deleted or position is not None:
            ensure_free(space, parent_id, name, node_id=node.id)
        facts |= {"parent_id": parent_id, "name": name, "deleted_at": None, "confirmed": False}
        return self._changed(node, change, device_id, **facts)

    def _move(
        self, space: Space, node_id: str, position: Position, base_version: int, device_id: str
    ) -> SyncFile:
        node = live_at(space, node_id, base_version)
        parent_id, name = position.parent_id, position.name
        if (node.parent_id, node.name) == (parent_id, name):
            return node
        ensure_free(space, parent_id, name, node_id=node_id)
        return self._changed(node, "moved", device_id, parent_id=parent_id, name=name)

    def ensure_quota(self, growth: int) -> None:
        if self.quota_limit is not None and self.space.used + growth > self.quota_limit:
            raise QuotaExceeded("the account's storage is full")

    # How a change is noted.

    def _changed(self, node: SyncFile, change: str, device_id: str, **facts: object) -> SyncFile:
        changed = replace(
            node,
            version=node.version + 1,
            device_id=device_id,
            updated_at=self.now(),
            **facts,  # type: ignore[arg-type]
        )
        self.space.record(changed, change, self._commit or self.new_id())
        return changed

    @contextmanager
    def _write(self, cursor: str | None) -> Iterator[Space]:
        """One commit: everything written inside has one commit id; hints go out after it."""
        with self.changed:
            ensure_known(self.space, cursor)
            outermost, before = self._commit is None, self.space.head
            self._commit = self._commit or self.new_id()
            try:
                yield self.space
            finally:
                if outermost:
                    self._commit = None
            grown = outermost and self.space.head > before
            if grown:
                self.changed.notify_all()
        if grown:
            for listener in list(self.listeners):
                listener(self.cursor)

    def _replayed(self, key: str, request: object) -> SyncFile | None:
        answer = self.space.answers.get(key)
        if answer is None:
            return None
        if answer.request != request:
            raise InvalidRequest("this idempotency key was used for another request")
        return answer.node

    def _remember(self, key: str, request: object, node: SyncFile) -> SyncFile:
        """Only effects are kept: a request that was refused is judged anew when it comes again."""
        answered = self.space.answered(node)
        self.space.answers[key] = Answer(request, answered)
        return answered


def _result(write: Callable[[], SyncFile]) -> PutResult:
    try:
        return write()
    except Refused as refusal:
        return refusal
