"""The REST client: `Remote` over HTTP, against our own server and against a plain one.

Owns connections, tokens, the mapping of HTTP answers to errors, and what a plain server lacks and
the client makes up for. Refuses redirects, hosts that nobody named, plain HTTP to other computers,
and every answer that is not the contract's.

Read first: `remote.py` (which dialect a server speaks), then `full.py` and `plain.py` (the two
dialects); `api.py` sends a request, `storage.py` speaks to presigned URLs, `session.py` signs in.
"""

import sys
from types import ModuleType
from typing import cast

# httpx imports its own command line where rich and click happen to be installed, as they are with
# ours: 7 MiB and a fifth of a second in a daemon that has no screen. None means: not to be had.
sys.modules.setdefault("httpx._main", cast("ModuleType", None))

from dreamsync.remotes.rest.connection import Connection  # noqa: E402
from dreamsync.remotes.rest.remote import RestRemote  # noqa: E402
from dreamsync.remotes.rest.tokens import Tokens, TokenStore  # noqa: E402

__all__ = ["Connection", "RestRemote", "TokenStore", "Tokens"]
