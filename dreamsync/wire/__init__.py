"""The REST contract as data: JSON to frozen dataclasses and back, for client and server alike.

Owns the shapes of design section 5 (see docs/protocol.md) and their strict parsing: whatever does
not fit the contract is a `WireError`, never a half-filled object. Refuses I/O and every other room
but `core`.

Read first: `sync_file.py`, then `messages.py`; `uploads.py` holds the sessions of large files,
`batch.py` the items and framing of batches, `problems.py` the errors.
"""
