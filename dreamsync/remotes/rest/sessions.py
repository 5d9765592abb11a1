"""Upload sessions over HTTP: a large file in blocks, each straight to storage."""

from collections.abc import Mapping, Sequence

from dreamsync.message import N_
from dreamsync.remotes.errors import InvalidRequest, NotTheContract
from dreamsync.remotes.protocol import Block, BlockTicket, Put, UploadSession
from dreamsync.remotes.rest.api import Api, Request, path_of
from dreamsync.wire.fields import Fields
from dreamsync.wire.place import Place
from dreamsync.wire.sync_file import SyncFile
from dreamsync.wire.uploads import (
    BlockMessage,
    CompleteUpload,
    OpenUpload,
    TicketMessage,
    UploadMessage,
)


def open_session(api: Api, headers: Mapping[str, str], put: Put) -> UploadSession:
    """Under a key of its own each time: a replayed answer could name a session that is gone."""
    if put.content is None:
        raise InvalidRequest(N_("the size of a file must be known before it is sent"))
    body = OpenUpload(
        place=Place(parent_id=put.position.parent_id, name=put.position.name),
        file_size=put.content.size,
        file_id=put.remote_id,
        base_version=put.base_version,
        modified_ns=put.modified_ns or None,
        executable=put.executable,
    )
    request = Request.of_json("POST", "sync/uploads", body.to_json(), headers=headers)
    return _session(api.ask(request, UploadMessage.parse))


def resume(api: Api, headers: Mapping[str, str], session_id: str) -> UploadSession:
    request = Request("GET", path_of("sync", "uploads", session_id), headers=headers)
    return _session(api.ask(request, UploadMessage.parse))


def tickets(
    api: Api, headers: Mapping[str, str], session_id: str, blocks: Sequence[Block]
) -> Sequence[BlockTicket]:
    """A ticket for each block, in their order."""
    announced = [BlockMessage(block.index, block.sha256, block.size).to_json() for block in blocks]
    path = path_of("sync", "uploads", session_id, "blocks")
    request = Request.of_json("POST", path, {"blocks": announced}, headers=headers)
    by_index = {ticket.index: ticket for ticket in api.ask(request, _ticket_list)}
    if by_index.keys() != {block.index for block in blocks}:
        raise NotTheContract(N_("the server answers other blocks than were asked about"))
    found = [by_index[block.index] for block in blocks]
    return [BlockTicket(ticket.index, ticket.url, ticket.headers) for ticket in found]


def complete(api: Api, headers: Mapping[str, str], session_id: str, put: Put) -> SyncFile:
    if put.content is None or put.content.digest is None:
        raise InvalidRequest(
            N_("the digest of a file must be known before its upload is completed")
        )
    body = CompleteUpload(
        digest=put.content.digest,
        checksum=put.content.checksum,
        file_size=put.content.size,
        modified_ns=put.modified_ns or None,
    )
    path = path_of("sync", "uploads", session_id, "complete")
    request = Request.of_json("POST", path, body.to_json(), headers=headers)
    return api.ask(request, SyncFile.parse)


def _ticket_list(value: object) -> Sequence[TicketMessage]:
    return Fields.of(value, "tickets").messages("blocks", TicketMessage.parse)


def _session(message: UploadMessage) -> UploadSession:
    return UploadSession(message.upload_id, message.block_size, dict(message.received))
