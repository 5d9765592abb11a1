"""`FullDialect`: the contract in full, as our own server speaks it."""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from dreamsync.message import N_
from dreamsync.remotes.errors import (
    ContentMismatch,
    InvalidRequest,
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
from dreamsync.remotes.rest import batches, sessions
from dreamsync.remotes.rest.api import Api, Request, path_of
from dreamsync.remotes.rest.events import EventStreams
from dreamsync.remotes.rest.multipart import Form
from dreamsync.remotes.rest.storage import Storage
from dreamsync.wire.messages import (
    CapabilitiesMessage,
    DownloadTicket,
    FilesPage,
    Listing,
    StatusMessage,
    VersionMessage,
)
from dreamsync.wire.place import Place
from dreamsync.wire.sync_file import SyncFile, nanoseconds_to_json
from dreamsync.wire.uploads import BlockListMessage

_Message = TypeVar("_Message")


class FullDialect:
    """Shared by threads; the only state is the cursor that mutations carry."""

    def __init__(
        self, api: Api, device_id: str, status: StatusMessage, *, space_id: str | None = None
    ) -> None:
        self._api = api
        self._device_id = device_id
        self._space_id = space_id
        self._cursor: str | None = None
        self._storage = Storage(api.connection, api.client)
        self._events = EventStreams(api)
        self._capabilities = Capabilities()
        self.note_status(status)

    def note_status(self, message: StatusMessage) -> RemoteStatus:
        """What a status answer says from now on."""
        offered = message.capabilities or CapabilitiesMessage()
        self._capabilities = capabilities_of(offered)
        self._storage.hosts = self._capabilities.storage_hosts
        return RemoteStatus(
            cursor=message.cursor,
            server_time=message.server_time or self._api.server_time,
            capabilities=self._capabilities,
            space_id=message.space_id,
            quota_used=message.quota_used,
            quota_limit=message.quota_limit,
        )

    def status(self) -> RemoteStatus:
        return self.note_status(self._get("sync/status", StatusMessage.parse))

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def changes(self, since: str | None, *, limit: int = 1000) -> Page:
        params = {"limit": str(limit)} | ({} if since is None else {"since": since})
        page = self._get("sync/files", FilesPage.parse, params)
        return Page(page.files, page.cursor, page.has_more)

    def use_cursor(self, cursor: str | None) -> None:
        self._cursor = cursor

    def create_folder(self, put: Put) -> SyncFile:
        body = {
            **place_of(put.position).to_json(),
            "fileId": put.remote_id,
            "baseVersion": put.base_version,
        }
        return self._write("POST", "sync/folders", put.key, body, SyncFile.parse)

    def upload(self, put: Put, sent: Sent) -> SyncFile:
        if put.content is None:
            raise InvalidRequest(N_("the size of a file must be known before it is sent"))
        form = Form.of(form_fields(put, self._device_id), sent, put.content.size)
        headers = {**self._headers(put.key), **form.headers}
        request = Request("POST", "sync/upload", headers=headers, content=form.body())
        return self._api.ask(request, SyncFile.parse)

    def copy(self, put: Put, source: Source) -> SyncFile:
        if put.content is None or put.content.digest is None:
            raise InvalidRequest(N_("the digest of a file must be known before it is copied"))
        body = {
            **place_of(put.position).to_json(),
            "version": source.version,
            "fileSize": put.content.size,
            "digest": put.content.digest,
            "checksum": put.content.checksum,
            "fileId": put.remote_id,
            "baseVersion": put.base_version,
            "modifiedAt": nanoseconds_to_json(put.modified_ns or None),
            "executable": put.executable,
        }
        path = path_of("sync", "files", source.remote_id, "copy")
        return self._write("POST", path, put.key, body, SyncFile.parse)

    def upload_batch(self, items: Sequence[tuple[Put, bytes]]) -> Sequence[PutResult]:
        return batches.upload(self._api, self._headers(new_key()), items)

    def delete_batch(self, deletions: Sequence[Deletion]) -> Sequence[PutResult]:
        return batches.delete(self._api, self._headers(new_key()), deletions)

    def download_batch(self, items: Sequence[Fetch]) -> Sequence[bytes | Refused]:
        return batches.download(self._api, self._space_headers(), items)

    def open_session(self, put: Put) -> UploadSession:
        return sessions.open_session(self._api, self._headers(new_key()), put)

    def resume_session(self, session_id: str) -> UploadSession:
        return sessions.resume(self._api, self._space_headers(), session_id)

    def block_tickets(self, session_id: str, blocks: Sequence[Block]) -> Sequence[BlockTicket]:
        return sessions.tickets(self._api, self._headers(new_key()), session_id, blocks)

    def send_block(
        self, ticket: BlockTicket, block: Block, content: bytes, *, pace: Pace = unpaced
    ) -> None:
        if ticket.url is not None:
            self._storage.write(ticket, block, content, pace)

    def complete_session(self, session_id: str, put: Put) -> SyncFile:
        return sessions.complete(self._api, self._headers(put.key), session_id, put)

    def abandon_session(self, session_id: str) -> None:
        path = path_of("sync", "uploads", session_id)
        self._api.send(Request("DELETE", path, headers=self._headers(new_key())))

    def download(self, fetch: Fetch, *, offset: int = 0, end: int | None = None) -> Iterator[bytes]:
        """An expired URL is asked for anew once; a second one will not help either."""
        for last in (False, True):
            try:
                yield from self._read(fetch, offset, end)
            except UrlExpired as error:
                if last:
                    raise Unreachable(N_("storage refuses every address for this file")) from error
            else:
                return

    def _read(self, fetch: Fetch, offset: int, end: int | None) -> Iterator[bytes]:
        path = path_of("sync", "download", fetch.remote_id)
        ticket = self._get(path, DownloadTicket.parse, {"version": str(fetch.version)})
        if ticket.digest not in (None, fetch.content.digest) or (
            ticket.file_size not in (None, fetch.content.size)
        ):
            raise ContentMismatch(
                N_("the server has other content at this version than it announced")
            )
        return self._storage.read(ticket.url, size=fetch.content.size, offset=offset, end=end)

    def blocks(self, fetch: Fetch) -> BlockList:
        path = path_of("sync", "files", fetch.remote_id, "blocks")
        answer = self._get(path, BlockListMessage.parse, {"version": str(fetch.version)})
        return BlockList(answer.block_size, answer.sha256)

    def move(self, remote_id: str, position: Position, *, base_version: int, key: str) -> SyncFile:
        body = {**place_of(position).to_json(), "baseVersion": base_version}
        path = path_of("sync", "files", remote_id)
        return self._write("PATCH", path, key, body, SyncFile.parse)

    def set_executable(
        self, remote_id: str, *, executable: bool, base_version: int, key: str
    ) -> SyncFile:
        body = {"executable": executable, "baseVersion": base_version}
        path = path_of("sync", "files", remote_id)
        return self._write("PATCH", path, key, body, SyncFile.parse)

    def delete(self, deletion: Deletion) -> SyncFile:
        params = {"baseVersion": str(deletion.base_version)}
        if deletion.confirmed:
            params["confirmed"] = "true"
        path = path_of("sync", "files", deletion.remote_id)
        request = Request("DELETE", path, params, self._headers(deletion.key))
        return self._api.ask(request, SyncFile.parse)

    def versions(self, remote_id: str) -> Sequence[KeptVersion]:
        listing = self._get(path_of("sync", "files", remote_id, "versions"), _version_list)
        return [kept_version(message) for message in listing]

    def restore(
        self,
        remote_id: str,
        *,
        version: int,
        base_version: int,
        key: str,
        position: Position | None = None,
    ) -> SyncFile:
        place = {} if position is None else place_of(position).to_json()
        body = {"version": version, "baseVersion": base_version, **place}
        path = path_of("sync", "files", remote_id, "restore")
        return self._write("POST", path, key, body, SyncFile.parse)

    def trash(self) -> Iterator[SyncFile]:
        after: str | None = None
        while True:
            params = {} if after is None else {"after": after}
            files, after = self._get("sync/trash", _trash_page, params)
            yield from files
            if after is None:
                return

    def current(self, remote_id: str) -> SyncFile:
        return self._get(path_of("sync", "files", remote_id), SyncFile.parse)

    def hints(self) -> Iterator[str | None]:
        return self._events.hints()

    def end_hints(self) -> None:
        self._events.end()

    def ack(self, cursor: str, *, missing: Sequence[str]) -> None:
        body: Mapping[str, object] = {"cursor": cursor, "missing": list(missing)}
        headers = self._headers(new_key())
        self._api.send(Request.of_json("POST", "sync/ack", body, headers=headers))

    def close(self) -> None:
        self._events.close()
        self._storage.close()
        self._api.close()

    def _get(
        self,
        path: str,
        parse: Callable[[object], _Message],
        params: Mapping[str, str] | None = None,
    ) -> _Message:
        return self._api.ask(Request("GET", path, params or {}, self._space_headers()), parse)

    def _write(
        self,
        method: str,
        path: str,
        key: str,
        body: Mapping[str, object],
        parse: Callable[[object], _Message],
    ) -> _Message:
        request = Request.of_json(method, path, body, headers=self._headers(key))
        return self._api.ask(request, parse)

    def _headers(self, key: str) -> Mapping[str, str]:
        """The headers of a mutation under idempotency key `key`."""
        cursor = {} if self._cursor is None else {"Sync-Cursor": self._cursor}
        return {"Idempotency-Key": key, **cursor, **self._space_headers()}

    def _space_headers(self) -> Mapping[str, str]:
        return {} if self._space_id is None else {"Sync-Space": self._space_id}


def new_key() -> str:
    """For requests that may take effect twice without harm: nothing is replayed under this key."""
    return secrets.token_hex(16)


def place_of(position: Position) -> Place:
    return Place(parent_id=position.parent_id, name=position.name)


def form_fields(put: Put, device_id: str) -> Mapping[str, str]:
    """The text fields of an upload form that come before the file."""
    fields = {
        "parentId": put.position.parent_id or "",
        "name": put.position.name,
        "baseVersion": str(put.base_version),
        "deviceId": device_id,
        "fileSize": str(put.content.size if put.content else 0),
    }
    modified_at = nanoseconds_to_json(put.modified_ns) if put.modified_ns else None
    optional = {
        "fileId": put.remote_id,
        "modifiedAt": modified_at,
        "executable": None if put.executable is None else str(put.executable).lower(),
    }
    return fields | {name: value for name, value in optional.items() if value is not None}


def capabilities_of(offered: CapabilitiesMessage) -> Capabilities:
    return Capabilities(
        digest=offered.digest,
        parents=offered.parents,
        folders=offered.folders,
        patch=offered.patch,
        versions=offered.versions,
        trash=offered.trash,
        events=offered.events,
        blocks=offered.blocks,
        acks=offered.ack,
        confirm=offered.confirm,
        copies=offered.copy,
        sessions=offered.upload_block_size is not None,
        batch_items=offered.batch_items,
        batch_bytes=offered.batch_bytes,
        upload_limit=offered.upload_block_size,
        retention_days=offered.retention_days,
        storage_hosts=frozenset(host.lower() for host in offered.storage_hosts),
    )


def kept_version(message: VersionMessage) -> KeptVersion:
    return KeptVersion(
        version=message.version,
        change=message.change,
        parent_id=message.parent_id,
        name=message.name,
        size=message.file_size,
        digest=message.digest,
        checksum=message.checksum,
        created_at=message.created_at,
        device_id=message.device_id,
        device_name=message.device_name,
        available=message.available,
    )


def _version_list(value: object) -> Sequence[VersionMessage]:
    return [VersionMessage.parse(item) for item in Listing.parse(value).items]


def _trash_page(value: object) -> tuple[Sequence[SyncFile], str | None]:
    listing = Listing.parse(value)
    return [SyncFile.parse(item) for item in listing.items], listing.next
