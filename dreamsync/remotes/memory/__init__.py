"""The in-memory reference server: the contract in its shortest readable form.

Owns the rules of docs/protocol.md as plain code over dicts, for tests, the simulator, and readers.
Refuses I/O, real clocks and randomness: time and ids are injected, everything is deterministic.

Read first: `server.py` (the rules); `space.py` is the state, `feed.py` the cursors, `uploads.py`
the sessions of large files, `copying.py` copies, `remote.py` the `Remote` of one device.
"""

from dreamsync.remotes.memory.remote import MemoryRemote
from dreamsync.remotes.memory.server import FULL_CAPABILITIES, MemoryServer

__all__ = ["FULL_CAPABILITIES", "MemoryRemote", "MemoryServer"]
