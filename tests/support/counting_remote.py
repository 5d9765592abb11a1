"""A remote that notes which calls were made on it, and how many content bytes went up."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from dreamsync.remotes.delegating import DelegatingRemote
from dreamsync.remotes.protocol import Deletion, Position, Put, PutResult, Remote, Sent, Source
from dreamsync.wire.sync_file import SyncFile


@dataclass
class CountingRemote(DelegatingRemote):
    """`mutations` counts items, so that a batch of ten deletions is ten."""

    wrapped: Remote
    mutations: Counter[str] = field(default_factory=Counter)
    bytes_up: int = 0

    @property
    def inner(self) -> Remote:
        return self.wrapped

    def create_folder(self, put: Put) -> SyncFile:
        self.mutations["folder"] += 1
        return super().create_folder(put)

    def upload(self, put: Put, sent: Sent) -> SyncFile:
        self.mutations["upload"] += 1
        file = super().upload(put, sent)
        self.bytes_up += file.file_size
        return file

    def copy(self, put: Put, source: Source) -> SyncFile:
        self.mutations["copy"] += 1
        return super().copy(put, source)

    def upload_batch(self, items: Sequence[tuple[Put, bytes]]) -> Sequence[PutResult]:
        for put, body in items:
            self.mutations["upload" if put.content else "folder"] += 1
            self.bytes_up += len(body)
        return super().upload_batch(items)

    def move(self, remote_id: str, position: Position, *, base_version: int, key: str) -> SyncFile:
        self.mutations["move"] += 1
        return super().move(remote_id, position, base_version=base_version, key=key)

    def set_executable(
        self, remote_id: str, *, executable: bool, base_version: int, key: str
    ) -> SyncFile:
        self.mutations["executable"] += 1
        return super().set_executable(
            remote_id, executable=executable, base_version=base_version, key=key
        )

    def complete_session(self, session_id: str, put: Put) -> SyncFile:
        self.mutations["upload"] += 1
        return super().complete_session(session_id, put)

    def delete(self, deletion: Deletion) -> SyncFile:
        self.mutations["delete"] += 1
        return super().delete(deletion)

    def delete_batch(self, deletions: Sequence[Deletion]) -> Sequence[PutResult]:
        self.mutations["delete"] += len(deletions)
        return super().delete_batch(deletions)
