"""`PlainDialect`: a server that has the first rows of the contract and no more.

Such a server knows flat `fileName`s, an ISO time as position in its feed, and no versions. What the
client makes up for, and how far that goes:

- *Folders* are made of the paths, with the ids `folder:PATH`. They exist where a file below them
  does. Creating or deleting one sends nothing: an empty folder stays on the device that made it so.
- *The feed* is asked for from `OVERLAP` before the newest `updatedAt` seen, so that a row which was
  committed late is not missed; what lies in the overlap is told again, unchanged. Only a tombstone
  is a deletion. An empty answer, or a file that is not in it, never is.
- *Versions* are `updatedAt` in milliseconds, or, without it, a number made of the checksum.
- *Compare-and-swap* is approximated: right before a write the feed is asked what has changed since
  the cursor in use, and if that touches the same file the write is a `Conflict`. Between that look
  and the write another device can still get in; a plain server then keeps the later of the two.
- *Moves* are `Refused`: the engine deletes and creates instead.
- *Storage hosts* are the server's own and those of `Connection.storage_hosts`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from dreamsync.core.nodes import Content, Kind
from dreamsync.message import N_
from dreamsync.remotes.errors import (
    Conflict,
    ConflictCode,
    ContentMismatch,
    HistoryReplaced,
    InvalidRequest,
    NotFound,
    NotTheContract,
    Refused,
    Unreachable,
    UrlExpired,
)
from dreamsync.remotes.protocol import (
    Block,
    BlockList,
    BlockTicket,
    Capabilities,
    Deletion,
    Fetch,
    KeptVersion,
    Pace,
    Page,
    Position,
    Put,
    PutResult,
    RemoteStatus,
    Sent,
    Source,
    UploadSession,
    unpaced,
)
from dreamsync.remotes.rest.api import Api, Request, path_of
from dreamsync.remotes.rest.multipart import Form
from dreamsync.remotes.rest.storage import Storage
from dreamsync.wire.fields import Fields
from dreamsync.wire.messages import DownloadTicket, StatusMessage
from dreamsync.wire.sync_file import SyncFile, nanoseconds_to_json, time_to_json

OVERLAP = timedelta(minutes=5)
_FOLDER = "folder:"


class PlainDialect:
    """Shared by threads; the only state is the cursor, from which a write looks for changes."""

    def __init__(self, api: Api, device_id: str) -> None:
        self._api = api
        self._device_id = device_id
        self._cursor: str | None = None
        self._storage = Storage(api.connection, api.client)

    def note_status(self, message: StatusMessage) -> RemoteStatus:
        """The cursor is empty: a plain server does not tell the head of its feed."""
        return RemoteStatus(
            cursor=message.cursor,
            server_time=message.server_time or self._api.server_time,
            capabilities=self.capabilities,
            space_id=message.space_id,
            quota_used=message.quota_used,
            quota_limit=message.quota_limit,
        )

    def status(self) -> RemoteStatus:
        return self.note_status(self._api.ask(Request("GET", "sync/status"), StatusMessage.parse))

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities()

    def use_cursor(self, cursor: str | None) -> None:
        self._cursor = cursor

    def changes(self, since: str | None, *, limit: int = 1000) -> Page:
        """Everything at once: a plain server has no pages, so `limit` is not sent."""
        del limit
        files = self._files(since)
        newest = max((file.updated_at for file in files if file.updated_at), default=None)
        told = files if since is not None else [file for file in files if not file.deleted]
        return Page(tuple(with_folders(told)), _later(since, newest), has_more=False)

    def create_folder(self, put: Put) -> SyncFile:
        return synthetic_folder(put.position.path)

    def upload(self, put: Put, sent: Sent) -> SyncFile:
        if put.content is None:
            raise InvalidRequest(N_("the size of a file must be known before it is sent"))
        self._ensure_unchanged(put.position.path, put.remote_id, put.base_version)
        modified_at = nanoseconds_to_json(put.modified_ns) if put.modified_ns else None
        fields = {"fileName": put.position.path, "deviceId": self._device_id}
        form = Form.of(
            fields | ({} if modified_at is None else {"modifiedAt": modified_at}),
            sent,
            put.content.size,
        )
        headers = {"Idempotency-Key": put.key, **form.headers}
        request = Request("POST", "sync/upload", headers=headers, content=form.body())
        uploaded = self._api.ask(request, SyncFile.parse)
        _ensure_same_content(uploaded, sent.content)
        return placed(uploaded)

    def download(self, fetch: Fetch, *, offset: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The newest content: `ContentMismatch` where the server tells that it is not this one."""
        for last in (False, True):
            path = path_of("sync", "download", fetch.remote_id)
            ticket = self._api.ask(Request("GET", path), DownloadTicket.parse)
            if None not in (ticket.checksum, fetch.content.checksum) and (
                ticket.checksum != fetch.content.checksum
            ):
                raise ContentMismatch(
                    N_("the file has changed on the server since it was announced")
                )
            try:
                size = fetch.content.size
                yield from self._storage.read(ticket.url, size=size, offset=offset, end=end)
            except UrlExpired as error:
                if last:
                    raise Unreachable(N_("storage refuses every address for this file")) from error
            else:
                return

    def delete(self, deletion: Deletion) -> SyncFile:
        """The tombstone is made up of the request; the feed tells the real one later."""
        if deletion.remote_id.startswith(_FOLDER):
            folder = synthetic_folder(deletion.path)
            return replace(folder, deleted_at=self._server_time(), confirmed=deletion.confirmed)
        self._ensure_unchanged(deletion.path, deletion.remote_id, deletion.base_version)
        path = path_of("sync", "files", deletion.remote_id)
        self._api.send(Request("DELETE", path, headers={"Idempotency-Key": deletion.key}))
        return placed(
            SyncFile(
                id=deletion.remote_id,
                name="",
                file_name=deletion.path,
                kind=Kind.FILE,
                version=deletion.base_version + 1,
                deleted_at=self._server_time(),
                confirmed=deletion.confirmed,
            )
        )

    def current(self, remote_id: str) -> SyncFile:
        """Asks for the whole list: a plain server cannot tell of one file."""
        found = [file for file in self._files(None) if file.id == remote_id]
        if not found:
            raise NotFound(N_("the server has no such file"))
        return found[-1]

    def upload_batch(self, items: Sequence[tuple[Put, bytes]]) -> Sequence[PutResult]:
        return _not_offered(items)

    def delete_batch(self, deletions: Sequence[Deletion]) -> Sequence[PutResult]:
        return _not_offered(deletions)

    def download_batch(self, items: Sequence[Fetch]) -> Sequence[bytes | Refused]:
        return _not_offered(items)

    def open_session(self, put: Put) -> UploadSession:
        return _not_offered(put)

    def resume_session(self, session_id: str) -> UploadSession:
        return _not_offered(session_id)

    def block_tickets(self, session_id: str, blocks: Sequence[Block]) -> Sequence[BlockTicket]:
        return _not_offered(session_id, blocks)

    def send_block(
        self, ticket: BlockTicket, block: Block, content: bytes, *, pace: Pace = unpaced
    ) -> None:
        _not_offered(ticket, block, content, pace)

    def complete_session(self, session_id: str, put: Put) -> SyncFile:
        return _not_offered(session_id, put)

    def abandon_session(self, session_id: str) -> None:
        _not_offered(session_id)

    def copy(self, put: Put, source: Source) -> SyncFile:
        return _not_offered(put, source)

    def blocks(self, fetch: Fetch) -> BlockList:
        return _not_offered(fetch)

    def move(self, remote_id: str, position: Position, *, base_version: int, key: str) -> SyncFile:
        return _not_offered(remote_id, position, base_version, key)

    def set_executable(
        self, remote_id: str, *, executable: bool, base_version: int, key: str
    ) -> SyncFile:
        return _not_offered(remote_id, executable, base_version, key)

    def versions(self, remote_id: str) -> Sequence[KeptVersion]:
        return _not_offered(remote_id)

    def restore(
        self,
        remote_id: str,
        *,
        version: int,
        base_version: int,
        key: str,
        position: Position | None = None,
    ) -> SyncFile:
        return _not_offered(remote_id, version, base_version, key, position)

    def trash(self) -> Iterator[SyncFile]:
        return _not_offered()

    def hints(self) -> Iterator[str | None]:
        return _not_offered()

    def end_hints(self) -> None:
        """There are none."""

    def ack(self, cursor: str, *, missing: Sequence[str]) -> None:
        """Receipts are kept by nobody here."""

    def close(self) -> None:
        self._storage.close()
        self._api.close()

    def _files(self, since: str | None) -> Sequence[SyncFile]:
        """The rows changed since `OVERLAP` before the cursor, as they are, but for versions."""
        overlapped = _overlapped(since)
        params = {} if overlapped is None else {"since": overlapped}
        return [
            placed(file) for file in self._api.ask(Request("GET", "sync/files", params), _file_list)
        ]

    def _ensure_unchanged(self, path: str, remote_id: str | None, base_version: int) -> None:
        """Raise `Conflict` where the file has another version than the client knows."""
        for file in self._files(self._cursor):
            if file.id == remote_id:
                if file.version != base_version:
                    raise Conflict(ConflictCode.STALE, file)
            elif file.file_name == path and not file.deleted:
                raise Conflict(ConflictCode.NAME_TAKEN, file)

    def _server_time(self) -> datetime:
        return self._api.server_time or datetime.fromtimestamp(0, UTC)


def synthetic_folder(path: str) -> SyncFile:
    """The folder that `path` implies: always at version 1, since nothing about it can change."""
    parent, _, name = path.rpartition("/")
    return SyncFile(
        id=_FOLDER + path,
        parent_id=_FOLDER + parent if parent else None,
        name=name,
        file_name=path,
        kind=Kind.FOLDER,
        version=1,
    )


def placed(file: SyncFile) -> SyncFile:
    """The file with a parent, a name and a version made up of what a plain server tells; its own
    time, where that is not told, is when the server got it."""
    folder = synthetic_folder(file.file_name)
    version = file.version or _version(file)
    modified_ns = file.modified_ns or _milliseconds(file.updated_at) * 1_000_000
    return replace(
        file,
        parent_id=folder.parent_id,
        name=folder.name,
        version=version,
        modified_ns=modified_ns or None,
    )


def with_folders(files: Sequence[SyncFile]) -> Iterator[SyncFile]:
    """Each live file preceded by the folders above it, each folder once."""
    told: set[str] = set()
    for file in files:
        components = file.file_name.split("/")[:-1]
        for depth in range(1, len(components) + 1 if not file.deleted else 0):
            path = "/".join(components[:depth])
            if path not in told:
                told.add(path)
                yield synthetic_folder(path)
        yield file


def _version(file: SyncFile) -> int:
    if file.updated_at is not None:
        return max(1, _milliseconds(file.updated_at))
    digits = (file.checksum or "")[:12]
    try:
        return int(digits, 16) or 1
    except ValueError as error:
        raise NotTheContract(N_("a file has neither updatedAt nor checksum")) from error


def _milliseconds(moment: datetime | None) -> int:
    return 0 if moment is None else round(moment.timestamp() * 1000)


def _overlapped(since: str | None) -> str | None:
    if not since:
        return None
    try:
        moment = datetime.fromisoformat(since)
    except ValueError as error:
        raise HistoryReplaced(N_("the position is that of another kind of server")) from error
    return time_to_json(moment - OVERLAP)


def _later(since: str | None, newest: datetime | None) -> str:
    """The cursor after an answer: the newest `updatedAt` so far, or empty before the first file."""
    told = time_to_json(newest)
    if not since or told is None:
        return told or since or ""
    return max(since, told, key=datetime.fromisoformat)


def _file_list(value: object) -> Sequence[SyncFile]:
    """`{files: [...]}`, or the bare list that a small server may answer."""
    if isinstance(value, list):
        return [SyncFile.parse(item) for item in value]
    return Fields.of(value, "files").messages("files", SyncFile.parse)


def _ensure_same_content(file: SyncFile, sent: Content) -> None:
    if file.checksum is not None and file.checksum.lower() != sent.checksum:
        raise ContentMismatch(N_("the server has noted another content than was sent"))


def _not_offered(*_: object) -> NoReturn:
    raise InvalidRequest(N_("this server does not offer that"))
