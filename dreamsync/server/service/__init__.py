"""The rules of the server: what a call may do to a space, and what it answers.

Owns compare-and-swap, idempotency, cursors, quota, versions, retention and the care of the stores.
Refuses HTTP, tokens and accounts: a `Caller` is proof that they were checked. Everything is
synchronous and may be called from many threads.

    service = open_service(data_dir)                 # migrates the schema; service.close()
    service.spaces    create, resolve(account_id, space_id | None) -> Head, set_quota, remove
    service.feed      status, head, page(caller, since, limit), file(caller, file_id)
    service.contents  describe(caller, file_id, version), blocks, open(space_id, content_id)
    service.files     receive(caller) -> ContentSink; upload(caller, mutation, request, sink),
                      make_folder, move, delete, restore
    service.batches   upload(caller, items, cursor) -> BatchUpload (write, finish), delete, download
    service.uploads   start, announce, receive_block -> BlockSink (write, finish), state,
                      complete, abandon
    service.versions  of(caller, file_id), trash(caller, after, limit)
    service.acks      note(caller, cursor, missing), receipts(caller)
    service.commits   subscribe(listener) -> unsubscribe; listener(space_id, cursor) after a commit
    service.care      purge, expire_cursors, collect_garbage, confirm_checksums, run, stop
    service.database  the SQLite file, shared with accounts: read() and write() connections
    backup(data_dir, target_dir), restore_backup(backup_dir, data_dir)

A refusal is a `ServiceError` with `code`, `status`, `title`, `detail`, `current` and `extra`.

Content is sent in pieces: `sink = files.receive(caller)`, `sink.write(piece)` as bytes arrive (it
raises `TooLarge` past the limit), then `upload(...)`, which verifies `checksum`, `digest` and
`file_size` of the request and commits; `sink.close()` (or `with`) drops what was not used.

Read first: `requests.py`, `answers.py`, `errors.py`, then `files.py`.
"""

from dreamsync.server.service.backup import BackupError, backup, restore_backup
from dreamsync.server.service.errors import ServiceError
from dreamsync.server.service.requests import Caller, Mutation
from dreamsync.server.service.sync_service import SyncService, open_service

__all__ = [
    "BackupError",
    "Caller",
    "Mutation",
    "ServiceError",
    "SyncService",
    "backup",
    "open_service",
    "restore_backup",
]
