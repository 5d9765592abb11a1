"""One operation to one task: what a job needs to know, looked up at the last moment.

Intents are noted here, before anything is sent.
"""

from dreamsync.core.nodes import Content, Fingerprint, Kind, LocalEntry, NodeKey
from dreamsync.core.operations import (
    CreateRemoteFolder,
    DeleteRemote,
    Download,
    MoveRemote,
    SetRemoteExecutable,
    Upload,
)
from dreamsync.core.trees import Place, place_of
from dreamsync.engine.context import Context, Transfer
from dreamsync.engine.copies import source_of
from dreamsync.engine.jobs.download import DownloadTask
from dreamsync.engine.jobs.reading import FileToRead
from dreamsync.engine.jobs.upload import CopyFirst, UploadTask
from dreamsync.journal.records import Intent, SessionRecord
from dreamsync.journal.rows import NO_FILE
from dreamsync.remotes.protocol import Deletion, Fetch, Position, Put


def note_intent(
    context: Context, node: NodeKey, base_version: int, place: Place, fingerprint: Fingerprint
) -> None:
    """Where content was sent on the same version before, it is still that which may arrive."""
    known = context.journal.intents.of(node)
    if known is not None and known.base_version == base_version and fingerprint == NO_FILE:
        fingerprint = known.fingerprint
    now_ms = context.clock.now_ms()
    context.journal.intents.add(Intent(node, base_version, place, fingerprint, now_ms))


def folder_put(context: Context, operation: CreateRemoteFolder, position: Position) -> Put:
    revives = operation.revives
    local = context.journal.trees.local(operation.node)
    base_version = revives.version if revives else 0
    fingerprint = local.fingerprint if local else NO_FILE
    note_intent(context, operation.node, base_version, operation.place, fingerprint)
    return Put(
        key=context.random.token(),
        kind=Kind.FOLDER,
        position=position,
        remote_id=revives.remote_id if revives else None,
        base_version=base_version,
    )


def upload_task(
    context: Context, operation: Upload, local: LocalEntry, path: str, position: Position
) -> UploadTask:
    node = operation.node
    known = operation.remote or operation.revives
    base_version = known.version if known else 0
    session = _session(context, node, base_version, local)
    place = operation.place if session is None else session.place
    note_intent(context, node, base_version, place, local.fingerprint)
    transfer = Transfer(context.path(node), up=True, total=local.fingerprint.size)
    context.transfers[node] = transfer
    put = Put(
        key=context.random.token(),
        kind=Kind.FILE,
        position=position,
        remote_id=known.remote_id if known else None,
        base_version=base_version,
        content=Content(local.fingerprint.size),
        modified_ns=local.fingerprint.mtime_ns,
        executable=local.executable,
    )
    file = FileToRead(path, local.fingerprint)
    return UploadTask(
        operation,
        put,
        place,
        file,
        transfer,
        session.session if session else None,
        _copy_first(context, node, local.content),
    )


def _copy_first(context: Context, node: NodeKey, content: Content | None) -> CopyFirst | None:
    source = source_of(context, node, content) if content is not None else None
    if source is None or content is None:
        return None
    return CopyFirst(context.random.token(), source, content)


def _session(
    context: Context, node: NodeKey, base_version: int, local: LocalEntry
) -> SessionRecord | None:
    """One begun before, of the same length and for the same version: blocks may have changed."""
    record = context.journal.sessions.of(node)
    if record is None or record.base_version != base_version:
        return None
    return record if record.fingerprint.size == local.fingerprint.size else None


def download_task(context: Context, operation: Download, path: str) -> DownloadTask:
    node, remote = operation.node, operation.remote
    content = remote.content or Content(0)
    transfer = Transfer(context.path(node), up=False, total=content.size)
    context.transfers[node] = transfer
    return DownloadTask(
        operation=operation,
        fetch=Fetch(remote.remote_id, remote.version, content),
        path=path,
        staged=f"{node}-{(content.digest or content.checksum or '')[:32]}",
        expect=operation.expect.fingerprint if operation.expect else None,
        mtime_ns=remote.modified_ns,
        executable=remote.executable,
        keep_as=None if _kept_on_server(context, operation) else "replaced",
        transfer=transfer,
    )


def _kept_on_server(context: Context, operation: Download) -> bool:
    """Whether what is displaced is a version that the server keeps; else it goes to the trash."""
    if operation.expect is None:
        return True
    base = context.journal.trees.base(operation.node)
    content = base.content if base else None
    return (
        context.remote.capabilities.versions and content is not None and content.digest is not None
    )


def note_change(context: Context, operation: MoveRemote | SetRemoteExecutable) -> None:
    """An intent to change something other than the content."""
    expect = operation.expect
    place = operation.place if isinstance(operation, MoveRemote) else place_of(expect)
    note_intent(context, operation.node, expect.version, place, NO_FILE)


def deletion_request(context: Context, operation: DeleteRemote, path: str) -> Deletion:
    expect = operation.expect
    note_intent(context, operation.node, expect.version, place_of(expect), NO_FILE)
    return Deletion(
        key=context.random.token(),
        remote_id=expect.remote_id,
        base_version=expect.version,
        path=path,
        confirmed=operation.confirmed,
    )
