"""What the service is asked: who calls, and one frozen dataclass for each kind of request."""

from dataclasses import dataclass

from dreamsync.core.nodes import Kind


@dataclass(frozen=True, slots=True)
class Caller:
    """Who acts. Holding one is the proof that the account is a member of the space.

    Made by the HTTP layer from a verified token and `Spaces.resolve`.
    """

    account_id: str
    space_id: str
    device_id: str


@dataclass(frozen=True, slots=True)
class Mutation:
    """The headers of a mutation: `Idempotency-Key` and `Sync-Cursor`."""

    key: str
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class PathPlace:
    """A position given as `fileName`; parents that are missing are made."""

    file_name: str


@dataclass(frozen=True, slots=True)
class ParentPlace:
    """A position given as `parentId` (None: below the root) and `name`."""

    parent_id: str | None
    name: str


Place = PathPlace | ParentPlace


@dataclass(frozen=True, slots=True)
class UploadRequest:
    """`POST /sync/upload`. `checksum`, `digest` and `file_size` are verified where given."""

    place: Place | None
    file_id: str | None = None
    base_version: int = 0
    modified_ns: int | None = None
    executable: bool | None = None
    file_size: int | None = None
    checksum: str | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class CopyRequest:
    """`POST /sync/files/{fileId}/copy`: `source_id` at `version` has the content that `upload`, the
    rest of the request, announces; size and digest must be there."""

    source_id: str
    version: int
    upload: UploadRequest


@dataclass(frozen=True, slots=True)
class FolderRequest:
    """`POST /sync/folders`. With `file_id` and `base_version` a deleted folder comes back."""

    place: Place | None
    file_id: str | None = None
    base_version: int = 0


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """`PATCH /sync/files/{fileId}`. None leaves position or executable bit as it is."""

    file_id: str
    base_version: int
    place: Place | None = None
    executable: bool | None = None


@dataclass(frozen=True, slots=True)
class DeleteRequest:
    """`DELETE /sync/files/{fileId}`. `confirmed`: a person has answered for it."""

    file_id: str
    base_version: int
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class RestoreRequest:
    """`POST /sync/files/{fileId}/restore`: the content of `version` becomes the newest.

    `place` None: where the node is, or was when it was deleted.
    """

    file_id: str
    version: int
    base_version: int
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class BatchUploadItem:
    """One item of `POST /sync/batch/upload`; a folder has `file_size` 0 and no bytes."""

    key: str
    kind: Kind
    request: UploadRequest
    file_size: int = 0


@dataclass(frozen=True, slots=True)
class BatchDeleteItem:
    key: str
    request: DeleteRequest


@dataclass(frozen=True, slots=True)
class BatchDownloadItem:
    file_id: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class StartUploadRequest:
    """`POST /sync/uploads`: a resumable upload of `file_size` bytes."""

    place: Place | None
    file_size: int
    file_id: str | None = None
    base_version: int = 0
    modified_ns: int | None = None
    executable: bool | None = None


@dataclass(frozen=True, slots=True)
class AnnouncedBlock:
    """A block the client has; `sha256` in hex."""

    index: int
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class CompleteRequest:
    """`POST /sync/uploads/{uploadId}/complete`. `checksum` is claimed: verified later."""

    digest: str | None = None
    checksum: str | None = None
    file_size: int | None = None
    modified_ns: int | None = None
