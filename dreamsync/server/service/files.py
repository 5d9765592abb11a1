"""Single mutations: upload, copy, folder, move, delete, restore."""

from dataclasses import replace

from dreamsync.server.blobs.store import BlobStore
from dreamsync.server.metadata.records import Content
from dreamsync.server.service import rules
from dreamsync.server.service.answers import Answer
from dreamsync.server.service.clock import Clock, Ids
from dreamsync.server.service.contents import ContentSink
from dreamsync.server.service.draft import Draft
from dreamsync.server.service.requests import (
    Caller,
    CopyRequest,
    DeleteRequest,
    FolderRequest,
    MoveRequest,
    Mutation,
    RestoreRequest,
    UploadRequest,
)
from dreamsync.server.service.writes import Writes


class Files:
    """Every method raises a `ServiceError` where it refuses; then it had no effect."""

    def __init__(self, writes: Writes, blobs: BlobStore, *, clock: Clock, ids: Ids) -> None:
        self._writes = writes
        self._blobs = blobs
        self._clock = clock
        self._ids = ids

    def receive(self, caller: Caller) -> ContentSink:
        """Where the bytes of an upload go before the upload is asked for."""
        return ContentSink(self._blobs.group(caller.space_id))

    def upload(
        self, caller: Caller, mutation: Mutation, request: UploadRequest, sink: ContentSink
    ) -> Answer:
        """The bytes are verified and durable before the commit names them."""
        content = sink.settle(
            request, content_id=self._ids.token(), now_ms=self._clock.now_ms()
        )  # fmt: skip
        return self._writes.one(
            caller,
            mutation,
            upload_identity(request, content),
            lambda draft: rules.put_file(draft, request, content),
        )

    def copy(self, caller: Caller, mutation: Mutation, request: CopyRequest) -> Answer:
        """A file with the content of a version that is here already. Nothing is read or moved: the
        new content names the same blocks."""

        def rule(draft: Draft) -> Answer:
            content = rules.content_to_copy(draft, request, content_id=self._ids.token())
            return rules.put_file(draft, request.upload, content)

        return self._writes.one(caller, mutation, request, rule)

    def make_folder(self, caller: Caller, mutation: Mutation, request: FolderRequest) -> Answer:
        return self._writes.one(
            caller, mutation, request, lambda draft: rules.put_folder(draft, request)
        )

    def move(self, caller: Caller, mutation: Mutation, request: MoveRequest) -> Answer:
        return self._writes.one(caller, mutation, request, lambda draft: rules.move(draft, request))

    def delete(self, caller: Caller, mutation: Mutation, request: DeleteRequest) -> Answer:
        return self._writes.one(
            caller, mutation, request, lambda draft: rules.delete(draft, request)
        )

    def restore(self, caller: Caller, mutation: Mutation, request: RestoreRequest) -> Answer:
        return self._writes.one(
            caller, mutation, request, lambda draft: rules.restore(draft, request)
        )


def upload_identity(request: UploadRequest, content: Content) -> tuple[UploadRequest, str]:
    """What makes a repeated upload the same request: its fields and the bytes that came.

    What was announced about the bytes is left out: it has been verified against them.
    """
    bare = replace(request, file_size=None, checksum=None, digest=None)
    return bare, f"{content.size}:{content.digest}"
