"""This system's `Folder`: the only place where the two are chosen between."""

import sys

if sys.platform == "win32":
    from dreamsync.local.windows import HAS_EXECUTABLE_BIT, Folder, fingerprint_of, flush
else:
    from dreamsync.local.posix import HAS_EXECUTABLE_BIT, Folder, fingerprint_of, flush

__all__ = ["HAS_EXECUTABLE_BIT", "Folder", "fingerprint_of", "flush"]
